// Running ops by the interpreter (evaluate.h).
#include "tests/ops/evaluate.h"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cstring>

#include "ir/interpret.h"
#include "ir/parse.h"
#include "ir/passes/passes.h"
#include "ir/typing.h"
#include "ops/catalogue.h"

namespace trueno::tests {
namespace {

const ir::Definition& definition_of(const Overload& overload) {
  const ir::Definition* definition = ops::built_in().find(overload.op, overload.types);
  INFO(overload.text());
  REQUIRE(definition != nullptr);
  return *definition;
}

/// "kernel k(a: f32[], b: f32[]) -> f32[] { op(a, b) }", expanded. A value for all elements is stored to each.
ir::Kernel kernel_of(const Overload& overload) {
  const ir::Definition& definition = definition_of(overload);
  std::string parameters, arguments;
  for (std::size_t i = 0; i < overload.types.size(); ++i) {
    const std::string name = "a" + std::to_string(i), comma = i == 0 ? "" : ", ";
    parameters += comma + name + ": " + std::string(name_of(overload.types[i])) + "[]";
    arguments += comma + name;
  }
  const std::string text = "kernel k(" + parameters + ") -> " + std::string(name_of(definition.result)) + "[] { " +
                           overload.op + "(" + arguments + ") }";
  const auto module = ir::parse_module(text, ops::built_in());
  INFO(text << (module ? "" : "\n" + module.error().text()));
  REQUIRE(module);
  auto kernel = ir::expand(module->kernels.at(0), ops::built_in());
  INFO((kernel ? "" : kernel.error().text()));
  REQUIRE(kernel);
  return *std::move(kernel);
}

std::vector<unsigned char> pack(Type type, const Column& bits) {
  const std::size_t size = stored_bytes(type);
  std::vector<unsigned char> bytes(bits.size() * size + 1);  // never empty, so that data() is a place
  for (std::size_t i = 0; i < bits.size(); ++i) std::memcpy(bytes.data() + i * size, &bits[i], size);
  return bytes;
}

}  // namespace

std::string Overload::text() const {
  std::string list;
  for (const Type type : types) list += (list.empty() ? "" : ", ") + std::string(name_of(type));
  return op + "(" + list + ")";
}

std::vector<Overload> all_overloads() {
  std::vector<Overload> all;
  for (const std::string& name : ops::built_in().names())
    for (const auto& types : ops::built_in().overloads(name))
      if (std::none_of(types.begin(), types.end(), is_mask)) all.push_back({name, types});  // reducers_test.cpp
  return all;
}

bool reduces(const Overload& overload) {
  const ir::Kernel kernel = kernel_of(overload);
  return !kernel[kernel.outputs[0].value].varying;
}

bool compound(const Overload& overload) {
  const ir::Kernel kernel = kernel_of(overload);
  return kernel[kernel.outputs[0].value].varying &&
         std::any_of(kernel.nodes.begin(), kernel.nodes.end(), [](const ir::Node& n) { return is_reduction(n.op); });
}

Column evaluate(const Overload& overload, const std::vector<Column>& operands) {
  ir::Kernel kernel = kernel_of(overload);
  kernel.outputs[0].array = kernel[kernel.outputs[0].value].varying;
  std::vector<std::vector<unsigned char>> inputs;
  std::vector<const void*> pointers;
  for (std::size_t i = 0; i < operands.size(); ++i) inputs.push_back(pack(overload.types[i], operands[i]));
  for (const auto& input : inputs) pointers.push_back(input.data());
  const std::size_t n = operands.at(0).size(), results = kernel.outputs[0].array ? n : 1;
  const std::size_t size = stored_bytes(kernel[kernel.outputs[0].value].type);
  std::vector<unsigned char> output(results * size + 1);
  void* const outputs[] = {output.data()};
  const auto done = ir::interpret(kernel, pointers, outputs, static_cast<std::int64_t>(n));
  if (!done && done.status() == Status::empty) return {};
  INFO((done ? "" : done.error().text()));
  REQUIRE(done);
  Column bits(results, 0);
  for (std::size_t i = 0; i < results; ++i) std::memcpy(&bits[i], output.data() + i * size, size);
  return bits;
}

Column special_values(Type type) {
  switch (type) {
    case Type::f32:
      return {0x00000000, 0x80000000, 0x00000001, 0x80000001, 0x007fffff, 0x807fffff, 0x00800000, 0x80800000,
              0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7fa00000, 0x3f800000,
              0xbf800000, 0x3f7fffff, 0x3f800001, 0x3f000000, 0x40000000, 0xc0400000, 0x42b17217, 0x42b17218,
              0x42b20000, 0xc2aeac4f, 0xc2aeac50, 0xc2ce8ed0, 0xc2cff1b4, 0xc2cff1b5, 0xc2d10000, 0x41c80000,
              0x4b000001, 0x33800000, 0x7e800000, 0xc1851b2c};
    case Type::f64:
      return {0x0000000000000000, 0x8000000000000000, 0x0000000000000001, 0x8000000000000001, 0x000fffffffffffff,
              0x800fffffffffffff, 0x0010000000000000, 0x8010000000000000, 0x7fefffffffffffff, 0xffefffffffffffff,
              0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000000001, 0x7ff4000000000000,
              0x3ff0000000000000, 0xbff0000000000000, 0x3fefffffffffffff, 0x3ff0000000000001, 0x3fe0000000000000,
              0x4000000000000000, 0xc008000000000000, 0x4330000000000001, 0x3ca0000000000000, 0x40862e42fefa39ef,
              0x40862e42fefa39f0, 0xc086232bdd7abcd2, 0xc086232bdd7abcd3, 0xc0874385446d71c3, 0xc0874910d52d3051,
              0xc0874910d52d3052, 0x4090000000000000, 0xc090c80000000000, 0xc090cc0000000000, 0x7fd0000000000000};
    case Type::i32:
      return {0, 1, 0xffffffff, 2, 0xfffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0x7ffffffe, 46341, 46340, 0x10000};
    default:
      return {0,
              1,
              ~std::uint64_t{0},
              2,
              ~std::uint64_t{1},
              0x7fffffffffffffff,
              0x8000000000000000,
              0x8000000000000001,
              0x20000000000001,
              3037000500,
              0x100000000};
  }
}

std::uint64_t next_random(std::uint64_t& state) {
  std::uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

Column random_values(Type type, std::size_t n, std::uint64_t seed) {
  Column column(n);
  const std::uint64_t keep = bits_of(type) == 32 ? 0xffffffff : ~std::uint64_t{0};
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t any = next_random(seed);
    const auto small = static_cast<std::int32_t>(any >> 39) - (1 << 24);  // in [-2^24, 2^24)
    if (i % 2 == 0)
      column[i] = any & keep;
    else if (type == Type::f32)
      column[i] = bits_of_value(static_cast<float>(small) * 0x1p-20f);
    else if (type == Type::f64)
      column[i] = bits_of_value(static_cast<double>(static_cast<std::int64_t>(any) >> 10) * 0x1p-49);
    else
      column[i] = static_cast<std::uint64_t>(static_cast<std::int64_t>(small >> 4)) & keep;
  }
  return column;
}

std::vector<Column> tame_operands(const Overload& overload, std::size_t n, std::uint64_t seed) {
  const ir::Definition& definition = definition_of(overload);
  std::vector<Column> columns;
  for (std::size_t k = 0; k < overload.types.size(); ++k) {
    const Type type = overload.types[k];
    Column column = random_values(type, 2 * n, seed + k);
    for (std::size_t i = 0; i < n; ++i) column[i] = column[2 * i + 1];
    column.resize(n);
    const bool eps = !definition.reducer && definition.body.params[k].name == "eps";
    if (eps) column.assign(n, type == Type::f32 ? bits_of_value(1e-5f) : bits_of_value(1e-5));
    columns.push_back(std::move(column));
  }
  return columns;
}

float f32_of(std::uint64_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits)); }
double f64_of(std::uint64_t bits) { return std::bit_cast<double>(bits); }
std::uint64_t bits_of_value(float value) { return std::bit_cast<std::uint32_t>(value); }
std::uint64_t bits_of_value(double value) { return std::bit_cast<std::uint64_t>(value); }

}  // namespace trueno::tests
