// Calling a kernel: arguments are checked before anything is written, then the back end runs.
#include "trueno/kernel.h"

#include <cstring>

#include "ir/interpret.h"
#include "ir/print.h"
#include "runtime/environment.h"
#include "runtime/impl.h"

namespace trueno {
inline namespace v0 {

namespace {

using runtime::DefaultEnvironment;

Error bad(const Kernel::Impl& k, const std::string& what) {
  return {Status::invalid_argument, "kernel '" + k.optimized.name + "': " + what};
}

std::string shape(Type type, bool array) { return std::string(name_of(type)) + (array ? "[]" : ""); }
std::string shape(const Slot& s) { return shape(s.type, s.array); }

/// Masks are handed over as bytes, whatever their width.
bool fits(const Slot& slot, Type type, bool array) {
  return array == slot.array && (type == slot.type || (is_mask(type) && is_mask(slot.type)));
}

Error wrong_count(const Kernel::Impl& k, const char* what, const std::vector<Slot>& slots, std::size_t got) {
  std::string names;
  for (const Slot& s : slots) names += (names.empty() ? "" : ", ") + s.name + ": " + shape(s);
  return bad(k, "takes " + std::to_string(slots.size()) + " " + what + " (" + names + "), got " + std::to_string(got));
}

template <class T>
Error wrong_type(const Kernel::Impl& k, const char* what, const Slot& slot, const T& got) {
  return bad(k, std::string(what) + " '" + slot.name + "' is " + shape(slot) + ", got " + shape(got.type, got.array) +
                    " (there is no implicit conversion)");
}

struct Range {
  std::uintptr_t begin, end;
  bool overlaps(const Range& o) const { return begin < o.end && o.begin < end; }
  bool operator==(const Range&) const = default;
};

template <class T>
Range range_of(const T& x) {
  const auto p = reinterpret_cast<std::uintptr_t>(x.data);
  return {p, p + x.length * stored_bytes(x.type)};
}

/// The common case, decided without touching names or building messages: everything fits and nothing overlaps.
/// False: `explain` finds out what is wrong, if anything is.
bool plainly_fine(const Kernel::Impl& k, std::span<const Arg> inputs, std::span<const Out> outputs, std::size_t& n) {
  if (inputs.size() != k.parameters.size() || outputs.size() != k.results.size()) return false;
  bool fine = true, any = false;
  const auto take = [&](const auto& x, Kernel::Impl::Shape shape) {
    fine = fine && x.type == shape.type && x.array == shape.array;
    if (!x.array) return;
    if (!any) n = x.length;
    fine = fine && x.length == n;
    any = true;
  };
  for (std::size_t i = 0; i < inputs.size(); ++i) take(inputs[i], k.shapes[i]);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    take(outputs[i], k.shapes[inputs.size() + i]);
    const Range out = range_of(outputs[i]);
    for (std::size_t j = 0; j < i; ++j) fine = fine && !out.overlaps(range_of(outputs[j]));
    if (!outputs[i].array) continue;
    for (const Arg& in : inputs) fine = fine && !(in.array && out.overlaps(range_of(in)) && out != range_of(in));
  }
  return fine;
}

/// Refuses arrays of different lengths, naming both.
class Length {
 public:
  template <class T>
  bool take(const Slot& slot, const T& x) {
    if (!slot.array) return true;
    if (!first_) first_ = &slot, n_ = x.length;
    if (x.length == n_) return true;
    why = "'" + slot.name + "' has " + std::to_string(x.length) + " elements, '" + first_->name + "' has " +
          std::to_string(n_) + "; all arrays must have one length";
    return false;
  }
  std::string why;

 private:
  const Slot* first_ = nullptr;
  std::size_t n_ = 0;
};

Result<void> explain_shapes(const Kernel::Impl& k, std::span<const Arg> inputs, std::span<const Out> outputs) {
  if (inputs.size() != k.parameters.size()) return wrong_count(k, "arguments", k.parameters, inputs.size());
  if (outputs.size() != k.results.size()) return wrong_count(k, "results", k.results, outputs.size());
  Length length;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Slot& slot = k.parameters[i];
    if (!fits(slot, inputs[i].type, inputs[i].array)) return wrong_type(k, "argument", slot, inputs[i]);
    if (!length.take(slot, inputs[i])) return bad(k, length.why);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Slot& slot = k.results[i];
    if (!fits(slot, outputs[i].type, outputs[i].array)) return wrong_type(k, "result", slot, outputs[i]);
    if (!length.take(slot, outputs[i])) return bad(k, length.why);
  }
  return {};
}

/// An output may be exactly an input; any other overlap is refused.
Result<void> explain_overlap(const Kernel::Impl& k, std::span<const Arg> inputs, std::span<const Out> outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Range out = range_of(outputs[i]);
    for (std::size_t j = 0; j < i; ++j)
      if (out.overlaps(range_of(outputs[j])))
        return bad(k, "results '" + k.results[j].name + "' and '" + k.results[i].name + "' overlap");
    if (!outputs[i].array) continue;
    for (std::size_t j = 0; j < inputs.size(); ++j)
      if (inputs[j].array && out.overlaps(range_of(inputs[j])) && out != range_of(inputs[j]))
        return bad(k, "result '" + k.results[i].name + "' overlaps argument '" + k.parameters[j].name +
                          "' in part; it must be the same array or a separate one");
  }
  return {};
}

Result<void> run_jit(const Kernel::Impl& k, std::span<const Arg> inputs, std::span<const Out> outputs, std::int64_t n,
                     void** arrays, std::uint64_t* slots) {
  std::size_t used = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].array)
      arrays[used++] = const_cast<void*>(inputs[i].data);
    else
      slots[k.code.slots.scalars[i]] = inputs[i].bits;
  }
  for (const Out& o : outputs)
    if (o.array) arrays[used++] = o.data;
  if (auto done = runtime::run_code(k, arrays, slots, n); !done) return done;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Out& o = outputs[i];
    if (o.array) continue;
    const std::uint64_t* slot = &slots[k.code.slots.outputs[i]];
    if (stored_bytes(o.type) == 8) std::memcpy(o.data, slot, 8);  // sizes known to the compiler: no call
    else std::memcpy(o.data, slot, 4);
  }
  return {};
}

/// The tables generated code reads and writes; on the stack unless a kernel is unusually wide.
Result<void> run_jit(const Kernel::Impl& k, std::span<const Arg> inputs, std::span<const Out> outputs, std::int64_t n) {
  constexpr std::size_t kArrays = 16, kSlots = 48;
  if (inputs.size() + outputs.size() <= kArrays && k.code.slots.size <= kSlots) {
    void* arrays[kArrays];
    std::uint64_t slots[kSlots];
    return run_jit(k, inputs, outputs, n, arrays, slots);
  }
  std::vector<void*> arrays(inputs.size() + outputs.size());
  std::vector<std::uint64_t> slots(k.code.slots.size);
  return run_jit(k, inputs, outputs, n, arrays.data(), slots.data());
}

Result<void> run_interpreter(const Kernel::Impl& k, std::span<const Arg> inputs, std::span<const Out> outputs,
                             std::int64_t n) {
  std::vector<const void*> in;
  std::vector<void*> out;
  for (const Arg& a : inputs) in.push_back(a.array ? a.data : &a.bits);
  for (const Out& o : outputs) out.push_back(o.data);
  return ir::interpret(k.optimized, in, out, n);
}

}  // namespace

Result<void> Kernel::run(std::span<const Arg> inputs, std::span<const Out> outputs) const {
  const Impl& k = *impl_;
  std::size_t length = 0;
  if (!plainly_fine(k, inputs, outputs, length)) {
    if (auto right = explain_shapes(k, inputs, outputs); !right) return right;
    if (auto apart = explain_overlap(k, inputs, outputs); !apart) return apart;
  }
  if (length == 0 && k.needs_elements)
    return Error(Status::empty, "kernel '" + k.optimized.name + "': min or max of no elements");
  const auto n = static_cast<std::int64_t>(length);
  const DefaultEnvironment environment;
  return k.memory ? run_jit(k, inputs, outputs, n) : run_interpreter(k, inputs, outputs, n);
}

const std::string& Kernel::name() const { return impl_->optimized.name; }
const std::vector<Slot>& Kernel::parameters() const { return impl_->parameters; }
const std::vector<Slot>& Kernel::results() const { return impl_->results; }
const std::string& Kernel::origin() const { return impl_->origin; }
Backend Kernel::backend() const { return impl_->backend; }
Isa Kernel::isa() const { return impl_->code.target.isa; }
int Kernel::vector_bits() const { return impl_->code.target.vector_bits; }
std::string Kernel::text() const { return ir::print(impl_->optimized); }

}  // namespace v0
}  // namespace trueno
