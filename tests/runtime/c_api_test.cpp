// The C ABI: what C programs do (c_api_calls.c, compiled as C), what they do wrong, and what happens when there is no
// memory. Results are those of the C++ API, bit for bit, as they are its results.
#include <trueno.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "trueno/trueno.h"

extern "C" const char* trueno_test_calls_from_c(void);

namespace {

/// How many allocations of this thread may still succeed; below 0: all.
thread_local long allocations_left = -1;

struct Caught {
  trueno_status status = TRUENO_OK;
  std::string text;
  bool mentions(const std::string& what) const { return text.find(what) != text.npos; }
};

/// Makes a call that gets `&error`, and frees what it leaves there.
template <class Call>
Caught caught(const Call& call) {
  trueno_error* error = reinterpret_cast<trueno_error*>(std::uintptr_t{16});  // never looked at
  Caught out;
  out.status = call(&error);
  CHECK((out.status == TRUENO_OK) == (error == nullptr));
  if (error) {
    CHECK(error->status == out.status);
    CHECK(error->count >= 1);
    out.text = error->text;
  }
  trueno_error_free(error);
  return out;
}

struct Released {
  explicit Released(const char* text, const trueno_options* options = nullptr) {
    const Caught made =
        caught([&](trueno_error** e) { return trueno_compile(text, TRUENO_NUL_TERMINATED, options, &kernel, e); });
    INFO(made.text);
    REQUIRE(made.status == TRUENO_OK);
  }
  ~Released() { trueno_kernel_release(kernel); }
  Released(const Released&) = delete;
  Released& operator=(const Released&) = delete;
  trueno_kernel* kernel = nullptr;
};

constexpr const char* kAxpy = "kernel axpy(x: f32[], a: f32) -> f32[] { a*x }";
constexpr const char* kSum = "kernel s(x: f32[]) -> f32 { sum(x) }";

}  // namespace

// All of the test program allocates here, so that allocations of the library can be made to fail. (Inlined, gcc 12
// would warn of what new got being given to free.)
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (allocations_left == 0) throw std::bad_alloc();
  if (allocations_left > 0) --allocations_left;
  if (void* p = std::malloc(size ? size : 1)) return p;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size ? size : 1);
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }

TEST_CASE("a C program gets what it asks for") {
  const char* wrong = trueno_test_calls_from_c();
  INFO((wrong ? wrong : ""));
  CHECK(wrong == nullptr);
}

TEST_CASE("numbers have the names of C++, and those that nobody knows have one too") {
  for (int i = 0; i < 16; ++i) {
    CHECK(trueno_type_name(i) == (i < 6 ? name_of(static_cast<trueno::Type>(i)) : "unknown"));
    CHECK(trueno_backend_name(i) == (i < 4 ? name_of(static_cast<trueno::Backend>(i)) : "unknown"));
    CHECK(trueno_isa_name(i) == (i < 4 ? name_of(static_cast<trueno::Isa>(i)) : "unknown"));
  }
  CHECK(std::string(trueno_status_name(TRUENO_INVALID_TEXT)) == "invalid_text");
  CHECK(std::string(trueno_status_name(TRUENO_OUT_OF_MEMORY)) == "out_of_memory");
  CHECK(std::string(trueno_status_name(TRUENO_OUT_OF_MEMORY + 1)) == "unknown");
  CHECK(std::string(trueno_status_name(-1)) == "unknown");
  CHECK(trueno_host_isa() == static_cast<int>(trueno::host_isa()));
}

TEST_CASE("versions agree") {
  CHECK(std::string(trueno_version()) == TRUENO_VERSION_STRING);
  CHECK(trueno_version() == std::string(trueno::version().text));
  CHECK(std::string(TRUENO_VERSION_STRING) == std::to_string(TRUENO_VERSION_MAJOR) + "." +
                                                  std::to_string(TRUENO_VERSION_MINOR) + "." +
                                                  std::to_string(TRUENO_VERSION_PATCH));
  CHECK(trueno_version_number() == 10000 * TRUENO_VERSION_MAJOR + 100 * TRUENO_VERSION_MINOR + TRUENO_VERSION_PATCH);
}

TEST_CASE("NULL is an error that names the argument") {
  trueno_kernel* kernel = nullptr;
  const auto says = [](const std::string& what, const auto& call) {
    INFO(what);
    const Caught c = caught(call);
    CHECK(c.status == TRUENO_INVALID_ARGUMENT);
    INFO(c.text);
    CHECK(c.mentions(what + " is NULL"));
  };
  says("trueno_compile: text", [&](auto e) { return trueno_compile(nullptr, 1, nullptr, &kernel, e); });
  says("trueno_compile: text",
       [&](auto e) { return trueno_compile(nullptr, TRUENO_NUL_TERMINATED, nullptr, &kernel, e); });
  says("trueno_compile: kernel", [&](auto e) { return trueno_compile(kSum, 5, nullptr, nullptr, e); });
  says("trueno_compile_expression: names",
       [&](auto e) { return trueno_compile_expression("x", 1, nullptr, 1, nullptr, &kernel, e); });
  const trueno_name nameless = {nullptr, TRUENO_F32, 1};
  says("names[0].name", [&](auto e) { return trueno_compile_expression("x", 1, &nameless, 1, nullptr, &kernel, e); });
  CHECK(kernel == nullptr);

  const Released axpy(kAxpy);
  float y = 0;
  const trueno_arg in[] = {trueno_array(TRUENO_F32, &y, 1), trueno_f32(2)};
  const trueno_arg nowhere[] = {trueno_array(TRUENO_F32, nullptr, 1), trueno_f32(2)};
  const auto says_null = [](const std::string& what, const auto& call) {
    const Caught c = caught(call);
    INFO(c.text);
    CHECK(c.status == TRUENO_INVALID_ARGUMENT);
    CHECK(c.mentions("'" + what + "' is null"));
  };
  const trueno_out out = trueno_array_out(TRUENO_F32, &y, 1), no_out = trueno_array_out(TRUENO_F32, nullptr, 1);
  says("trueno_run: kernel", [&](auto e) { return trueno_run(nullptr, in, 2, &out, 1, e); });
  says("trueno_run: inputs", [&](auto e) { return trueno_run(axpy.kernel, nullptr, 2, &out, 1, e); });
  says("trueno_run: outputs", [&](auto e) { return trueno_run(axpy.kernel, in, 2, nullptr, 1, e); });
  says_null("x", [&](auto e) { return trueno_run(axpy.kernel, nowhere, 2, &out, 1, e); });
  says_null(trueno_kernel_result(axpy.kernel, 0).name,
            [&](auto e) { return trueno_run(axpy.kernel, in, 2, &no_out, 1, e); });
  const trueno_rows_arg rows[] = {trueno_matrix(TRUENO_F32, nullptr, 1, 1, 1), trueno_each(trueno_f32(2))};
  const trueno_rows_out rows_out = trueno_matrix_out(TRUENO_F32, &y, 1, 1, 1);
  says_null("x", [&](auto e) { return trueno_run_rows(axpy.kernel, rows, 2, &rows_out, 1, e); });
  const Released sum(kSum);
  const trueno_out no_scalar = trueno_scalar_out(TRUENO_F32, nullptr);
  says("trueno_run: outputs[0].data", [&](auto e) { return trueno_run(sum.kernel, in, 1, &no_scalar, 1, e); });
  says("trueno_sum_f32: x", [&](auto e) { return trueno_sum_f32(nullptr, 1, &y, e); });
  says("trueno_sum_f32: result", [&](auto e) { return trueno_sum_f32(&y, 1, nullptr, e); });
  says("trueno_dot_f32: y", [&](auto e) { return trueno_dot_f32(&y, nullptr, 1, &y, e); });

  CHECK(trueno_kernel_name(nullptr) == nullptr);
  CHECK(trueno_kernel_origin(nullptr) == nullptr);
  CHECK(trueno_kernel_text(nullptr) == nullptr);
  CHECK(trueno_kernel_parameter(nullptr, 0).name == nullptr);
  CHECK(trueno_kernel_parameter_count(nullptr) == 0);
  CHECK(trueno_kernel_backend(nullptr) == -1);
  CHECK(trueno_kernel_retain(nullptr) == nullptr);
}

TEST_CASE("a number that nobody knows is an error that names it") {
  const Released axpy(kAxpy);
  float x = 1;
  const auto run = [&](const trueno_arg& a, const trueno_out& o) {
    const trueno_arg in[] = {a, trueno_f32(2)};
    return caught([&](auto e) { return trueno_run(axpy.kernel, in, 2, &o, 1, e); });
  };
  const trueno_arg arg = trueno_array(TRUENO_F32, &x, 1);
  const trueno_out out = trueno_array_out(TRUENO_F32, &x, 1);
  CHECK(run(arg, out).status == TRUENO_OK);
  CHECK(run(trueno_array(77, &x, 1), out).mentions("trueno_run: inputs[0].type is 77, which is no trueno_type"));
  CHECK(run(trueno_array(256 + TRUENO_F32, &x, 1), out).mentions("inputs[0].type is 255"));
  CHECK(run(trueno_array(-1, &x, 1), out).mentions("inputs[0].type is 255"));
  trueno_out odd = out;
  odd.array = 2;
  CHECK(run(arg, odd).mentions("trueno_run: outputs[0].array is 2, which is no 0 or 1"));

  const auto compile = [&](const auto& change) {
    trueno_options options = TRUENO_OPTIONS_INIT;
    change(options);
    trueno_kernel* kernel = nullptr;
    const Caught c = caught([&](auto e) { return trueno_compile(kSum, std::strlen(kSum), &options, &kernel, e); });
    trueno_kernel_release(kernel);
    return c;
  };
  using Options = trueno_options;
  CHECK(compile([](Options&) {}).status == TRUENO_OK);
  CHECK(compile([](Options& o) { o.backend = 4; }).mentions("options->backend is 4, which is no trueno_backend"));
  CHECK(compile([](Options& o) { o.backend = -1; }).mentions("options->backend is -1"));
  CHECK(compile([](Options& o) { o.isa = 4; }).mentions("options->isa is 4, which is no trueno_isa"));
  CHECK(compile([](Options& o) { o.verify = 3; }).mentions("options->verify is 3, which is no trueno_verify"));
  CHECK(compile([](Options& o) { o.vector_bits = 64; }).mentions("options->vector_bits is 64"));
  CHECK(compile([](Options& o) { o = {}; }).mentions("options->struct_size is 0: begin with TRUENO_OPTIONS_INIT"));

  const trueno_name strange = {"x", 9, 1}, neither = {"x", TRUENO_F32, 2};
  trueno_kernel* kernel = nullptr;
  const auto name = [&](const trueno_name& n) {
    return caught([&](auto e) { return trueno_compile_expression("x", 1, &n, 1, nullptr, &kernel, e); });
  };
  CHECK(name(strange).mentions("names[0].type is 9"));
  CHECK(name(neither).mentions("names[0].array is 2"));
}

TEST_CASE("options of a later version are taken if they set nothing new") {
  struct Later {
    trueno_options known = TRUENO_OPTIONS_INIT;
    std::size_t news = 0;
  } later;
  later.known.struct_size = sizeof later;
  const Released kernel(kSum, &later.known);
  later.news = 1;
  trueno_kernel* none = nullptr;
  const Caught c = caught([&](auto e) { return trueno_compile(kSum, TRUENO_NUL_TERMINATED, &later.known, &none, e); });
  CHECK(c.status == TRUENO_INVALID_ARGUMENT);
  CHECK(c.mentions("sets what this library"));
}

TEST_CASE("options reach the compiler, and what a kernel says of itself is what C++ says") {
  for (const int backend : {TRUENO_AUTOMATIC, TRUENO_INTERPRETER, TRUENO_FALLBACK}) {
    trueno_options options = TRUENO_OPTIONS_INIT;
    options.backend = backend;
    options.isa = TRUENO_SSE2;
    options.extra_ops = "op twice(x: T) -> T for T in f32, f64 { x + x }";
    const Released c("kernel k(x: f32[], y: i32[]) -> f32[] { select(y > 0, twice(x), 0) }", &options);
    const auto cpp = trueno::compile(
        "kernel k(x: f32[], y: i32[]) -> f32[] { select(y > 0, twice(x), 0) }",
        {.backend = static_cast<trueno::Backend>(backend), .isa = trueno::Isa::sse2, .extra_ops = options.extra_ops});
    REQUIRE(cpp);
    CHECK(trueno_kernel_origin(c.kernel) == cpp->origin());
    CHECK(trueno_kernel_name(c.kernel) == cpp->name());
    CHECK(trueno_kernel_text(c.kernel) == cpp->text());
    CHECK(trueno_kernel_backend(c.kernel) == static_cast<int>(cpp->backend()));
    CHECK(trueno_kernel_isa(c.kernel) == static_cast<int>(cpp->isa()));
    CHECK(trueno_kernel_vector_bits(c.kernel) == cpp->vector_bits());
    CHECK(trueno_kernel_parameter(c.kernel, 1).type == TRUENO_I32);
  }
}

TEST_CASE("mistakes in a call are told as C++ tells them, and nothing is written") {
  const Released axpy(kAxpy);
  const auto cpp = trueno::compile(kAxpy);
  float x[4] = {1, 2, 3, 4}, y[4] = {9, 9, 9, 9};
  const trueno_arg in[] = {trueno_array(TRUENO_F32, x, 4), trueno_f32(2)};
  const trueno_out short_out = trueno_array_out(TRUENO_F32, y, 3);
  const Caught c = caught([&](auto e) { return trueno_run(axpy.kernel, in, 2, &short_out, 1, e); });
  CHECK(c.status == TRUENO_INVALID_ARGUMENT);
  const auto same = cpp->run({std::span<const float>(x), 2.0f}, {std::span<float>(y, 3)});
  CHECK(c.text == same.error().text());
  CHECK(y[0] == 9);
  CHECK(caught([&](auto e) { return trueno_run(axpy.kernel, in, 1, &short_out, 1, e); }).mentions("takes 2 arguments"));
  CHECK(
      caught([&](auto e) { return trueno_run(axpy.kernel, nullptr, 0, nullptr, 0, e); }).mentions("takes 2 arguments"));
}

TEST_CASE("the text of a kernel may be asked for by many threads, and a kernel released by all") {
  Released first(kAxpy);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([kernel = trueno_kernel_retain(first.kernel)] {
      const char* text = trueno_kernel_text(kernel);
      if (!text || std::strstr(text, "axpy") == nullptr) std::abort();
      trueno_kernel_release(kernel);
    });
  for (std::thread& t : threads) t.join();
}

TEST_CASE("no memory is a status, wherever it runs out") {
  { const Released warm(kAxpy); }
  const auto short_of_memory = [](long allowed, const auto& call) {
    trueno_error* error = nullptr;
    allocations_left = allowed;
    const trueno_status status = call(&error);
    allocations_left = -1;
    if (status != TRUENO_OK) {
      CHECK(status == TRUENO_OUT_OF_MEMORY);
      REQUIRE(error);
      CHECK(std::string(error->text) == "error: out of memory\n");
      CHECK(error->count == 1);
      trueno_error_free(error);
    }
    return status;
  };
  long allowed = 0;
  for (;; ++allowed) {
    REQUIRE(allowed < 100000);
    trueno_kernel* kernel = nullptr;
    const auto status = short_of_memory(
        allowed, [&](auto e) { return trueno_compile(kAxpy, std::strlen(kAxpy), nullptr, &kernel, e); });
    CHECK((status == TRUENO_OK) == (kernel != nullptr));
    trueno_kernel_release(kernel);
    if (status == TRUENO_OK) break;
  }
  CHECK(allowed > 20);  // it was worth it

  // A refusal whose reasons there is no memory for keeps its status only if the caller does not ask for them.
  const Released axpy(kAxpy);
  const auto refused = [&](trueno_error** e) { return trueno_run(axpy.kernel, nullptr, 0, nullptr, 0, e); };
  CHECK(short_of_memory(0, refused) == TRUENO_OUT_OF_MEMORY);
}
