// VerifyPolicy: with a miscompile planted in the code, callers see the fallback's bits and nothing else, in every kind
// of call; the kernel is withdrawn for everybody, and the user is told once, with a reproducer where one was asked for.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <limits>
#include <thread>

#include "tests/child.h"
#include "tests/runtime/compiled.h"
#include "tests/runtime/planted.h"

using namespace trueno;
using test::bits;
using test::kWrong;

namespace {

const std::string kScale = std::string("kernel scale(x: f32[]) -> f32[] { x * ") + kWrong + " }";

Kernel kernel_with(const std::string& text, std::optional<VerifyPolicy> policy, Backend backend = Backend::automatic) {
  CompileOptions options;
  options.backend = backend;
  options.verify = policy;
  Result<Kernel> k = compile(text, options);
  if (!k) FAIL(k.error().text());
  return *std::move(k);
}
Kernel right_one(const std::string& text) { return kernel_with(text, {}, Backend::interpreter); }

/// One with wrong code, if this host generates any.
Kernel wrong_one(const std::string& text, VerifyPolicy policy) {
  const test::Planted planted;
  Kernel k = kernel_with(text, policy);
  if (k.backend() == Backend::jit && planted.places() == 0) FAIL("nothing was planted in " + text);
  return k;
}

bool jit_here() {
  if (test::compiled(kScale).backend() == Backend::jit) return true;
  WARN("skipped: this host generates no code");
  return false;
}

using Floats = std::vector<float>;

}  // namespace

TEST_CASE("a planted miscompile is caught under first") {
  if (!jit_here()) return;
  for (const std::size_t n : {1, 7, 100, 5000, 20000}) {
    const test::Log log;
    const Floats x = test::numbers(n);
    Floats right(n), unwatched(n), found(n, 5.0f), again(n);
    REQUIRE(right_one(kScale).run({x}, {right}));
    REQUIRE(wrong_one(kScale, VerifyPolicy::off).run({x}, {unwatched}));
    CHECK_FALSE(test::same_bits(unwatched, right));  // the plant bites

    const Kernel k = wrong_one(kScale, VerifyPolicy::first), copy = k;
    const std::string& origin = k.origin();
    CHECK(origin.find("jit ") == 0);
    CHECK(origin.find("verified: first") != origin.npos);
    CHECK_FALSE(k.withdrawn());
    REQUIRE(k.run({x}, {found}));
    CHECK(test::same_bits(found, right));
    CHECK(copy.withdrawn());
    CHECK(copy.backend() != Backend::jit);
    CHECK(copy.origin().find("withdrawn") != std::string::npos);
    CHECK(origin.find("jit ") == 0);  // who holds it may go on reading it
    REQUIRE(copy.run({x}, {again}));
    CHECK(test::same_bits(again, right));
    CHECK(log.count("trueno: warning:") == 1);
    CHECK(log.count("withdrawn") == 1);
    CHECK(log.count("kernel 'scale'") == 1);
    CHECK(log.count("n = " + std::to_string(n)) == 1);
  }
}

TEST_CASE("right code stays in use") {
  for (const VerifyPolicy policy : {VerifyPolicy::first, VerifyPolicy::always}) {
    const test::Log log;
    const Kernel k =
        kernel_with("kernel k(x: f32[], a: f32) -> (s: f32, y: f32[]) { y = a*x; s = sum(y); s, y }", policy);
    for (const std::size_t n : {0, 1, 3, 64, 100, 100, 9000, 9000}) {
      const Floats x = test::numbers(n);
      Floats y(n), right(n);
      float s = 1, sum = 2;
      REQUIRE(k.run({x, 0.3f}, {s, y}));
      REQUIRE(right_one(k.text()).run({x, 0.3f}, {sum, right}));
      CHECK(test::same_bits(y, right));
      CHECK(bits(s) == bits(sum));
    }
    CHECK_FALSE(k.withdrawn());
    CHECK(log.text().empty());
  }
}

TEST_CASE("results in the place of inputs") {
  if (!jit_here()) return;
  const test::Log log;
  const std::string text = std::string("kernel k(x: f32[], y: f32[]) -> (a: f32[], b: f32[], s: f32) { a = x + y * ") +
                           kWrong + "; b = x - y; a, b, sum(a) }";
  for (const VerifyPolicy policy : {VerifyPolicy::first, VerifyPolicy::always}) {
    const Floats x0 = test::numbers(1000, 1), y0 = test::numbers(1000, 2);
    Floats a(1000), b(1000), x = x0, y = y0;
    float s = 0, sum = 0;
    REQUIRE(right_one(text).run({x0, y0}, {a, b, sum}));
    const Kernel k = wrong_one(text, policy);
    REQUIRE(k.run({x, y}, {y, x, s}));
    CHECK(test::same_bits(y, a));
    CHECK(test::same_bits(x, b));
    CHECK(bits(s) == bits(sum));
    CHECK(k.withdrawn());
  }
}

TEST_CASE("masks and counts") {
  if (!jit_here()) return;
  const test::Log log;
  const std::string text =
      std::string("kernel k(x: f32[]) -> (m: m32[], c: i64) { m = x <= ") + kWrong + "; m, count(x > " + kWrong + ") }";
  Floats x(77, 1.0f);
  x[40] = std::nextafter(1.4140625f, 2.0f);
  std::vector<std::uint8_t> m(77, 9), right(77, 9);
  std::int64_t c = -1, count = -1;
  REQUIRE(right_one(text).run({x}, {right, count}));
  CHECK(right[40] == 0);
  const Kernel k = wrong_one(text, VerifyPolicy::first);
  REQUIRE(k.run({x}, {m, c}));
  CHECK(m == right);
  CHECK(c == count);
  CHECK(k.withdrawn());
}

TEST_CASE("refused calls") {
  if (!jit_here()) return;
  const test::Log log;
  const std::string text = std::string("kernel k(x: f32[]) -> (f32, f32) { min(x where x > ") + kWrong + "), sum(x) }";
  const float just = std::nextafter(1.4140625f, 2.0f);
  float a = 7, b = 8;
  {  // the code refuses what has an element
    const Kernel k = wrong_one(text, VerifyPolicy::first);
    CHECK(k.run({Floats{}}, {a, b}).status() == Status::empty);
    CHECK_FALSE(k.withdrawn());
    REQUIRE(k.run({Floats(50, just)}, {a, b}));
    CHECK(bits(a) == bits(just));
    CHECK(k.withdrawn());
    CHECK(k.run({Floats(50, 1.0f)}, {a, b}).status() == Status::empty);
  }
  {  // and the other way round: the caller's results stay as they are
    const std::string below =
        std::string("kernel k(x: f32[]) -> (f32, f32) { max(x where x < ") + kWrong + "), sum(x) }";
    const Kernel k = wrong_one(below, VerifyPolicy::always);
    a = 7, b = 8;
    CHECK(k.run({Floats(50, 1.4140625f)}, {a, b}).status() == Status::empty);
    CHECK(a == 7);
    CHECK(b == 8);
    CHECK(k.withdrawn());
  }
  CHECK(log.count("withdrawn") == 2);
}

TEST_CASE("mistakes are told as ever") {
  const Kernel k = kernel_with(kScale, VerifyPolicy::first), plain = kernel_with(kScale, VerifyPolicy::off);
  Floats x(10), y(9);
  const auto a = k.run({x}, {y}), b = plain.run({x}, {y});
  REQUIRE_FALSE(a);
  CHECK(a.error().text() == b.error().text());
  CHECK(k.run({}, {y}).status() == Status::invalid_argument);
  CHECK(k.run({x, x}, {y}).status() == Status::invalid_argument);
}

TEST_CASE("what first leaves out and always does not") {
  if (!jit_here()) return;
  const test::Log log;
  const std::string text = std::string("kernel k(x: f32[]) -> f32[] { select(x > 100, x * ") + kWrong + ", x) }";
  const Floats harmless(100, 1.0f), telling(100, 101.0f), longer(300, 101.0f);
  Floats right(100), y(100), z(300), right_longer(300);
  REQUIRE(right_one(text).run({telling}, {right}));
  REQUIRE(right_one(text).run({longer}, {right_longer}));
  {
    const Kernel k = wrong_one(text, VerifyPolicy::first);
    REQUIRE(k.run({harmless}, {y}));
    CHECK_FALSE(k.withdrawn());
    REQUIRE(k.run({telling}, {y}));  // of the same magnitude: believed
    CHECK_FALSE(test::same_bits(y, right));
    REQUIRE(k.run({longer}, {z}));  // the first of its magnitude
    CHECK(test::same_bits(z, right_longer));
    CHECK(k.withdrawn());
    REQUIRE(k.run({telling}, {y}));
    CHECK(test::same_bits(y, right));
  }
  const Kernel k = wrong_one(text, VerifyPolicy::always);
  REQUIRE(k.run({harmless}, {y}));
  CHECK_FALSE(k.withdrawn());
  REQUIRE(k.run({telling}, {y}));
  CHECK(test::same_bits(y, right));
  CHECK(k.withdrawn());
}

TEST_CASE("rows under watch") {
  if (!jit_here()) return;
  const test::Log log;
  const std::string text =
      std::string("kernel k(x: f32[], a: f32) -> (y: f32[], s: f32) { y = (x + a) * ") + kWrong + "; y, sum(y) }";
  constexpr std::size_t kRows = 5, kColumns = 70, kStride = 80;
  const Floats x0 = test::numbers(kRows * kStride), a = test::numbers(kRows, 3);
  Floats right = x0, sums(kRows), x = x0, s(kRows);
  REQUIRE(right_one(text).run_rows({Matrix(x0.data(), kRows, kColumns, kStride), a},
                                   {Matrix(right.data(), kRows, kColumns, kStride), sums}));
  const Kernel k = wrong_one(text, VerifyPolicy::first);
  const Matrix in_place(x.data(), kRows, kColumns, kStride);
  REQUIRE(k.run_rows({in_place, a}, {in_place, s}));
  CHECK(test::same_bits(x, right));  // the gaps too
  CHECK(test::same_bits(s, sums));
  CHECK(k.withdrawn());
  x = x0;
  REQUIRE(k.run_rows({in_place, a}, {in_place, s}));
  CHECK(test::same_bits(x, right));
  const Kernel fine = kernel_with(text, VerifyPolicy::first);
  for (int i = 0; i < 2; ++i) {
    x = x0;
    REQUIRE(fine.run_rows({in_place, a}, {in_place, s}));
    CHECK(test::same_bits(x, right));
  }
  CHECK_FALSE(fine.withdrawn());
  CHECK(log.count("withdrawn") == 1);
}

TEST_CASE("eight threads meet wrong code") {
  if (!jit_here()) return;
  const test::Log log;
  const Floats x = test::numbers(3000);
  Floats right(3000);
  REQUIRE(right_one(kScale).run({x}, {right}));
  for (const VerifyPolicy policy : {VerifyPolicy::first, VerifyPolicy::always}) {
    const Kernel k = wrong_one(kScale, policy);
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&] {
        const Kernel mine = k;
        for (int i = 0; i < 20; ++i) {
          Floats y(3000);
          if (!mine.run({x}, {y}) || !test::same_bits(y, right)) ++wrong;
        }
      });
    for (std::thread& t : threads) t.join();
    CHECK(wrong == 0);
    CHECK(k.withdrawn());
  }
  CHECK(log.count("withdrawn") == 2);
}

TEST_CASE("a kernel asked whether it is right") {
  for (const VerifyPolicy policy : {VerifyPolicy::off, VerifyPolicy::first}) {
    const auto fine = verify(kernel_with(kScale, policy));
    REQUIRE(fine);
    INFO(fine->text);
    CHECK(fine->same);
    CHECK(fine->runs > 100);
    if (!jit_here()) return;
    const Kernel k = wrong_one(kScale, policy);
    const auto wrong = verify(k);
    REQUIRE(wrong);
    CHECK_FALSE(wrong->same);
    CHECK(wrong->text.find("differs from the interpreter") != std::string::npos);
    CHECK(wrong->text.find(kWrong) != std::string::npos);
    CHECK_FALSE(k.withdrawn());
  }
  const auto whole = verify(test::compiled("kernel k(x: f32[]) -> f32 { mean(exp(x)) }"));
  CHECK((whole && whole->same));
}

namespace {

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A directory of its own, removed at the end.
struct Directory {
  Directory() : path((std::filesystem::temp_directory_path() / "trueno-policy-XXXXXX").string()) {
    if (!mkdtemp(path.data())) path.clear();
  }
  ~Directory() { std::filesystem::remove_all(path); }
  std::string path;
};

}  // namespace

// Run by the next, with TRUENO_DUMP_DIR.
TEST_CASE("withdraw seventeen kernels", "[.child]") {
  if (!std::getenv("TRUENO_DUMP_DIR")) return;
  const test::Log log;
  for (int i = 0; i < 17; ++i) {
    const std::string text = std::string("kernel twice(x: f32[], a: f32) -> (y: f32[], m: f32) { y = x * a * ") +
                             kWrong + "; y, max(y) + " + std::to_string(i) + " }";
    Floats x = test::numbers(100), right(100);
    float m = 0, most = 0;
    if (!right_one(text).run({x, 0.75f}, {right, most})) return;
    const Kernel k = wrong_one(text, VerifyPolicy::first);
    if (!k.run({x, 0.75f}, {x, m}) || !test::same_bits(x, right) || !k.withdrawn()) std::puts("WRONG");
  }
  std::printf("%d warnings, %d written, %d refused\n%s", log.count("withdrawn"), log.count("reproducer: "),
              log.count("no reproducer could be written"), log.text().c_str());
  std::fflush(stdout);
}

TEST_CASE("reproducers") {
  if (!jit_here()) return;
  const Directory directory;
  REQUIRE_FALSE(directory.path.empty());
  const std::string said =
      test::run_again("withdraw seventeen kernels", {{"TRUENO_DUMP_DIR", directory.path + "/deep/er"}});
  INFO(said);
  CHECK(said.find("no reproducer, as enough have been written") != said.npos);
  CHECK(said.find("17 warnings, 16 written") != said.npos);
  CHECK(said.find("WRONG") == said.npos);
  int folders = 0;
  for (const auto& folder : std::filesystem::directory_iterator(directory.path + "/deep/er")) {
    ++folders;
    const std::filesystem::path at = folder.path();
    CHECK(at.filename().string().find("trueno-") == 0);
    const std::string readme = contents(at / "README.md"), input = contents(at / "input-0.npy");
    CHECK(readme.find("n = 100") != readme.npos);
    CHECK(readme.find("trueno-run kernel.tir --backend jit --isa ") != readme.npos);
    CHECK(readme.find("in the same place as result 'y'") != readme.npos);
    CHECK(readme.find(" --set a=0.75 --out y=") != readme.npos);
    CHECK(contents(at / "code.bin").size() > 16);
    // The input as it was before the result took its place; the answers on either side.
    const Floats x = test::numbers(100);
    REQUIRE(input.size() == 128 + 400);
    CHECK(std::memcmp(input.data() + 128, x.data(), 400) == 0);
    Floats right(100);
    float m = 0;
    REQUIRE(test::compiled(contents(at / "kernel.tir")).run({x, 0.75f}, {right, m}));
    CHECK(std::memcmp(contents(at / "result-0.right.npy").data() + 128, right.data(), 400) == 0);
    CHECK(std::memcmp(contents(at / "result-0.found.npy").data() + 128, right.data(), 400) != 0);
  }
  CHECK(folders == 16);
}

TEST_CASE("a disk that refuses the reproducer") {
  if (!jit_here()) return;
  const std::string said = test::run_again("withdraw seventeen kernels", {{"TRUENO_DUMP_DIR", "/proc/nothing/here"}});
  INFO(said);
  CHECK(said.find("17 warnings, 0 written, 16 refused") != said.npos);
  CHECK(said.find("WRONG") == said.npos);
}
