// Any change of an op's bits is visible: the results on fixed inputs, as the interpreter gives them, must be those
// in tests/ops/golden/NAME.txt. TRUENO_BLESS=1 writes the files anew; read the difference before keeping it.
//
// A file lists the special values one by one where the op has one operand, and hashes of what is long: special
// values in all combinations, and 1000 random operands.
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include "ops/catalogue.h"
#include "tests/ops/evaluate.h"

namespace {

using namespace trueno::tests;
using trueno::Type;
namespace fs = std::filesystem;

const fs::path kFolder = fs::path(TRUENO_TESTS_DIR) / "ops" / "golden";

std::string hex(std::uint64_t bits, Type type) {
  char text[24];
  std::snprintf(text, sizeof text, "%0*llx", static_cast<int>(trueno::stored_bytes(type) * 2),
                static_cast<unsigned long long>(bits));
  return text;
}

std::string hash(const Column& column) {
  std::uint64_t h = 0xcbf29ce484222325;  // FNV-1a over the bytes, lowest first
  for (const std::uint64_t bits : column)
    for (int i = 0; i < 8; ++i) h = (h ^ (bits >> (8 * i) & 0xff)) * 0x100000001b3;
  return hex(h, Type::i64);
}

/// The special values of each operand in all combinations.
std::vector<Column> combinations(const std::vector<Type>& types) {
  std::vector<Column> columns(types.size());
  std::size_t total = 1;
  for (const Type type : types) total *= special_values(type).size();
  for (std::size_t i = 0; i < total; ++i) {
    std::size_t rest = i;
    for (std::size_t k = 0; k < types.size(); ++k) {
      const Column values = special_values(types[k]);
      columns[k].push_back(values[rest % values.size()]);
      rest /= values.size();
    }
  }
  return columns;
}

constexpr std::size_t kLengths[] = {0, 1, 2, 63, 64, 65, 1000, 8192, 8229, 24613};
constexpr std::uint64_t kSeed = 2026;

std::vector<Column> random_columns(const std::vector<Type>& types, std::size_t n) {
  std::vector<Column> columns;
  for (std::size_t k = 0; k < types.size(); ++k) columns.push_back(random_values(types[k], n, kSeed + k));
  return columns;
}

std::string elementwise_section(const Overload& overload, Type result) {
  const auto specials = combinations(overload.types);
  const Column got = evaluate(overload, specials);
  std::string text = "  special values  " + hash(got) + "\n";
  text += "  1000 random     " + hash(evaluate(overload, random_columns(overload.types, 1000))) + "\n";
  if (overload.types.size() != 1) return text;
  for (std::size_t i = 0; i < got.size(); ++i)
    text += "  " + hex(specials[0][i], overload.types[0]) + " -> " + hex(got[i], result) + "\n";
  return text;
}

std::string reduction_section(const Overload& overload, Type result) {
  std::string text;
  for (const std::size_t n : kLengths) {
    const Column got = evaluate(overload, tame_operands(overload, n, kSeed));
    text += "  n = " + std::to_string(n) + ": " + (got.empty() ? "refused" : hex(got[0], result)) + "\n";
  }
  return text;
}

/// Short arrays one by one, special values among them, then hashes of long ones. Operands after the first are tame.
std::string compound_section(const Overload& overload, Type result) {
  const double kInf = std::numeric_limits<double>::infinity(), kNan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> arrays[] = {{3},       {1, 2, 4},     {0, 0},         {-0.0, 0.5},   {0x1p-140, 0x1p-149},
                                        {1e30, 1}, {1, -kInf, 2}, {-kInf, -kInf}, {1, kInf, -1}, {kNan, 1}};
  const Type type = overload.types[0];
  const auto line = [&](const Column& column, Type of) {
    std::string text;
    for (const std::uint64_t bits : column) text += " " + hex(bits, of);
    return text;
  };
  std::string text;
  for (const std::vector<double>& array : arrays) {
    std::vector<Column> operands = tame_operands(overload, array.size(), kSeed);
    for (std::size_t i = 0; i < array.size(); ++i)
      operands[0][i] = type == Type::f32 ? bits_of_value(static_cast<float>(array[i])) : bits_of_value(array[i]);
    text += " " + line(operands[0], type) + " ->" + line(evaluate(overload, operands), result) + "\n";
  }
  for (const std::size_t n : kLengths)
    text += "  n = " + std::to_string(n) + ": " + hash(evaluate(overload, tame_operands(overload, n, kSeed))) + "\n";
  return text;
}

/// What the golden file of an op should say.
std::string golden_text(const std::string& op) {
  std::string text;
  for (const auto& types : trueno::ops::built_in().overloads(op)) {
    const Overload overload{op, types};
    const auto* definition = trueno::ops::built_in().find(op, types);
    REQUIRE(definition != nullptr);
    text += overload.text() + " -> " + std::string(name_of(definition->result)) + "\n";
    if (std::any_of(types.begin(), types.end(), trueno::is_mask)) continue;  // no kernel has such a parameter
    text += reduces(overload)    ? reduction_section(overload, definition->result)
            : compound(overload) ? compound_section(overload, definition->result)
                                 : elementwise_section(overload, definition->result);
  }
  return text;
}

}  // namespace

TEST_CASE("the bits of every op are those of its golden file") {
  const char* bless = std::getenv("TRUENO_BLESS");
  for (const std::string& op : trueno::ops::built_in().names()) {
    const fs::path path = kFolder / (op + ".txt");
    const std::string now = golden_text(op);
    if (bless != nullptr && std::string(bless) == "1") std::ofstream(path, std::ios::binary) << now;
    std::ifstream in(path, std::ios::binary);
    const std::string before{std::istreambuf_iterator<char>(in), {}};
    INFO("op " << op << "; TRUENO_BLESS=1 accepts the new bits");
    CHECK(before == now);
  }
}

TEST_CASE("every golden file belongs to an op") {
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    INFO(entry.path());
    CHECK(!trueno::ops::built_in().overloads(entry.path().stem().string()).empty());
  }
}
