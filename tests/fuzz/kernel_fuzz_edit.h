// Edits of a case that leave it valid: what the shrinker tries.
//
// None of them keeps the meaning; whether the smaller case still fails is asked afterwards.
#pragma once

#include <array>

#include "tests/fuzz/kernel_fuzz_case.h"

namespace trueno::fuzz {

/// What a person would call large, most important first; compared in that order.
using Cost = std::array<std::uint64_t, 9>;
Cost cost_of(const Case& c);

/// Drops what no result needs (nodes, parameters with their inputs, tables, calls) and finds anew what varies.
void tidy(Case& c);

/// Every user of `id` (and every result) takes `other` instead, which stands before it and has its type.
void substitute(ir::Kernel& kernel, ir::NodeId id, ir::NodeId other);

/// The node becomes a constant.
void make_constant(ir::Kernel& kernel, ir::NodeId id, std::uint64_t bits);

/// The node becomes a new parameter with these values: n of them, stored, if it is an array, else one.
void make_parameter(Case& c, ir::NodeId id, bool array, const std::vector<std::uint8_t>& values);

/// The only result is this node (a mask: as 1 or 0).
void make_only_result(Case& c, ir::NodeId id);

void drop_result(Case& c, std::size_t result);

/// Takes elements [begin, end) out of all arrays.
void drop_elements(Case& c, std::int64_t begin, std::int64_t end);

/// An array parameter becomes a scalar one, with the value of that element (or 0).
void make_scalar(Case& c, std::size_t param, std::int64_t element);

/// A reduction takes all elements: its reducer, with a filter in it if it is expanded, becomes what it was before.
void drop_filter(ir::Kernel& kernel, ir::NodeId id);

/// Has each component a reduction that it is of? Not so after an edit has put something else in its place.
bool components_fit(const ir::Kernel& kernel);

/// What reducer `index` computes of component `which` becomes a parameter of its step or merge.
void pass_through(ir::Kernel& kernel, std::size_t index, bool step, std::size_t which, std::size_t param);

/// 1 of a number type.
std::uint64_t one_of(Type type);

}  // namespace trueno::fuzz
