// Every constant of the definitions comes from a script: the hex floats in ops/*.tir must be among the numbers that the
// scripts in ops/sollya print. Left out are those of at most 8 bits, which are thresholds and powers of two. Without
// Sollya on this machine there is nothing to run, and the test says so.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

#include "ops/embedded.h"

namespace {

namespace fs = std::filesystem;

const fs::path kScripts = fs::path(TRUENO_TESTS_DIR).parent_path() / "ops" / "sollya";

/// The hex floats of a text, without their signs; those in comments of .tir are left out.
std::set<double> hex_floats(const std::string& text) {
  std::set<double> found;
  bool comment = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '#') comment = true;
    if (text[i] == '\n') comment = false;
    if (comment || text.compare(i, 2, "0x") != 0) continue;
    char* end = nullptr;
    const double value = std::strtod(text.c_str() + i, &end);
    const std::string literal(text.c_str() + i, static_cast<const char*>(end));
    if (literal.find('p') != std::string::npos) found.insert(value);
    i += literal.size() - 1;
  }
  return found;
}

std::string output_of(const fs::path& script) {
  const std::string command = "sollya '" + script.string() + "' < /dev/null 2>&1";
  std::string text;
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return text;
  for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  pclose(pipe);
  return text;
}

bool short_number(double x) {
  int exponent = 0;
  const double scaled = std::ldexp(std::frexp(x, &exponent), 8);
  return scaled == std::rint(scaled);
}

}  // namespace

TEST_CASE("hex floats are found in text and output") {
  CHECK(hex_floats("a = fma(x, -0x1.8p-3, 0xff)  # 0x1p5") == std::set<double>{0x1.8p-3});
  CHECK(hex_floats("0x1p0 + x * 0x1.4p2") == std::set<double>{1, 5});
  CHECK(short_number(0x1.8p19));
  CHECK_FALSE(short_number(0x1.715476p0));
}

TEST_CASE("every coefficient and table entry is printed by a script", "[slow]") {
  if (std::system("sollya --version > /dev/null 2>&1") != 0) {
    WARN("skipped: no Sollya on this machine (Debian: sollya)");
    return;
  }
  std::set<double> printed;
  for (const auto& entry : fs::directory_iterator(kScripts)) printed.merge(hex_floats(output_of(entry.path())));
  CHECK(printed.size() > 200);
  for (const auto& file : trueno::ops::kEmbedded)
    for (const double value : hex_floats(std::string(file.text))) {
      INFO(file.file << ": no script prints " << std::hexfloat << value);
      CHECK((short_number(value) || printed.count(value) == 1));
    }
}
