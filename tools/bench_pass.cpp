// What a child does: see bench_pass.h. It writes what it found to a pipe, as CBOR, and never returns.
#include "tools/bench_pass.h"

#include <alloca.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <random>

#include "tools/timing.h"

namespace trueno::tools {
namespace {

using Random = std::minstd_rand;
constexpr std::size_t kPage = 4096;

unsigned below(Random& random, unsigned limit) { return std::uniform_int_distribution<unsigned>(0, limit - 1)(random); }

/// Memory for one array, with room to place it anywhere in a page; the same values wherever that is.
class Arena {
 public:
  Arena(std::size_t bytes, trueno_type type) : size_(bytes + 2 * kPage) {
    void* p = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<char*>(p);
    switch (type) {
      case TRUENO_F32: fill<float>(); break;
      case TRUENO_F64: fill<double>(); break;
      case TRUENO_I32: fill<std::int32_t>(); break;
      case TRUENO_I64: fill<std::int64_t>(); break;
      default: fill<std::uint8_t>(); break;
    }
  }
  ~Arena() { munmap(base_, size_); }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  char* at(std::size_t offset) const { return base_ + offset; }

 private:
  template <class T>
  void fill() {
    Random random(1);
    std::normal_distribution<double> number(0, 2);
    T* values = reinterpret_cast<T*>(base_);
    std::array<T, 1021> some;  // a prime: no period of the hardware's
    for (T& v : some) v = sizeof(T) == 1 ? static_cast<T>(random() & 1) : static_cast<T>(number(random));
    for (std::size_t i = 0; i < size_ / sizeof(T); ++i) values[i] = some[i % some.size()];
  }
  char* base_ = nullptr;
  std::size_t size_;
};

/// A kernel of one build, compiled.
class Compiled {
 public:
  Compiled(const Library& library, const Build& build, const BenchKernel& kernel) : library_(library) {
    trueno_error* error = nullptr;
    if (library.compile(kernel.text.data(), kernel.text.size(), nullptr, &handle_, &error) != TRUENO_OK)
      throw std::runtime_error(fmt::format("{}: {}", build.path, library.text_of(error)));
  }
  ~Compiled() { library_.release(handle_); }
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;

  const trueno_kernel* get() const { return handle_; }
  const Library& library() const { return library_; }
  trueno_status run(const std::vector<trueno_arg>& in, const std::vector<trueno_out>& out, trueno_error** error) const {
    return library_.run(handle_, in.data(), in.size(), out.data(), out.size(), error);
  }
  std::string_view code() const {
    std::size_t size = 0;
    const void* bytes = library_.code != nullptr ? library_.code(handle_, &size) : nullptr;
    return {static_cast<const char*>(bytes), size};
  }

 private:
  const Library& library_;
  trueno_kernel* handle_ = nullptr;
};

constexpr bool is_wide(trueno_type type) { return type == TRUENO_F64 || type == TRUENO_I64; }
std::size_t bytes_of(trueno_type type) { return is_wide(type) ? 8 : type >= TRUENO_M32 ? 1 : 4; }

/// What a kernel is called with: its slots, memory for each, and scalars.
struct Subject {
  Subject(const Library& library, const trueno_kernel* kernel, std::size_t most) {
    for (std::size_t i = 0; i < library.parameter_count(kernel); ++i) slots.push_back(library.parameter(kernel, i));
    parameters = slots.size();
    for (std::size_t i = 0; i < library.result_count(kernel); ++i) slots.push_back(library.result(kernel, i));
    for (const trueno_slot& s : slots)
      arenas.push_back(std::make_unique<Arena>((s.array ? most : 1) * bytes_of(s.type), s.type));
  }
  std::vector<trueno_slot> slots;
  std::size_t parameters = 0;
  std::vector<std::unique_ptr<Arena>> arenas;
};

trueno_arg scalar_of(trueno_type type) {
  switch (type) {
    case TRUENO_F32: return trueno_f32(0.75f);
    case TRUENO_F64: return trueno_f64(0.75);
    default: return trueno_scalar_bits(type, 1);
  }
}

/// A call that is timed: a kernel of one build, and its arrays.
struct Call {
  std::unique_ptr<Compiled> kernel;
  std::vector<trueno_arg> in;
  std::vector<trueno_out> out;
  trueno_status run(trueno_error** error = nullptr) const { return kernel->run(in, out, error); }
};

/// A place for code and arrays, and the calls of A and B there.
struct Placement {
  Call calls[2];
  std::vector<double>* pairs = nullptr;
};

/// Where an array or a scalar result lies in its arena. As it lies: at a cache line whose place in a page is not that
/// of the others, or loads would wait for stores that are none of theirs.
std::size_t array_place(Random* random, std::size_t index, std::size_t element) {
  if (random == nullptr) return (index % 4 + 1) * 832;  // beginnings of pages are where libraries have their data
  const unsigned place = below(*random, kPage);
  return below(*random, 2) == 0 ? place / 64 * 64 : place / element * element;
}

/// `shift`: elements that the arrays of B begin later.
void place_arrays(const Subject& subject, std::size_t n, Random* random, std::size_t shift, Placement& placement) {
  for (std::size_t i = 0; i < subject.slots.size(); ++i) {
    const trueno_slot& s = subject.slots[i];
    const std::size_t element = bytes_of(s.type), at = array_place(random, i, element);
    for (const bool is_b : {false, true}) {
      Call& call = placement.calls[is_b];
      char* data = subject.arenas[i]->at(at + (is_b && s.array ? shift * element : 0));
      if (i < subject.parameters)
        call.in.push_back(s.array ? trueno_array(s.type, data, n) : scalar_of(s.type));
      else
        call.out.push_back(s.array ? trueno_array_out(s.type, data, n) : trueno_scalar_out(s.type, data));
    }
  }
}

/// Of this thread: while others run on its core it stands still.
double own_ns() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

/// ns per call.
double batch(const Call& call, int calls) {
  const double begin = own_ns();
  for (int i = 0; i < calls; ++i) call.run();
  return (own_ns() - begin) / calls;
}

double middle(std::vector<double>& times) {
  const auto at = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), at, times.end());
  return *at;
}

class Child {
 public:
  Child(const PassPlan& plan, unsigned seed) : plan_(plan), random_(seed) {}

  nlohmann::json run() {
    load_both();
    nlohmann::json found{{"a", a_.version()}, {"b", b_.version()}};
    for (const BenchKernel& k : plan_.kernels) found["code"].push_back(compare_code(k));
    const std::size_t sizes = plan_.sizes.size();
    std::vector<nlohmann::json> cells(plan_.kernels.size() * sizes);
    for (const std::size_t k : shuffled(plan_.kernels.size())) {
      const Compiled one(a_, plan_.a, plan_.kernels[k]);
      const Subject subject(a_, one.get(), *std::max_element(plan_.sizes.begin(), plan_.sizes.end()));
      for (const std::size_t n : shuffled(sizes))
        cells[k * sizes + n] = cell(plan_.kernels[k], subject, plan_.sizes[n]);
    }
    found["cells"] = cells;
    found["movable"] = movable_;
    return found;
  }

 private:
  std::vector<std::size_t> shuffled(std::size_t count) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), random_);
    return order;
  }

  void load_both() {
    const bool b_first = below(random_, 2) == 1;
    for (const bool is_b : {b_first, !b_first}) {
      // Pages that stay unused, so that the libraries lie elsewhere in every pass.
      mmap(nullptr, (1 + below(random_, 4000)) * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      auto loaded = load(is_b ? plan_.b : plan_.a);
      if (!loaded) throw std::runtime_error(loaded.error().text());
      (is_b ? b_ : a_) = *loaded;
    }
  }

  nlohmann::json compare_code(const BenchKernel& kernel) {
    const Compiled a(a_, plan_.a, kernel), b(b_, plan_.b, kernel);
    const std::string_view of_a = a.code(), of_b = b.code();
    auto bytes = of_a == of_b ? CodeCompared::Bytes::equal : CodeCompared::Bytes::different;
    if (of_a.data() == nullptr || of_b.data() == nullptr) bytes = CodeCompared::Bytes::unknown;
    return {{"bytes", bytes},
            {"a_size", of_a.size()},
            {"b_size", of_b.size()},
            {"a_origin", a_.origin(a.get())},
            {"b_origin", b_.origin(b.get())}};
  }

  /// `random`: nullptr as it lies.
  Placement place(const BenchKernel& kernel, const Subject& subject, std::size_t n, Random* random) {
    Placement p;
    for (const bool is_b : {false, true}) {
      const Library& library = is_b ? b_ : a_;
      const unsigned offset = random != nullptr ? 16 * below(*random, 64) : 0;
      movable_ = library.place_code(offset) && movable_;
      p.calls[is_b].kernel = std::make_unique<Compiled>(library, is_b ? plan_.b : plan_.a, kernel);
    }
    place_arrays(subject, n, random, random == nullptr ? plan_.b_shift : 0, p);
    return p;
  }

  /// The results of both, bit for bit.
  bool same_bits(const Placement& p) const {
    std::vector<std::string> results[2];
    for (const bool is_b : {false, true}) {
      trueno_error* error = nullptr;
      const Call& call = p.calls[is_b];
      if (call.run(&error) != TRUENO_OK)
        throw std::runtime_error(
            fmt::format("{}: {}", (is_b ? plan_.b : plan_.a).path, call.kernel->library().text_of(error)));
      for (const trueno_out& o : call.out)
        results[is_b].emplace_back(static_cast<const char*>(o.data), o.length * bytes_of(o.type));
    }
    return results[0] == results[1];
  }

  nlohmann::json cell(const BenchKernel& kernel, const Subject& subject, std::size_t n) {
    CellPass found;
    std::vector<Placement> placements;
    placements.push_back(place(kernel, subject, n, nullptr));
    placements.back().pairs = &found.pairs.as_it_lies;
    for (std::vector<double>& pairs : found.pairs.moved) {
      placements.push_back(place(kernel, subject, n, &random_));
      placements.back().pairs = &pairs;
    }
    found.same_bits = same_bits(placements.back());
    measure_pairs(placements, found);
    return {{"as_it_lies", found.pairs.as_it_lies},
            {"moved", found.pairs.moved},
            {"a_ns", found.a_ns},
            {"b_ns", found.b_ns},
            {"same_bits", found.same_bits}};
  }

  void measure_pairs(std::vector<Placement>& placements, CellPass& found) {
    constexpr double kBatchNs = 30e3;  // the clock takes 0.2 us
    constexpr int kLeastRounds = 12, kMostRounds = 200;
    batch(placements[0].calls[0], 1);
    double once = batch(placements[0].calls[0], 10);
    if (once < 1000) once = batch(placements[0].calls[0], 1000);
    const int calls = static_cast<int>(std::clamp(kBatchNs / std::max(once, 1.0), 1.0, 1e5));
    std::vector<double> times[2];
    const double begin = now_ns();
    for (int r = 0; r < kMostRounds && (r < kLeastRounds || now_ns() - begin < plan_.cell_ns); ++r) {
      std::shuffle(placements.begin(), placements.end(), random_);
      for (Placement& p : placements) pair(p, calls, p.pairs == &found.pairs.as_it_lies ? times : nullptr);
    }
    found.a_ns = middle(times[0]);
    found.b_ns = middle(times[1]);
  }

  void pair(Placement& p, int calls, std::vector<double>* times) {
    double ns[2];
    const bool b_first = below(random_, 2) == 1;
    for (const bool is_b : {b_first, !b_first}) {
      // Not timed: brings back what the neighbour pushed out, of code and of data.
      batch(p.calls[is_b], 1);
      ns[is_b] = std::max(batch(p.calls[is_b], calls), 0.01);
    }
    p.pairs->push_back(std::log(ns[1] / ns[0]));
    for (const bool is_b : {false, true})
      if (times != nullptr) times[is_b].push_back(ns[is_b]);
  }

  const PassPlan& plan_;
  Random random_;
  Library a_, b_;
  bool movable_ = true;
};

[[noreturn, gnu::noinline]] void be_the_child(const PassPlan& plan, unsigned seed, int to) {
  Random random(seed);
  // How deep the stack is shifts what spills and frames meet in the caches.
  auto* volatile depth = static_cast<char*>(alloca(16 + 16 * below(random, 512)));
  depth[0] = 0;
  nlohmann::json found;
  try {
    found = Child(plan, seed).run();
  } catch (const std::exception& error) {
    found = {{"error", error.what()}};
  }
  const std::vector<std::uint8_t> bytes = nlohmann::json::to_cbor(found);
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t written = write(to, bytes.data() + at, bytes.size() - at);
    if (written <= 0) _exit(1);
    at += static_cast<std::size_t>(written);
  }
  _exit(0);
}

std::vector<std::uint8_t> read_all(int from) {
  std::vector<std::uint8_t> bytes;
  std::uint8_t some[65536];
  for (ssize_t got = 0; (got = read(from, some, sizeof some)) != 0;) {
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) break;
    bytes.insert(bytes.end(), some, some + got);
  }
  return bytes;
}

Pass pass_from(const nlohmann::json& found) {
  Pass pass{found["a"], found["b"], found["movable"], {}, {}};
  for (const auto& c : found["code"])
    pass.code.push_back({c["bytes"], c["a_size"], c["b_size"], c["a_origin"], c["b_origin"]});
  for (const auto& c : found["cells"]) {
    CellPass cell{{c["as_it_lies"], {}}, c["a_ns"], c["b_ns"], c["same_bits"]};
    for (int i = 0; i < kMovedPlacements; ++i) cell.pairs.moved[i] = c["moved"][i].get<std::vector<double>>();
    pass.cells.push_back(std::move(cell));
  }
  return pass;
}

}  // namespace

Result<Pass> run_pass(const PassPlan& plan, unsigned seed) {
  int ends[2];
  if (pipe(ends) != 0) return Error(Status::io, fmt::format("pipe: {}", std::strerror(errno)));
  const pid_t child = fork();
  if (child < 0) {
    close(ends[0]), close(ends[1]);
    return Error(Status::io, fmt::format("fork: {}", std::strerror(errno)));
  }
  if (child == 0) {
    close(ends[0]);
    be_the_child(plan, seed, ends[1]);
  }
  close(ends[1]);
  const std::vector<std::uint8_t> bytes = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (WIFSIGNALED(status))
    return Error(Status::internal, fmt::format("a pass ended by signal {} ({}): one of the builds is broken",
                                               WTERMSIG(status), strsignal(WTERMSIG(status))));
  const nlohmann::json found = nlohmann::json::from_cbor(bytes, true, false);
  if (found.is_discarded()) return Error(Status::internal, "a pass ended without a result");
  if (found.contains("error")) return Error(Status::invalid_argument, found["error"].get<std::string>());
  return pass_from(found);
}

}  // namespace trueno::tools
