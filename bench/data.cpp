// See data.h. The values: a block of 100003 random ones, repeated.
//
//   normal    deviation 2.5, within +-20, where exp of f32 neither overflows nor is subnormal; every fourth has a
//             magnitude between 2^-20 and 2, evenly over the exponents, as that is where tanh and its like lose digits
//   positive  between 2^-12 and 2^12, evenly over the exponents; every fourth is close to 1, where log does
//   integers  evenly within +-2^20: a sum of 10 million products fits 64 bits, and overflows 32
#include "bench/data.h"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <random>
#include <type_traits>

#include "runtime/npy_header.h"

namespace trueno::bench {
namespace {

constexpr std::size_t kHuge = std::size_t{2} << 20;
constexpr std::size_t kBlock = 100003;
constexpr std::size_t kSlack = 4096;  ///< the limit's kernels go beyond the end, to whole vectors

std::size_t rounded_up(std::size_t v, std::size_t to) { return (v + to - 1) / to * to; }

class Source {
 public:
  double number(Values values, std::size_t i) {
    if (values == Values::positive) return i % 4 == 3 ? 1 + 0.05 * unit_(engine_) : std::exp2(evenly(-12, 12));
    if (i % 4 == 3) return std::copysign(std::exp2(evenly(-20, 1)), unit_(engine_));
    return std::clamp(2.5 * unit_(engine_), -20.0, 20.0);
  }
  std::int32_t integer() { return static_cast<std::int32_t>(evenly(-0x1p20, 0x1p20)); }

 private:
  double evenly(double low, double high) { return std::uniform_real_distribution<double>(low, high)(engine_); }
  std::mt19937_64 engine_{20240229};
  std::normal_distribution<double> unit_;
};

/// Calls f with a value of the type.
template <class F>
void with_type(Type type, F f) {
  if (type == Type::f32) f(float());
  if (type == Type::f64) f(double());
  if (type == Type::i32) f(std::int32_t());
}

bool write_array(const std::string& path, Type type, const void* data, std::size_t n) {
  const std::string header = runtime::npy_header(type, "(" + std::to_string(n) + ",)");
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return false;
  const bool written = std::fwrite(header.data(), 1, header.size(), file) == header.size() &&
                       std::fwrite(data, stored_bytes(type), n, file) == n;
  return (std::fclose(file) == 0) && written;
}

}  // namespace

void Data::Free::operator()(void* p) const { std::free(p); }

Data::Data(std::size_t most) : most_(std::max(most, kCheckSizes[std::size(kCheckSizes) - 1])) {
  const std::size_t each = rounded_up(most_ * 8 + kSlack, kHuge);
  const std::size_t all = 3 * each + kHuge;
  memory_.reset(std::aligned_alloc(kHuge, all));
  if (memory_ == nullptr) throw std::bad_alloc();
  madvise(memory_.get(), all, MADV_HUGEPAGE);
  std::memset(memory_.get(), 0, all);
  char* at = static_cast<char*>(memory_.get());
  x_ = at;
  y_ = at + each + 1344;
  out_ = at + 2 * each + 2688;
}

template <class T>
void Data::fill(Values values) {
  Source source;
  T *x = static_cast<T*>(x_), *y = static_cast<T*>(y_);
  for (std::size_t i = 0; i < std::min(kBlock, most_); ++i) {
    if constexpr (std::is_integral_v<T>) {
      x[i] = source.integer();
      y[i] = source.integer();
    } else {
      x[i] = static_cast<T>(source.number(values, i));
      y[i] = static_cast<T>(source.number(values, i + 1));
    }
  }
  for (std::size_t i = kBlock; i < most_; i += kBlock) {
    const std::size_t bytes = std::min(kBlock, most_ - i) * sizeof(T);
    std::memcpy(x + i, x, bytes);
    std::memcpy(y + i, y, bytes);
  }
}

Work Data::work(const Task& task, Type type, std::size_t n) {
  if (!filled_ || type != type_ || task.values != values_) {
    with_type(type, [&](auto t) { fill<decltype(t)>(task.values); });
    filled_ = true;
    type_ = type;
    values_ = task.values;
  }
  Work w;
  w.x = x_, w.y = y_, w.out = out_, w.n = n;
  w.a = kA, w.b = kB, w.epsilon = kEpsilon;
  return w;
}

Exact Data::exact(const Work& work, Type type) {
  Exact e;
  with_type(type, [&](auto t) {
    using T = decltype(t);
    e.x.assign(x_of<T>(work), x_of<T>(work) + work.n);
    e.y.assign(y_of<T>(work), y_of<T>(work) + work.n);
    e.a = static_cast<T>(work.a), e.b = static_cast<T>(work.b), e.epsilon = static_cast<T>(work.epsilon);
  });
  return e;
}

bool Data::write_npy(const std::string& directory, const Task& task, Type type, std::size_t n) {
  const Work w = work(task, type, n);
  const std::string rest =
      std::string(task.values == Values::positive ? ".positive." : ".normal.") + std::string(name_of(type)) + ".npy";
  return write_array(directory + "/x" + rest, type, w.x, n) && write_array(directory + "/y" + rest, type, w.y, n);
}

}  // namespace trueno::bench
