// Where executable memory is refused: an error if code was required, else the same bits from the interpreter and
// an origin that says why. And kernels live through fork and hardened kernels.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "tests/child.h"
#include "tests/runtime/compiled.h"

using namespace trueno;
using test::bits;

namespace {

std::string text_with(int factor) {
  return "kernel k(x: f32[]) -> f32 { sum(x * 0.1) + " + std::to_string(factor) + " }";
}

std::vector<float> inputs() {
  std::vector<float> x(9001);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 97) * 0.37f;
  return x;
}

bool jit_here() { return test::compiled(text_with(1)).backend() == Backend::jit; }

}  // namespace

TEST_CASE("executable memory refused") {
  if (!jit_here()) {
    WARN("skipped: this host generates no code");
    return;
  }
  const std::vector<float> x = inputs();
  const float right = *test::compiled(text_with(2)).value<float>({x});
  const std::string said = test::in_child([&]() -> std::string {
    if (!test::refuse_executable_memory()) return "SKIPPED";
    CompileOptions required;
    required.backend = Backend::jit;
    const auto none = compile("kernel fresh(x: f32[]) -> f32 { sum(x) - 3 }", required);
    if (none.ok()) return "compiled although code was required and memory refused";
    if (none.status() != Status::unavailable) return "status " + std::string(name_of(none.status()));
    std::string fresh = text_with(2);
    fresh.replace(7, 1, "fresh");  // the parent's cache may know the other
    const auto k = compile(fresh);
    if (!k) return "no fallback: " + k.error().text();
    if (k->backend() != Backend::fallback) return "back end " + std::string(name_of(k->backend()));
    const auto value = k->value<float>({x});
    if (!value || bits(*value) != bits(right)) return "other bits";
    return "origin: " + k->origin();
  });
  if (said == "SKIPPED") {
    WARN("skipped: seccomp filters cannot be installed here");
    return;
  }
  INFO(said);
  CHECK(said.find("origin: fallback") == 0);
  CHECK(said.find("executable memory refused: mmap(PROT_EXEC): Permission denied; a seccomp filter is in force") !=
        said.npos);
}

TEST_CASE("no kernel's memory is writable and executable") {
  std::vector<Kernel> kernels;
  for (int i = 0; i < 20; ++i) kernels.push_back(test::compiled(text_with(i)));
  CHECK(test::writable_and_executable().empty());
}

TEST_CASE("kernels under MDWE") {
  const std::vector<float> x = inputs();
  const float right = *test::compiled(text_with(3)).value<float>({x});
  const std::string said = test::in_child([&]() -> std::string {
    if (!test::forbid_write_then_execute()) return "SKIPPED";
    const auto k = compile("kernel mdwe(x: f32[]) -> f32 { sum(x * 0.1) + 3 }");
    if (!k) return k.error().text();
    const auto value = k->value<float>({x});
    if (!value || bits(*value) != bits(right)) return "other bits";
    return std::string(name_of(k->backend()));
  });
  if (said == "SKIPPED")
    WARN("skipped: this kernel has no PR_SET_MDWE (Linux 6.3)");
  else
    CHECK(said == name_of(test::compiled(text_with(3)).backend()));
}

TEST_CASE("kernels across fork") {
  const std::vector<float> x = inputs();
  const Kernel before = test::compiled(text_with(4));
  const float right = *before.value<float>({x});
  const std::string said = test::in_child([&]() -> std::string {
    for (int i = 100; i < 120; ++i) {
      const auto k = compile(text_with(i));
      if (!k || !k->value<float>({x})) return "the child cannot compile";
    }
    return bits(*before.value<float>({x})) == bits(right) ? "fine" : "the parent's kernel is wrong in the child";
  });
  CHECK(said == "fine");
  CHECK(bits(*before.value<float>({x})) == bits(right));
  CHECK(bits(*test::compiled(text_with(4)).value<float>({x})) == bits(right));
}
