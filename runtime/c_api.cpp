// The C ABI: kernels. Arguments are laid out as those of C++ are, so that a call hands them on where they lie; what
// the type system sees to in C++ (no type 77, no scalar result at NULL) is looked at here.
#include "runtime/c_api.h"

#include <atomic>
#include <cstring>
#include <mutex>

#include "runtime/impl.h"
#include "trueno/cache.h"
#include "trueno/config.h"
#include "trueno/kernel.h"
#include "trueno/version.h"

using trueno::Error;
using trueno::Result;
using trueno::Status;
using trueno::runtime::guarded;
using trueno::runtime::missing;
using trueno::runtime::wrong_number;

struct trueno_kernel {
  explicit trueno_kernel(trueno::Kernel k) : kernel(std::move(k)) {}
  trueno::Kernel kernel;
  std::atomic<std::size_t> uses = 1;
  mutable std::once_flag printed;
  mutable std::string text;
};

namespace {

static_assert(static_cast<int>(trueno::Type::f32) == TRUENO_F32 && static_cast<int>(trueno::Type::f64) == TRUENO_F64 &&
              static_cast<int>(trueno::Type::i32) == TRUENO_I32 && static_cast<int>(trueno::Type::i64) == TRUENO_I64 &&
              static_cast<int>(trueno::Type::m32) == TRUENO_M32 && static_cast<int>(trueno::Type::m64) == TRUENO_M64 &&
              trueno::kTypeCount == TRUENO_M64 + 1);
static_assert(static_cast<int>(trueno::Backend::automatic) == TRUENO_AUTOMATIC &&
              static_cast<int>(trueno::Backend::jit) == TRUENO_JIT &&
              static_cast<int>(trueno::Backend::interpreter) == TRUENO_INTERPRETER &&
              static_cast<int>(trueno::Backend::fallback) == TRUENO_FALLBACK);
static_assert(static_cast<int>(trueno::Isa::sse2) == TRUENO_SSE2 &&
              static_cast<int>(trueno::Isa::sse42) == TRUENO_SSE42 &&
              static_cast<int>(trueno::Isa::avx2) == TRUENO_AVX2 &&
              static_cast<int>(trueno::Isa::avx512) == TRUENO_AVX512);
static_assert(static_cast<int>(trueno::VerifyPolicy::off) == TRUENO_VERIFY_OFF &&
              static_cast<int>(trueno::VerifyPolicy::first) == TRUENO_VERIFY_FIRST &&
              static_cast<int>(trueno::VerifyPolicy::always) == TRUENO_VERIFY_ALWAYS);

// RowsArg has members in two classes, of which C++ says little, but every compiler with this ABI enough.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
template <class Cpp, class C>
constexpr bool laid_out_alike = sizeof(Cpp) == sizeof(C) && alignof(Cpp) == alignof(C) &&
                                offsetof(Cpp, type) == offsetof(C, type) &&
                                offsetof(Cpp, array) == offsetof(C, array) &&
                                offsetof(Cpp, data) == offsetof(C, data) &&
                                offsetof(Cpp, length) == offsetof(C, length);
template <class Cpp, class C>
constexpr bool rows_alike = sizeof(Cpp) == sizeof(C) && alignof(Cpp) == alignof(C) &&
                            offsetof(Cpp, matrix) == offsetof(C, matrix) && offsetof(Cpp, rows) == offsetof(C, rows) &&
                            offsetof(Cpp, stride) == offsetof(C, stride) && offsetof(Cpp, type) == offsetof(C, each);
static_assert(sizeof(trueno::Type) == 1 && sizeof(bool) == 1);
static_assert(laid_out_alike<trueno::Arg, trueno_arg> && offsetof(trueno::Arg, bits) == offsetof(trueno_arg, bits));
static_assert(laid_out_alike<trueno::Out, trueno_out>);
static_assert(rows_alike<trueno::RowsArg, trueno_rows_arg> && rows_alike<trueno::RowsOut, trueno_rows_out>);
#pragma GCC diagnostic pop

/// The C++ struct that lies where the C struct does. The compiler is told that memory was written, so that it takes
/// nothing for granted from the difference in type.
template <class Cpp, class C>
std::span<const Cpp> as_cpp(const C* first, std::size_t count) {
  __asm__ volatile("" : "+r"(first) : : "memory");
  return {reinterpret_cast<const Cpp*>(first), count};
}

bool is_type(long long number) { return number >= TRUENO_F32 && number <= TRUENO_M64; }

bool usable(const trueno_arg& a) { return is_type(a.type) && a.array <= 1; }
bool usable(const trueno_out& o) { return is_type(o.type) && o.array <= 1 && (o.data || o.array); }
template <class Rows>
bool usable_rows(const Rows& r) {
  return usable(r.each) && r.matrix <= r.each.array;
}
bool usable(const trueno_rows_arg& r) { return usable_rows(r); }
bool usable(const trueno_rows_out& r) { return usable_rows(r); }

/// What is wrong with an argument that is not usable.
template <class C>
Error explain(const char* function, const std::string& name, const C& c) {
  if (!is_type(c.type)) return wrong_number(function, name + ".type", c.type, "trueno_type");
  if (c.array > 1) return wrong_number(function, name + ".array", c.array, "0 or 1");
  return missing(function, name + ".data");
}
template <class C>
requires requires(const C& c) { c.each; }
Error explain(const char* function, const std::string& name, const C& c) {
  if (c.matrix > 1) return wrong_number(function, name + ".matrix", c.matrix, "0 or 1");
  if (c.matrix && is_type(c.each.type) && c.each.array == 0)
    return wrong_number(function, name + ".each.array", 0, "matrix");
  return explain(function, name + ".each", c.each);
}

template <class C>
bool all_usable(const C* first, std::size_t count) {
  if (!first) return count == 0;
  for (std::size_t i = 0; i < count; ++i)
    if (!usable(first[i])) return false;
  return true;
}

template <class C>
Result<void> explain_all(const char* function, const char* name, const C* first, std::size_t count) {
  if (!first && count != 0) return missing(function, name);
  for (std::size_t i = 0; i < count; ++i)
    if (!usable(first[i])) return explain(function, std::string(name) + "[" + std::to_string(i) + "]", first[i]);
  return {};
}

/// Why a call cannot be made.
template <class In, class Out>
[[gnu::noinline, gnu::cold]] Result<void> explain_call(const char* function, const trueno_kernel* kernel,
                                                       const In* inputs, std::size_t input_count, const Out* outputs,
                                                       std::size_t output_count) {
  if (!kernel) return missing(function, "kernel");
  if (auto usable = explain_all(function, "inputs", inputs, input_count); !usable) return usable;
  return explain_all(function, "outputs", outputs, output_count);
}

/// Options of this version from those of a caller who may know fewer or more.
Result<trueno::CompileOptions> options_from(const char* function, const trueno_options* given) {
  trueno::CompileOptions options;
  if (!given) return options;
  const std::string wrong = std::string(function) + ": options->struct_size is " + std::to_string(given->struct_size);
  if (given->struct_size < sizeof(trueno_options))  // there were never fewer fields
    return Error(Status::invalid_argument, wrong + ": begin with TRUENO_OPTIONS_INIT");
  const char* bytes = reinterpret_cast<const char*>(given);
  for (std::size_t i = sizeof(trueno_options); i < given->struct_size; ++i)
    if (bytes[i] != 0)
      return Error(Status::invalid_argument, wrong + " and sets what this library, " TRUENO_VERSION_STRING ", lacks");
  const trueno_options& o = *given;
  if (o.backend < TRUENO_AUTOMATIC || o.backend > TRUENO_FALLBACK)
    return wrong_number(function, "options->backend", o.backend, "trueno_backend");
  if (o.isa < TRUENO_ISA_BEST || o.isa > TRUENO_AVX512)
    return wrong_number(function, "options->isa", o.isa, "trueno_isa");
  if (o.verify < TRUENO_VERIFY_CONFIGURED || o.verify > TRUENO_VERIFY_ALWAYS)
    return wrong_number(function, "options->verify", o.verify, "trueno_verify");
  if (o.vector_bits != 0 && o.vector_bits != 128 && o.vector_bits != 256 && o.vector_bits != 512)
    return wrong_number(function, "options->vector_bits", o.vector_bits, "0, 128, 256 or 512");
  options.backend = static_cast<trueno::Backend>(o.backend);
  if (o.isa != TRUENO_ISA_BEST) options.isa = static_cast<trueno::Isa>(o.isa);
  if (o.verify != TRUENO_VERIFY_CONFIGURED) options.verify = static_cast<trueno::VerifyPolicy>(o.verify);
  options.vector_bits = o.vector_bits;
  if (o.file) options.file = o.file;
  if (o.extra_ops) options.extra_ops = o.extra_ops;
  return options;
}

Result<std::vector<trueno::Name>> names_from(const char* function, const trueno_name* names, std::size_t count) {
  if (!names && count != 0) return missing(function, "names");
  std::vector<trueno::Name> out;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string which = "names[" + std::to_string(i) + "]";
    const trueno_name& n = names[i];
    if (!n.name) return missing(function, which + ".name");
    if (n.type != TRUENO_TYPE_OPEN && !is_type(n.type))
      return wrong_number(function, which + ".type", n.type, "trueno_type");
    if (n.array != 0 && n.array != 1) return wrong_number(function, which + ".array", n.array, "0 or 1");
    out.push_back({n.name, n.array == 1, std::nullopt});
    if (n.type != TRUENO_TYPE_OPEN) out.back().type = static_cast<trueno::Type>(n.type);
  }
  return out;
}

Result<std::string_view> text_from(const char* function, const char* name, const char* text, std::size_t length) {
  if (!text && length != 0) return missing(function, name);
  return std::string_view(text ? text : "", length == TRUENO_NUL_TERMINATED ? std::strlen(text) : length);
}

/// What all ways to compile have in common: `make` has the text and the options.
template <class Make>
trueno_status compiled(const char* function, const char* text, std::size_t length, const trueno_options* given,
                       trueno_kernel** kernel, trueno_error** error, const Make& make) noexcept {
  return guarded(error, [&]() -> Result<void> {
    if (!kernel) return missing(function, "kernel");
    const auto all = text_from(function, "text", text, length);
    if (!all) return all.error();
    const auto options = options_from(function, given);
    if (!options) return options.error();
    Result<trueno::Kernel> made = make(*all, *options);
    if (!made) return made.error();
    *kernel = new trueno_kernel(*std::move(made));
    return {};
  });
}

/// Both ways to compile an expression.
template <class Make>
trueno_status compiled(const char* function, const char* text, std::size_t length, const trueno_name* names,
                       std::size_t name_count, const trueno_options* options, trueno_kernel** kernel,
                       trueno_error** error, const Make& make) noexcept {
  return compiled(function, text, length, options, kernel, error,
                  [&](std::string_view all, const trueno::CompileOptions& o) -> Result<trueno::Kernel> {
                    const auto all_names = names_from(function, names, name_count);
                    if (!all_names) return all_names.error();
                    return make(all, *all_names, o);
                  });
}

trueno_slot slot_of(const std::vector<trueno::Slot>* slots, std::size_t index) {
  if (!slots || index >= slots->size()) return {nullptr, -1, -1};
  const trueno::Slot& slot = (*slots)[index];
  return {slot.name.c_str(), static_cast<int>(slot.type), slot.array};
}

}  // namespace

extern "C" {

const char* trueno_type_name(trueno_type type) noexcept {
  return is_type(type) ? name_of(static_cast<trueno::Type>(type)).data() : "unknown";
}
const char* trueno_backend_name(trueno_backend backend) noexcept {
  if (backend < TRUENO_AUTOMATIC || backend > TRUENO_FALLBACK) return "unknown";
  return name_of(static_cast<trueno::Backend>(backend)).data();
}
const char* trueno_isa_name(trueno_isa isa) noexcept {
  return isa < TRUENO_SSE2 || isa > TRUENO_AVX512 ? "unknown" : name_of(static_cast<trueno::Isa>(isa)).data();
}

const char* trueno_version(void) noexcept { return trueno::version().text; }
int trueno_version_number(void) noexcept {
  const trueno::Version v = trueno::version();
  return 10000 * v.major + 100 * v.minor + v.patch;
}

trueno_isa trueno_host_isa(void) noexcept {
  try {
    return static_cast<int>(trueno::host_isa());
  } catch (...) {
    return TRUENO_SSE2;  // no memory to look any closer
  }
}

trueno_status trueno_compile(const char* text, size_t length, const trueno_options* options, trueno_kernel** kernel,
                             trueno_error** error) noexcept {
  return compiled("trueno_compile", text, length, options, kernel, error, trueno::compile);
}
trueno_status trueno_compile_expression(const char* text, size_t length, const trueno_name* names, size_t name_count,
                                        const trueno_options* options, trueno_kernel** kernel,
                                        trueno_error** error) noexcept {
  return compiled("trueno_compile_expression", text, length, names, name_count, options, kernel, error,
                  trueno::compile_expression);
}
trueno_status trueno_cached(const char* text, size_t length, const trueno_options* options, trueno_kernel** kernel,
                            trueno_error** error) noexcept {
  return compiled("trueno_cached", text, length, options, kernel, error, trueno::cached);
}
trueno_status trueno_cached_expression(const char* text, size_t length, const trueno_name* names, size_t name_count,
                                       const trueno_options* options, trueno_kernel** kernel,
                                       trueno_error** error) noexcept {
  return compiled("trueno_cached_expression", text, length, names, name_count, options, kernel, error,
                  trueno::cached_expression);
}
trueno_status trueno_clear_cache(trueno_error** error) noexcept {
  return guarded(error, []() -> Result<void> {
    trueno::clear_cache();
    return {};
  });
}
trueno_status trueno_configure(const char* toml, size_t length, const char* name, trueno_error** error) noexcept {
  return guarded(error, [&]() -> Result<void> {
    const auto text = text_from("trueno_configure", "toml", toml, length);
    if (!text) return text.error();
    return name ? trueno::configure(*text, name) : trueno::configure(*text);
  });
}

trueno_kernel* trueno_kernel_retain(trueno_kernel* kernel) noexcept {
  if (kernel) kernel->uses.fetch_add(1, std::memory_order_relaxed);
  return kernel;
}

void trueno_kernel_release(trueno_kernel* kernel) noexcept {
  if (kernel && kernel->uses.fetch_sub(1, std::memory_order_acq_rel) == 1) delete kernel;
}

size_t trueno_kernel_parameter_count(const trueno_kernel* kernel) noexcept {
  return kernel ? kernel->kernel.parameters().size() : 0;
}
size_t trueno_kernel_result_count(const trueno_kernel* kernel) noexcept {
  return kernel ? kernel->kernel.results().size() : 0;
}
trueno_slot trueno_kernel_parameter(const trueno_kernel* kernel, size_t index) noexcept {
  return slot_of(kernel ? &kernel->kernel.parameters() : nullptr, index);
}
trueno_slot trueno_kernel_result(const trueno_kernel* kernel, size_t index) noexcept {
  return slot_of(kernel ? &kernel->kernel.results() : nullptr, index);
}
const char* trueno_kernel_name(const trueno_kernel* kernel) noexcept {
  return kernel ? kernel->kernel.name().c_str() : nullptr;
}
const char* trueno_kernel_origin(const trueno_kernel* kernel) noexcept {
  return kernel ? kernel->kernel.origin().c_str() : nullptr;
}
trueno_backend trueno_kernel_backend(const trueno_kernel* kernel) noexcept {
  return kernel ? static_cast<int>(kernel->kernel.backend()) : -1;
}
trueno_isa trueno_kernel_isa(const trueno_kernel* kernel) noexcept {
  return kernel ? static_cast<int>(kernel->kernel.isa()) : -1;
}
int trueno_kernel_vector_bits(const trueno_kernel* kernel) noexcept {
  return kernel ? kernel->kernel.vector_bits() : -1;
}

int trueno_kernel_withdrawn(const trueno_kernel* kernel) noexcept {
  return kernel ? static_cast<int>(kernel->kernel.withdrawn()) : -1;
}

const void* trueno_kernel_code(const trueno_kernel* kernel, size_t* size) noexcept {
  const trueno::jit::Executable* code = kernel ? kernel->kernel.impl().memory.get() : nullptr;
  if (size) *size = code ? code->size() : 0;
  return code ? code->data() : nullptr;
}

const char* trueno_kernel_text(const trueno_kernel* kernel) noexcept {
  if (!kernel) return nullptr;
  try {
    std::call_once(kernel->printed, [&] { kernel->text = kernel->kernel.text(); });
    return kernel->text.c_str();
  } catch (...) {
    return nullptr;
  }
}

trueno_status trueno_run(const trueno_kernel* kernel, const trueno_arg* inputs, size_t input_count,
                         const trueno_out* outputs, size_t output_count, trueno_error** error) noexcept {
  return guarded(error, [&] {
    if (!kernel || !all_usable(inputs, input_count) || !all_usable(outputs, output_count)) [[unlikely]]
      return explain_call("trueno_run", kernel, inputs, input_count, outputs, output_count);
    return kernel->kernel.run(as_cpp<trueno::Arg>(inputs, input_count), as_cpp<trueno::Out>(outputs, output_count));
  });
}

trueno_status trueno_run_rows(const trueno_kernel* kernel, const trueno_rows_arg* inputs, size_t input_count,
                              const trueno_rows_out* outputs, size_t output_count, trueno_error** error) noexcept {
  return guarded(error, [&] {
    if (!kernel || !all_usable(inputs, input_count) || !all_usable(outputs, output_count)) [[unlikely]]
      return explain_call("trueno_run_rows", kernel, inputs, input_count, outputs, output_count);
    return kernel->kernel.run_rows(as_cpp<trueno::RowsArg>(inputs, input_count),
                                   as_cpp<trueno::RowsOut>(outputs, output_count));
  });
}
}
