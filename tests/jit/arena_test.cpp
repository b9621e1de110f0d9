// Executable memory: never writable, at no time and by no mapping; under hardened kernels; across fork; refused.
#include "jit/arena.h"

#include <catch2/catch.hpp>

#include <memory>
#include <vector>

#include "tests/child.h"

using namespace trueno;
using jit::Executable;

namespace {

using Code = std::shared_ptr<const Executable>;

/// endbr64; mov eax, value; ret
std::vector<std::uint8_t> returning(std::uint8_t value) { return {0xf3, 0x0f, 0x1e, 0xfa, 0xb8, value, 0, 0, 0, 0xc3}; }

Code publish(std::uint8_t value) {
  const auto code = Executable::publish(returning(value));
  return code ? *code : nullptr;
}

int call(const Code& code) { return reinterpret_cast<int (*)()>(reinterpret_cast<std::uintptr_t>(code->data()))(); }

}  // namespace

TEST_CASE("published code runs") {
  std::vector<Code> all;
  for (int i = 0; i < 100; ++i) all.push_back(publish(static_cast<std::uint8_t>(i)));
  for (int i = 0; i < 100; ++i) {
    REQUIRE(all[static_cast<std::size_t>(i)] != nullptr);
    CHECK(call(all[static_cast<std::size_t>(i)]) == i);
  }
}

TEST_CASE("nothing is ever writable and executable") {
  const Code code = publish(1);
  REQUIRE(code != nullptr);
  CHECK(call(code) == 1);
  CHECK(test::writable_and_executable().empty());
  // Nor is there a second, writable view of the same memory.
  const auto ours = test::mappings(
      [](const std::string&, const std::string& line) { return line.find("memfd:trueno") != line.npos; });
  CHECK_FALSE(ours.empty());
  for (const std::string& line : ours) CHECK(line.find(" r-xp ") != line.npos);
}

TEST_CASE("the reader of the map would see a page that is both") {
  const auto found = test::in_child([]() -> std::string {
    void* p = mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? "refused" : std::to_string(test::writable_and_executable().size());
  });
  CHECK((found == "1" || found == "refused"));
}

TEST_CASE("published code cannot be made writable under MDWE, and more can be published") {
  const std::string said = test::in_child([]() -> std::string {
    if (!test::forbid_write_then_execute()) return "SKIPPED";
    const Code code = publish(7);
    if (code == nullptr) return "publishing was refused";
    return call(code) == 7 ? "fine" : "wrong result";
  });
  if (said == "SKIPPED")
    WARN("skipped: this kernel has no PR_SET_MDWE (Linux 6.3)");
  else
    CHECK(said == "fine");
}

TEST_CASE("a fork shares nothing that either side can change") {
  const Code before = publish(1);
  REQUIRE(before != nullptr);
  const std::string said = test::in_child([&]() -> std::string {
    std::vector<Code> more;
    for (int i = 0; i < 20; ++i) more.push_back(publish(42));
    for (const Code& code : more)
      if (code == nullptr || call(code) != 42) return "the child's own code is wrong";
    return call(before) == 1 ? "fine" : "the parent's code changed in the child";
  });
  CHECK(said == "fine");
  CHECK(call(before) == 1);
  const Code after = publish(2);
  REQUIRE(after != nullptr);
  CHECK(call(after) == 2);
  CHECK(call(before) == 1);
}

TEST_CASE("a refusal is an error that names the call and the reason") {
  const std::string said = test::in_child([]() -> std::string {
    if (!test::refuse_executable_memory()) return "SKIPPED";
    const auto code = Executable::publish(returning(1));
    if (code) return "published all the same";
    return std::string(name_of(code.status())) + ": " + code.error().text();
  });
  if (said == "SKIPPED") {
    WARN("skipped: seccomp filters cannot be installed here");
    return;
  }
  CHECK(said.find("unavailable: ") == 0);
  CHECK(said.find("mmap") != said.npos);
  CHECK(said.find("Permission denied") != said.npos);
}

TEST_CASE("descriptors and mappings are given back") {
  const auto count = [] { return test::mappings([](auto&, auto&) { return true; }).size(); };
  { const Code warm = publish(1); }
  const std::size_t before = count();
  for (int i = 0; i < 3000; ++i) REQUIRE(publish(1) != nullptr);  // more than the usual limit of descriptors
  CHECK(count() <= before + 4);
}

TEST_CASE("no bytes are refused") { CHECK_FALSE(Executable::publish({})); }
