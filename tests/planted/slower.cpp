// Builds of the library with a slowdown planted, for trueno-bench to find: functions of the C ABI that stand in front
// of those of the true library, which answers for all the rest.
//
//   PLANT_LOOP       two more operations per element in kernels of tanh: the generated loop is slower
//   PLANT_DISPATCH   a counter that all threads share is raised in each call: what runs around the code is slower
#include <dlfcn.h>
#include <trueno.h>

#include <atomic>
#include <string>

namespace {

template <class Function>
Function true_one(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

#ifdef PLANT_LOOP
trueno_status trueno_compile(const char* text, size_t length, const trueno_options* options, trueno_kernel** kernel,
                             trueno_error** error) noexcept {
  static const auto compile = true_one<decltype(&trueno_compile)>("trueno_compile");
  std::string planted(text, length);
  const std::string from = "tanh(x)", to = "0.99*abs(tanh(x))";
  if (const std::size_t at = planted.find(from); at != planted.npos) planted.replace(at, from.size(), to);
  return compile(planted.data(), planted.size(), options, kernel, error);
}
#endif

#ifdef PLANT_DISPATCH
trueno_status trueno_run(const trueno_kernel* kernel, const trueno_arg* inputs, size_t input_count,
                         const trueno_out* outputs, size_t output_count, trueno_error** error) noexcept {
  static const auto run = true_one<decltype(&trueno_run)>("trueno_run");
  static std::atomic<unsigned long> calls{0};
  calls.fetch_add(1);
  return run(kernel, inputs, input_count, outputs, output_count, error);
}
#endif
}
