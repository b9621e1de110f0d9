// The demo's columns and the questions asked of them; see demo.h.
#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "runtime/verify_inputs.h"
#include "tools/demo.h"
#include "tools/demo_plain.h"

namespace trueno::tools {
namespace {

constexpr std::uint64_t kSeed = 42;
// With prices in [0, 100) this puts a*x + b in [-6.25, 6.25): where the sigmoid does something.
constexpr float kA = 0.125f, kB = -6.25f;

/// A directory that goes with this object, or one that was given and stays.
class Directory {
 public:
  explicit Directory(const std::string& given) : path_(given), temporary_(given.empty()) {}
  ~Directory() {
    std::error_code ignored;
    if (temporary_ && !path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  Result<void> create() {
    std::error_code error;
    if (!temporary_) {
      std::filesystem::create_directories(path_, error);
      return error ? Error(Status::io, fmt::format("{}: cannot be created: {}", path_, error.message()))
                   : Result<void>();
    }
    const std::filesystem::path root = std::filesystem::temp_directory_path(error);
    if (error) return Error(Status::io, "there is no directory for temporary files: " + error.message());
    std::string pattern = (root / "trueno-demo-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) return Error(Status::io, fmt::format("{}: {}", pattern, std::strerror(errno)));
    path_ = pattern;
    return {};
  }
  std::string file(const char* name) const { return (std::filesystem::path(path_) / name).string(); }

 private:
  std::string path_;
  bool temporary_;
};

/// 0.00 to 99.99.
float price_at(std::size_t i) { return static_cast<float>(runtime::mix(kSeed + i) % 10'000) / 100; }
/// A million either way around 5,000, so that the sum leaves 32 bits.
std::int32_t quantity_at(std::size_t i) {
  return static_cast<std::int32_t>(runtime::mix(~kSeed - i) % 2'000'001) - 995'000;
}

template <Element T, class At>
Result<NpyArray> write_and_map(const Directory& directory, const char* name, std::size_t rows, At at,
                               const Streams& streams) {
  std::vector<T> values(rows);
  for (std::size_t i = 0; i < rows; ++i) values[i] = at(i);
  const std::string path = directory.file(name);
  if (auto done = write_npy(path, type_of<T>(), values.data(), rows); !done) return done.error();
  auto mapped = read_npy(path);
  if (mapped)
    fmt::print(streams.out, "  {}  {:.1f} MB of {}\n", path, static_cast<double>(rows * sizeof(T)) / 1e6,
               name_of(type_of<T>()));
  return mapped;
}

template <class T>
std::uint64_t as_bits(T value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(value));
  return bits;
}

}  // namespace

Result<Columns> make_columns(const std::string& given, std::size_t rows, const Streams& streams) {
  Directory directory(given);
  if (auto done = directory.create(); !done) return done.error();
  auto price = write_and_map<float>(directory, "price.npy", rows, price_at, streams);
  if (!price) return price.error();
  auto quantity = write_and_map<std::int32_t>(directory, "quantity.npy", rows, quantity_at, streams);
  if (!quantity) return quantity.error();
  return Columns{std::move(*price), std::move(*quantity)};
}

std::vector<Query> make_queries(const Columns& columns) {
  const auto* x = static_cast<const float*>(columns.price.data());
  const auto* k = static_cast<const std::int32_t*>(columns.quantity.data());
  const std::size_t n = columns.price.length();
  const Name price{"x", true, Type::f32}, quantity{"k", true, Type::i32};
  const Arg xs(Type::f32, x, n), ks(Type::i32, k, n);
  const std::vector<Name> fused{price, {"a", false, Type::f32}, {"b", false, Type::f32}};
  return {
      {"SUM of f32", "sum(x)", {price}, {xs}, Type::f32, n * 4, [=] { return as_bits(plain::sum(x, n)); }},
      {"AVG of f32", "mean(x)", {price}, {xs}, Type::f32, n * 4, [=] { return as_bits(plain::mean(x, n)); }},
      {"SUM of i32, as i64", "sum(k)", {quantity}, {ks}, Type::i64, n * 4, [=] { return as_bits(plain::sum(k, n)); }},
      {"AVG of i32, as f64", "mean(k)", {quantity}, {ks}, Type::f64, n * 4, [=] { return as_bits(plain::mean(k, n)); }},
      {"fused, f32",
       "mean(sigmoid(a*x + b))",
       fused,
       {xs, Arg(kA), Arg(kB)},
       Type::f32,
       n * 4,
       [=] { return as_bits(plain::mean_sigmoid(x, n, kA, kB)); }},
  };
}

}  // namespace trueno::tools
