// Kernels by hand for tests of the interpreter and the passes: nodes are filled in directly, so that these
// tests need neither the parser nor the builder. Also: typed scalars as cells, and running a kernel.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

#include "ir/interpret.h"
#include "ir/kernel.h"
#include "ir/passes/passes.h"

namespace trueno::ir::test {

/// A scalar of some type, as its bits.
struct Scalar {
  Type type;
  std::uint64_t bits;
  friend bool operator==(const Scalar&, const Scalar&) = default;
};
inline Scalar f32(float v) { return {Type::f32, std::bit_cast<std::uint32_t>(v)}; }
inline Scalar f64(double v) { return {Type::f64, std::bit_cast<std::uint64_t>(v)}; }
inline Scalar i32(std::int64_t v) { return {Type::i32, static_cast<std::uint32_t>(v)}; }
inline Scalar i64(std::int64_t v) { return {Type::i64, static_cast<std::uint64_t>(v)}; }
inline Scalar f32_bits(std::uint32_t v) { return {Type::f32, v}; }
inline Scalar f64_bits(std::uint64_t v) { return {Type::f64, v}; }
inline Scalar m32(bool v) { return {Type::m32, v}; }
inline Scalar m64(bool v) { return {Type::m64, v}; }

inline Type mask_of(Type t) { return bits_of(t) == 32 ? Type::m32 : Type::m64; }

/// Fills a kernel node by node. No checks: tests are expected to be right.
struct Maker {
  Kernel k;

  NodeId array(Type type) { return parameter(Op::param_array, type, 1); }
  NodeId scalar(Type type) { return parameter(Op::param_scalar, type, 0); }
  NodeId constant(Scalar s) {
    Node n = node(Op::constant, s.type, {});
    n.imm = s.bits;
    return push(n);
  }
  NodeId count() { return push(node(Op::count, Type::i64, {})); }
  NodeId op(Op op, Type type, std::initializer_list<NodeId> args) { return push(node(op, type, args)); }
  NodeId reduce(Op op, std::initializer_list<NodeId> args, NodeId mask = kNoNode) {
    Node n = node(op, k[*args.begin()].type, args);
    n.mask = mask;
    return push(n);
  }
  NodeId table(Type type, std::vector<std::uint64_t> entries, NodeId index) {
    Node n = node(Op::table, type, {index});
    n.imm = k.tables.size();
    k.tables.push_back({"t", type, std::move(entries)});
    return push(n);
  }
  NodeId call(std::string callee, Type type, std::vector<NodeId> args) {
    Node n = node(Op::call, type, {});
    n.imm = k.calls.size();
    for (const NodeId a : args) n.varying = n.varying || k[a].varying;
    k.calls.push_back({std::move(callee), std::move(args), false, {}});
    return push(n);
  }
  void result(NodeId value) { k.outputs.push_back({"r" + std::to_string(k.outputs.size()), value, k[value].varying}); }

 private:
  Node node(Op op, Type type, std::initializer_list<NodeId> args) {
    Node n;
    n.op = op;
    n.type = type;
    n.at = {1, static_cast<std::uint32_t>(k.nodes.size()) + 1};
    for (const NodeId a : args) {
      n.varying = n.varying || (k[a].varying && !is_reduction(op));
      n.args[n.arity++] = a;
    }
    return n;
  }
  NodeId parameter(Op op, Type type, std::uint8_t stride) {
    Node n = node(op, type, {});
    n.imm = k.params.size();
    n.varying = stride != 0;
    k.params.push_back({"p" + std::to_string(k.params.size()), type, stride, {}});
    return push(n);
  }
  NodeId push(Node n) {
    k.nodes.push_back(std::move(n));
    return static_cast<NodeId>(k.nodes.size() - 1);
  }
};

using Bytes = std::vector<unsigned char>;

template <class T>
Bytes bytes_of(const std::vector<T>& values) {
  Bytes out(values.size() * sizeof(T));
  if (!out.empty()) std::memcpy(out.data(), values.data(), out.size());
  return out;
}

/// Runs a kernel; the bytes of all its results one after the other, or empty with the status.
struct Ran {
  Status status = Status::ok;
  std::vector<Bytes> results;
  friend bool operator==(const Ran&, const Ran&) = default;

  template <class T>
  T value(std::size_t i = 0) const {
    T out;
    std::memcpy(&out, results[i].data(), sizeof(T));
    return out;
  }
};
inline Ran run(const Kernel& k, const std::vector<Bytes>& inputs, std::int64_t n) {
  std::vector<const void*> params;
  for (const Bytes& in : inputs) params.push_back(in.data());
  Ran ran;
  std::vector<void*> outputs;
  for (const Output& out : k.outputs)
    ran.results.emplace_back((out.array ? static_cast<std::size_t>(n) : 1) * stored_bytes(k[out.value].type), 0xee);
  for (Bytes& out : ran.results) outputs.push_back(out.data());
  ran.status = interpret(k, params, outputs, n).status();
  return ran;
}

/// Ops for tests of expansion.
struct Ops final : Catalogue {
  std::vector<Definition> all;

  void add(std::string name, std::vector<Type> types, Kernel body) {
    Definition d;
    d.name = std::move(name);
    d.types = std::move(types);
    d.result = body[body.outputs[0].value].type;
    d.body = std::move(body);
    all.push_back(std::move(d));
  }
  const Definition* find(std::string_view name, const std::vector<Type>& types) const override {
    for (const Definition& d : all)
      if (d.name == name && d.types == types) return &d;
    return nullptr;
  }
  std::vector<std::vector<Type>> overloads(std::string_view) const override { return {}; }
  std::vector<std::string> names() const override { return {}; }
};

}  // namespace trueno::ir::test
