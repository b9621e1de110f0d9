// Scalars on the command line and in reports: exact both ways.
#include "tools/values.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>

using namespace trueno;
using namespace trueno::tools;

TEST_CASE("values are rounded once, to their type") {
  const struct {
    Type type;
    const char* text;
    std::uint64_t bits;
  } cases[] = {
      {Type::f32, "1.5", 0x3fc00000},
      {Type::f32, "-1.5", 0xbfc00000},
      {Type::f32, "+2", 0x40000000},
      {Type::f32, "-0", 0x80000000},
      {Type::f32, "0x1.8p3", 0x41400000},
      {Type::f32, "0x1p-149", 1},
      {Type::f32, "-inf", 0xff800000},
      {Type::f32, "nan", 0x7fc00000},
      // Just above the middle of 1 and its neighbour: by way of f64 it would become 1.
      {Type::f32, "1.00000005960464477540", 0x3f800001},
      {Type::f64, "0.1", 0x3fb999999999999a},
      {Type::i32, "-2147483648", 0x80000000},
      {Type::i32, "0x7f", 0x7f},
      {Type::i64, "9223372036854775807", 0x7fffffffffffffff},
      {Type::i64, "-9223372036854775808", 0x8000000000000000},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    const auto bits = parse_value(c.type, c.text);
    REQUIRE(bits);
    CHECK(*bits == c.bits);
  }
}

TEST_CASE("what is no value of the type is refused") {
  const struct {
    Type type;
    const char* text;
  } cases[] = {
      {Type::f32, ""},
      {Type::f32, "-"},
      {Type::f32, "1 2"},
      {Type::f32, "1e39"},
      {Type::f32, "x"},
      {Type::f32, "1+2"},
      {Type::f32, "--1"},
      {Type::f32, "1.5f"},
      {Type::f32, "0x1.000001p0"},
      {Type::f32, "0x1p-150"},
      {Type::f64, "1e309"},
      {Type::i32, "1.5"},
      {Type::i32, "2147483648"},
      {Type::i32, "-2147483649"},
      {Type::i32, "nan"},
      {Type::i32, "1e3"},
      {Type::i64, "9223372036854775808"},
      {Type::m32, "2"},
      {Type::f32,
       "1\n"
       "2"},
      {Type::f32, "0x"},
  };
  for (const auto& c : cases) {
    INFO(c.text);
    const auto bits = parse_value(c.type, c.text);
    REQUIRE_FALSE(bits);
    CHECK(bits.status() == Status::invalid_argument);
    CHECK_FALSE(bits.error().diagnostics.at(0).message.empty());
  }
}

TEST_CASE("JSON: numbers where a reader gets the same value back, else strings") {
  CHECK(json_value(Type::f32, 0x3dcccccd).dump() == "0.1");
  CHECK(json_value(Type::f32, 0x7fc00000).dump() == "\"nan\"");
  CHECK(json_value(Type::f32, 0xff800000).dump() == "\"-inf\"");
  CHECK(json_value(Type::f64, 0x7ff0000000000000).dump() == "\"inf\"");
  CHECK(json_value(Type::f64, 0x8000000000000000).dump() == "-0.0");
  CHECK(json_value(Type::i32, 0xffffffff).dump() == "-1");
  CHECK(json_value(Type::i64, std::uint64_t{1} << 53).dump() == "9007199254740992");
  CHECK(json_value(Type::i64, (std::uint64_t{1} << 53) + 1).dump() == "\"9007199254740993\"");
  CHECK(json_value(Type::i64, ~(std::uint64_t{1} << 53)).dump() == "\"-9007199254740993\"");
  CHECK(json_value(Type::m32, 1).dump() == "1");
  CHECK(print_bits(Type::f32, 0x3f) == "0x0000003f");
  CHECK(print_bits(Type::i64, ~std::uint64_t{0}) == "0xffffffffffffffff");
  CHECK(print_bits(Type::m32, 1) == "0x01");

  std::mt19937_64 random(3);
  for (int i = 0; i < 100000; ++i) {
    const std::uint64_t bits = random();
    const float narrow = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (std::isfinite(narrow)) {
      const auto read = nlohmann::json::parse(json_value(Type::f32, bits & 0xffffffff).dump());
      REQUIRE(std::bit_cast<std::uint32_t>(static_cast<float>(read.get<double>())) == (bits & 0xffffffff));
    }
    const double wide = std::bit_cast<double>(bits);
    if (std::isfinite(wide)) {
      const auto read = nlohmann::json::parse(json_value(Type::f64, bits).dump());
      REQUIRE(std::bit_cast<std::uint64_t>(read.get<double>()) == bits);
    }
  }
}
