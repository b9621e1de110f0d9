// See kernel_fuzz_check.h.
#include "tests/fuzz/kernel_fuzz_check.h"

#include <xmmintrin.h>

#include <cstring>

#include "ir/interpret.h"
#include "ir/parse.h"
#include "ir/passes/passes.h"
#include "ir/print.h"
#include "ops/catalogue.h"

namespace trueno::fuzz {
namespace {

constexpr std::uint8_t kPaint = 0xa7;
constexpr std::size_t kMargin = 64;  // a vector
constexpr std::size_t kMostAtEnd = 4000;
constexpr std::uint32_t kStickyFlags = 0x3f;

Type type_of_result(const ir::Kernel& kernel, std::size_t o) { return kernel[kernel.outputs[o].value].type; }

std::size_t bytes_of_result(const ir::Kernel& kernel, const Call& call, std::size_t o) {
  return stored_bytes(type_of_result(kernel, o)) * (kernel.outputs[o].array ? static_cast<std::size_t>(call.n) : 1);
}

}  // namespace

std::string Subject::name() const {
  if (fallback) return "fallback " + std::string(trueno::name_of(*fallback));
  if (!target) return "interpreter";
  return std::string(trueno::name_of(target->isa)) + " vl" + std::to_string(target->vector_bits);
}

CompileOptions Subject::options() const {
  CompileOptions options;
  options.backend = target ? Backend::jit : Backend::interpreter;
  if (target) options.isa = target->isa, options.vector_bits = target->vector_bits;
  if (fallback) options.backend = Backend::fallback, options.isa = fallback;
  return options;
}

std::uint8_t* Painted::prepare(std::size_t shift, bool at_end, std::size_t bytes, bool inside) {
  size_ = bytes;
  behind_ = kMargin;
  if (at_end && !page_) page_.emplace(kMargin + kMostAtEnd);
  if (at_end && bytes <= kMostAtEnd && page_->ok()) {
    behind_ = 0;
    data_ = page_->end() - bytes;
  } else {
    const std::size_t total = 3 * kMargin + shift + bytes;
    if (memory_.size() < total) memory_.resize(total + total / 2);
    const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
    data_ = memory_.data() + (kMargin - address % kMargin) % kMargin + kMargin + shift;
  }
  std::memset(data_ - kMargin, kPaint, kMargin);
  if (inside) std::memset(data_, kPaint, bytes);
  std::memset(data_ + bytes, kPaint, behind_);
  return data_;
}

bool Painted::untouched(bool inside) const {
  const auto clean = [](const std::uint8_t* p, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i)
      if (p[i] != kPaint) return false;
    return true;
  };
  return clean(data_ - kMargin, kMargin) && clean(data_ + size_, behind_) && (!inside || clean(data_, size_));
}

bool Checker::judge(const ir::Kernel& expanded, const Call& call, std::string& problem) {
  std::vector<const void*> params;
  for (const Call::Input& input : call.inputs) params.push_back(input.bytes.data());
  std::vector<void*> results;
  expected_.resize(expanded.outputs.size());
  for (std::size_t o = 0; o < expected_.size(); ++o) {
    expected_[o].resize(bytes_of_result(expanded, call, o));
    results.push_back(expected_[o].data());
  }
  const Result<void> done = ir::interpret(expanded, params, results, call.n);
  empty_ = !done && done.status() == Status::empty;
  if (!done && !empty_) problem = done.error().text();
  return done || empty_;
}

void Checker::lay_out(const ir::Kernel& kernel, const Call& call) {
  const auto n = static_cast<std::size_t>(call.n);
  if (inputs_.size() < call.inputs.size()) inputs_.resize(call.inputs.size());
  if (outputs_.size() < call.places.size()) outputs_.resize(call.places.size());
  args_.clear();
  outs_.clear();
  for (std::size_t p = 0; p < call.inputs.size(); ++p) {
    const Call::Input& input = call.inputs[p];
    const Type type = kernel.params[p].type;
    if (!kernel.params[p].is_array()) {
      Arg& arg = args_.emplace_back(type, nullptr, 0);
      arg.array = false;
      std::memcpy(&arg.bits, input.bytes.data(), 8);
      continue;
    }
    std::uint8_t* data = nullptr;
    if (input.same_as != kNone) {
      data = inputs_[static_cast<std::size_t>(input.same_as)].data();
    } else {
      data = inputs_[p].prepare(input.shift * stored_bytes(type), input.at_end, input.bytes.size(), false);
      if (n != 0) std::memcpy(data, input.bytes.data(), input.bytes.size());
    }
    args_.emplace_back(type, data, n);
  }
  for (std::size_t o = 0; o < call.places.size(); ++o) {
    const Call::Place& place = call.places[o];
    const bool array = kernel.outputs[o].array;
    const Type type = type_of_result(kernel, o);
    std::uint8_t* data = outputs_[o].prepare(array ? place.shift * stored_bytes(type) : 0, array && place.at_end,
                                             bytes_of_result(kernel, call, o), true);
    if (place.over != kNone) {
      const int memory = call.inputs[static_cast<std::size_t>(place.over)].same_as;
      data = inputs_[static_cast<std::size_t>(memory == kNone ? place.over : memory)].data();
    }
    outs_.emplace_back(type, data, array ? n : 1).array = array;
  }
}

std::optional<Difference> Checker::look_at(const ir::Kernel& kernel, const Call& call) const {
  std::vector<bool> overwritten(call.inputs.size());
  for (std::size_t o = 0; o < call.places.size(); ++o) {
    const bool in_place = call.places[o].over != kNone;
    if (in_place) overwritten[static_cast<std::size_t>(call.places[o].over)] = !empty_;
    const auto result = static_cast<int>(o);
    if (!outputs_[o].untouched(in_place || empty_))
      return Difference{Difference::Kind::memory, "memory was written to that is not the result's", result};
    if (empty_) continue;
    const Type type = type_of_result(kernel, o);
    const std::size_t size = stored_bytes(type);
    const auto* actual = static_cast<const std::uint8_t*>(outs_[o].data);
    if (expected_[o].empty() || std::memcmp(actual, expected_[o].data(), expected_[o].size()) == 0) continue;
    for (std::size_t i = 0;; ++i)
      if (std::memcmp(actual + i * size, expected_[o].data() + i * size, size) != 0)
        return Difference{Difference::Kind::value,
                          "another value",
                          result,
                          static_cast<std::int64_t>(i),
                          runtime::load_bits(type, expected_[o].data() + i * size),
                          runtime::load_bits(type, actual + i * size)};
  }
  for (std::size_t p = 0; p < call.inputs.size(); ++p) {
    const Call::Input& input = call.inputs[p];
    if (!kernel.params[p].is_array() || input.same_as != kNone) continue;
    bool written = overwritten[p];
    for (std::size_t q = p; q < call.inputs.size(); ++q)
      written = written || (overwritten[q] && call.inputs[q].same_as == static_cast<int>(p));
    const bool kept =
        written || input.bytes.empty() || std::memcmp(inputs_[p].data(), input.bytes.data(), input.bytes.size()) == 0;
    if (!kept || !inputs_[p].untouched(false))
      return Difference{Difference::Kind::memory,
                        "argument " + std::to_string(p) + " or what lies around it was written to"};
  }
  return std::nullopt;
}

std::optional<Difference> Checker::compare(const Kernel& candidate, const ir::Kernel& expanded, const Call& call) {
  lay_out(expanded, call);
  Result<void> done;
  std::uint32_t after = call.control;
  const auto fault = faults_.run([&] {
    _mm_setcsr(call.control);
    done = candidate.run(std::span(std::as_const(args_)), std::span(std::as_const(outs_)));
    after = _mm_getcsr();
  });
  _mm_setcsr(kDefaultControl);
  if (((after ^ call.control) & ~kStickyFlags) != 0)
    return Difference{Difference::Kind::memory, "the caller's MXCSR was changed"};
  if (fault.signal != 0) return Difference{Difference::Kind::fault, "a call faults: " + fault.name()};
  if (!done && done.status() == Status::empty && !empty_)
    return Difference{Difference::Kind::emptiness, "a call gives 'empty' and should not"};
  if (!done && !empty_) return Difference{Difference::Kind::refused, "a call is refused: " + done.error().text()};
  if (done && empty_) return Difference{Difference::Kind::emptiness, "a call that should give 'empty' does not"};
  return look_at(expanded, call);
}

template <class T>
std::optional<Result<T>> Checker::guarded(const std::function<Result<T>()>& call, std::optional<Difference>& wrong) {
  std::optional<Result<T>> made;
  const auto fault = faults_.run([&] { made.emplace(call()); });
  if (fault.signal == 0) return made;
  wrong = Difference{Difference::Kind::text, "compiling faults: " + fault.name()};
  return std::nullopt;
}

std::optional<runtime::Prepared> Checker::prepare(const std::string& text, std::optional<Difference>& wrong) {
  const auto made = guarded<runtime::Prepared>(
      [&]() -> Result<runtime::Prepared> {
        const auto module = ir::parse_module(text, ops::built_in());
        if (!module) return module.error();
        if (const std::string again = ir::print(module->kernels.at(0)); again != text)
          return Error(Status::internal, "once read it prints differently:\n" + again);
        return runtime::prepare(module->kernels.at(0), ops::built_in());
      },
      wrong);
  if (!made) return std::nullopt;
  if (*made) return **made;
  wrong = Difference{Difference::Kind::text, "its text is refused: " + made->error().text()};
  return std::nullopt;
}

std::optional<Kernel> Checker::compile(const runtime::Prepared& prepared, const Subject& subject, std::string& why,
                                       std::optional<Difference>& wrong) {
  const auto made = guarded<Kernel>([&] { return runtime::build(prepared, subject.options()); }, wrong);
  if (!made) return std::nullopt;
  if (*made) return **made;
  why = made->error().diagnostics.front().message;
  if (made->status() != Status::unavailable || !(subject.target || subject.fallback))
    wrong = Difference{Difference::Kind::text, "it is refused: " + made->error().text()};
  return std::nullopt;
}

std::optional<Difference> Checker::check(const Case& c, const Subject& subject) {
  const Result<ir::Kernel> expanded = ir::expand(c.kernel, ops::built_in());
  std::string why;
  if (!expanded || !judge(*expanded, c.call, why)) return std::nullopt;
  std::optional<Difference> wrong;
  const std::optional<runtime::Prepared> prepared = prepare(ir::print(c.kernel), wrong);
  if (!prepared) return wrong;
  const std::optional<Kernel> kernel = compile(*prepared, subject, why, wrong);
  if (!kernel) return wrong;
  return compare(*kernel, *expanded, c.call);
}

std::vector<std::vector<std::uint8_t>> Checker::values_of(const Case& c, const std::vector<ir::NodeId>& nodes) {
  ir::Kernel kernel = c.kernel;
  kernel.outputs.clear();
  for (ir::NodeId id : nodes) kernel.outputs.push_back({"", id, kernel[id].varying});
  const Result<ir::Kernel> expanded = ir::expand(kernel, ops::built_in());
  std::string why;
  if (!expanded || !judge(*expanded, c.call, why) || empty_) return {};
  return expected_;
}

}  // namespace trueno::fuzz
