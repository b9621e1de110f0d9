// trueno-demo: the table this project began with.
//
// Sums and means of a million rows, and one fused expression, by the interpreter and by generated code for
// every target of the host, beside the loop one would write by hand. What to see: one column of bits that all
// agree, and what that costs (nothing) or gains against the plain loop; then the machine code itself.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "jit/target.h"
#include "tools/npy.h"
#include "tools/options.h"
#include "trueno/kernel.h"

namespace trueno::tools {

inline constexpr std::string_view kDemoName = "trueno-demo";

/// The whole tool: 0 if all bits agree, also where generated code had to be skipped; 1 if they do not;
/// 3 if it is required and refused.
int demo_tool(int argc, const char* const* argv, const Streams& streams = {});

/// The data: two columns, mapped from the files they were written to.
struct Columns {
  NpyArray price;     ///< f32
  NpyArray quantity;  ///< i32
};

/// Writes the columns (always the same numbers) to `directory`, or to a temporary one that is gone afterwards;
/// maps them back. Says what it did. Errors: Status::io.
Result<Columns> make_columns(const std::string& directory, std::size_t rows, const Streams& streams);

/// One row group of the table: a kernel's text, its arguments, and the plain loop that answers the same.
struct Query {
  std::string title, text;
  std::vector<Name> names;
  std::vector<Arg> arguments;
  Type result = Type::f32;
  std::size_t bytes = 0;                 ///< read by one run
  std::function<std::uint64_t()> plain;  ///< runs the plain loop; the bits of its result
};

std::vector<Query> make_queries(const Columns& columns);

/// The targets the demo can run; says of all others that code can be generated for why they are skipped.
/// Errors: unavailable where code is required (TRUENO_JIT) and refused.
Result<std::vector<jit::Target>> usable_targets(const Streams& streams);

/// Runs, measures and prints one query, by the interpreter and on these targets. Result: whether all bits agree.
Result<bool> show_query(const Query& query, const std::vector<jit::Target>& targets, double budget_ns,
                        const Streams& streams);

/// Prints the main loop of the sum of floats for a target, decoded from the bytes.
Result<void> show_machine_code(const jit::Target& target, const Streams& streams);

}  // namespace trueno::tools
