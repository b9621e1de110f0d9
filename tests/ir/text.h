// Shared by the tests of the text language: an empty catalogue, short ways to parse, golden files.
#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "ir/parse.h"
#include "ir/print.h"

namespace trueno::ir::text_tests {

/// No ops but those the text itself declares: tests of the language do not depend on ops/.
struct NoOps : Catalogue {
  const Definition* find(std::string_view, const std::vector<Type>&) const override { return nullptr; }
  std::vector<std::vector<Type>> overloads(std::string_view) const override { return {}; }
  std::vector<std::string> names() const override { return {}; }
};

/// For builders, which keep a reference.
inline const NoOps kNoOps;

/// The only kernel of the text; after a mistake: an empty kernel whose name is the error.
inline Kernel kernel_of(std::string_view text) {
  auto module = parse_module(text, NoOps());
  if (module && module->kernels.size() == 1) return std::move(module->kernels[0]);
  Kernel none;
  none.name = module ? "not one kernel" : module.error().text();
  return none;
}

/// The kernel of an expression over x, y: f32[], i: i32[], d: f64[] (those it uses).
inline Result<Kernel> expression(std::string_view text, std::vector<FreeName> names = {{"x", true, Type::f32}}) {
  return parse_expression(text, names, NoOps());
}

/// The statements and results of a printed kernel, without signature and braces.
inline std::string body_of(const Kernel& k) {
  const std::string text = print(k);
  const std::size_t open = text.find("{\n  "), close = text.rfind("\n}");
  return open == std::string::npos ? k.name : text.substr(open + 4, close - open - 4);
}

/// What a kernel with this body over x, y: f32[], i, j: i32[], a: f32 prints as; or its errors.
inline std::string printed(std::string_view body, std::string_view results, std::string_view prefix = "") {
  return body_of(kernel_of(std::string(prefix) + "kernel k(x: f32[], y: f32[], i: i32[], j: i32[], a: f32) -> " +
                           std::string(results) + " {\n" + std::string(body) + "\n}"));
}

/// All mistakes of a module as text; empty if there is none.
inline std::string errors_of(std::string_view text) {
  const auto module = parse_module(text, NoOps(), "t.tir");
  return module ? "" : module.error().text();
}

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The golden file `name`, which TRUENO_BLESS=1 rewrites with `actual`.
inline std::string golden(const std::string& name, const std::string& actual) {
  const std::string path = std::string(TRUENO_TESTS_DIR) + "/ir/golden/" + name;
  if (const char* bless = std::getenv("TRUENO_BLESS"); bless != nullptr && bless[0] == '1')
    std::ofstream(path, std::ios::binary) << actual;
  return read_file(path);
}

}  // namespace trueno::ir::text_tests
