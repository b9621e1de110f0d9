// Calling a kernel: arguments are checked before anything is written, then the back end runs.
#include "trueno/kernel.h"

#include "ir/interpret.h"
#include "ir/print.h"
#include "runtime/arguments.h"
#include "runtime/boundary.h"
#include "runtime/environment.h"
#include "runtime/impl.h"
#include "runtime/plan.h"
#include "runtime/watch.h"

namespace trueno {
inline namespace v0 {

namespace {

using runtime::bad;
using runtime::DefaultEnvironment;
using runtime::shape;
using runtime::wrong_count;

bool fits(const Slot& slot, Type type, bool array) { return array == slot.array && runtime::same_type(slot, type); }

template <class T>
Error wrong_type(const Kernel::Impl& k, const char* what, const Slot& slot, const T& got) {
  return bad(k, std::string(what) + " '" + slot.name + "' is " + shape(slot.type, slot.array) + ", got " +
                    shape(got.type, got.array) + " (there is no implicit conversion)");
}

/// No array of anything is longer: half of what can be addressed, in bytes of the widest type. Arrays of narrower
/// ones are asked in run_aside, which knows their types.
constexpr std::size_t kMostElements = SIZE_MAX / 2 / 8;

/// As many elements as memory can have, somewhere.
template <class T>
bool is_there(const T& x) {
  return x.length <= SIZE_MAX / 2 / stored_bytes(x.type) && (x.data || x.length == 0);
}

template <class T>
Error not_there(const Kernel::Impl& k, const Slot& slot, const T& x) {
  const std::string count = std::to_string(x.length) + (x.length == 1 ? " element" : " elements");
  return bad(k, x.data ? "'" + slot.name + "' with " + count + " is larger than memory can be"
                       : "'" + slot.name + "' is null, but has " + count);
}

struct Range {
  std::uintptr_t begin, end;
  /// Some byte is in both: an empty range has none.
  bool overlaps(const Range& o) const { return begin < o.end && o.begin < end && begin != end && o.begin != o.end; }
  bool operator==(const Range&) const = default;
};

template <class T>
Range range_of(const T& x) {
  const auto p = reinterpret_cast<std::uintptr_t>(x.data);
  return {p, p + x.length * stored_bytes(x.type)};
}

/// An output may be exactly an input; any other overlap is refused.
bool apart(std::span<const Arg> inputs, std::span<const Out> outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Range out = range_of(outputs[i]);
    for (std::size_t j = 0; j < i; ++j)
      if (out.overlaps(range_of(outputs[j]))) return false;
    if (!outputs[i].array) continue;
    for (const Arg& in : inputs)
      if (in.array && out.overlaps(range_of(in)) && out != range_of(in)) return false;
  }
  return true;
}

/// The elements of a call whose arguments fit.
std::size_t elements(const Kernel::Impl& k, std::span<const Arg> inputs, std::span<const Out> outputs) {
  if (k.first_array < k.inputs) return inputs[k.first_array].length;
  return k.first_array != ~0u ? outputs[k.first_array - k.inputs].length : 0;
}

/// The common case in one walk, without names or messages: is everything as the signature says, and of one length?
/// Fills in what generated code reads. False: `run_aside` finds out what is wrong, if anything is (no pointer is
/// right for no elements).
bool gather(const Kernel::Impl& k, std::span<const Arg> inputs, std::span<const Out> outputs, std::size_t n,
            void** arrays, std::uint64_t* slots) {
  const Kernel::Impl::Need* need = k.needs.data();
  std::size_t wrong = 0;
  for (const Arg& x : inputs) {
    wrong |= Kernel::Impl::shape(x) ^ need->shape;
    if (x.array) [[likely]] {
      wrong |= (x.length ^ n) | (x.data == nullptr);
      *arrays++ = const_cast<void*>(x.data);
    } else {
      slots[need->slot] = x.bits;
    }
    ++need;
  }
  for (const Out& x : outputs) {
    wrong |= Kernel::Impl::shape(x) ^ need++->shape;
    if (x.array) [[unlikely]] {
      wrong |= (x.length ^ n) | (x.data == nullptr);
      *arrays++ = x.data;
    }
  }
  return wrong == 0;
}

Result<void> explain_shapes(const Kernel::Impl& k, std::span<const Arg> inputs, std::span<const Out> outputs) {
  if (inputs.size() != k.parameters.size()) return wrong_count(k, "arguments", k.parameters, inputs.size());
  if (outputs.size() != k.results.size()) return wrong_count(k, "results", k.results, outputs.size());
  runtime::Agreed length("elements", "all arrays must have one length");
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Slot& slot = k.parameters[i];
    if (!fits(slot, inputs[i].type, inputs[i].array)) return wrong_type(k, "argument", slot, inputs[i]);
    if (slot.array && !length.take(slot, inputs[i].length)) return bad(k, length.complaint(slot, inputs[i].length));
    if (slot.array && !is_there(inputs[i])) return not_there(k, slot, inputs[i]);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Slot& slot = k.results[i];
    if (!fits(slot, outputs[i].type, outputs[i].array)) return wrong_type(k, "result", slot, outputs[i]);
    if (slot.array && !length.take(slot, outputs[i].length)) return bad(k, length.complaint(slot, outputs[i].length));
    if (!is_there(outputs[i])) return not_there(k, slot, outputs[i]);
  }
  return {};
}

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

/// Scalar results from where the code left them, unless there turned out to be none.
Result<void> hand_out(const Kernel::Impl& k, std::span<const Out> outputs, const std::uint64_t* slots) {
  if (k.guarded && runtime::turned_out_empty(k, slots)) [[unlikely]]
    return runtime::all_filtered_out(k);
  const Kernel::Impl::Need* need = k.needs.data() + k.inputs;
  for (const Out& o : outputs) {
    const Kernel::Impl::Need result = *need++;
    if (!o.array) runtime::hand_out(result.bytes, slots[result.slot], o.data);
  }
  return {};
}

// What does not happen in a call that is to be fast stays out of its way: the compiler would otherwise inline it
// and save registers for it.
#define TRUENO_ASIDE [[gnu::noinline, gnu::cold]]

TRUENO_ASIDE Result<void> run_without_code(const Kernel::Impl& k, std::span<const Arg> inputs,
                                           std::span<const Out> outputs, std::int64_t n) {
  std::vector<const void*> in;
  std::vector<void*> out;
  for (const Arg& a : inputs) in.push_back(a.array ? a.data : &a.bits);
  for (const Out& o : outputs) out.push_back(o.data);
  return k.program ? k.program->run(in, out, n) : ir::interpret(k.optimized, in, out, n);
}

/// Generated code with tables of any size.
TRUENO_ASIDE Result<void> run_wide(const Kernel::Impl& k, std::span<const Arg> inputs, std::span<const Out> outputs,
                                   std::size_t n) {
  std::vector<void*> arrays(inputs.size() + outputs.size());
  std::vector<std::uint64_t> slots(k.code.slots.size);
  gather(k, inputs, outputs, n, arrays.data(), slots.data());
  if (auto done = runtime::run_code(k, arrays.data(), slots.data(), static_cast<std::int64_t>(n)); !done) return done;
  return hand_out(k, outputs, slots.data());
}

/// More elements than one block.
TRUENO_ASIDE Result<void> run_long(const Kernel::Impl& k, std::span<const Out> outputs, void* const* arrays,
                                   std::uint64_t* slots, std::size_t n) {
  if (auto done = runtime::run_blocks(k, arrays, slots, static_cast<std::int64_t>(n)); !done) return done;
  return hand_out(k, outputs, slots);
}

/// What only some kernels must be asked: results apart from what else there is, and an element for a min or max.
[[gnu::noinline]] bool closer_look(const Kernel::Impl& k, std::span<const Arg> inputs, std::span<const Out> outputs,
                                   std::size_t n) {
  return n <= kMostElements && (!k.may_overlap || apart(inputs, outputs)) && (n != 0 || !k.needs_elements);
}

/// Everything but the common case: mistakes are explained; strange floating-point environments, wide kernels and
/// the interpreter run.
TRUENO_ASIDE Result<void> run_aside(const Kernel::Impl& k, std::span<const Arg> inputs, std::span<const Out> outputs) {
  return runtime::guarded([&]() -> Result<void> {
    if (k.watch && k.first_array < inputs.size())
      if (const Kernel::Impl* answer = k.watch->believed(inputs[k.first_array].length))
        return runtime::run(*answer, inputs, outputs);
    if (auto right = explain_shapes(k, inputs, outputs); !right) return right;
    if (auto apart = explain_overlap(k, inputs, outputs); !apart) return apart;
    const std::size_t n = elements(k, inputs, outputs);
    if (n == 0 && k.needs_elements)
      return Error(Status::empty, "kernel '" + k.optimized.name + "': min or max of no elements");
    const DefaultEnvironment environment;
    if (k.watch) return runtime::run_watched(k, inputs, outputs, n);
    return k.memory ? run_wide(k, inputs, outputs, n)
                    : run_without_code(k, inputs, outputs, static_cast<std::int64_t>(n));
  });
}

/// The quick way, if nothing stands against it.
[[gnu::noinline]] Result<void> run_quick(const Kernel::Impl& k, std::span<const Arg> inputs,
                                         std::span<const Out> outputs) {
  if (inputs.size() != k.quick_inputs || outputs.size() != k.quick_outputs) return run_aside(k, inputs, outputs);
  void* arrays[Kernel::Impl::kQuickArrays];
  std::uint64_t slots[Kernel::Impl::kQuickSlots];
  const std::size_t n = inputs[k.first_array].length;
  if (!gather(k, inputs, outputs, n, arrays, slots) || !runtime::environment_is_default() ||
      (k.look_closer && !closer_look(k, inputs, outputs, n)))
    return run_aside(k, inputs, outputs);
  slots[jit::SlotMap::kCount] = n;
  if (n > k.quick_elements)
    return n > kMostElements ? run_aside(k, inputs, outputs) : run_long(k, outputs, arrays, slots, n);
  k.whole(arrays, slots, 0, static_cast<std::int64_t>(n), nullptr);
  return hand_out(k, outputs, slots);
}

/// The commonest of all calls, one short array to one result, in few instructions. False: nothing was done.
[[gnu::always_inline]] inline bool run_one(const Kernel::Impl& k, const Arg& x, const Out& y) {
  const std::size_t n = x.length;
  if (Kernel::Impl::shapes(Kernel::Impl::shape(x), Kernel::Impl::shape(y)) != k.one_to_one || n > k.quick_elements ||
      !x.data || !runtime::environment_is_default())
    return false;
  if (k.look_closer &&
      (!closer_look(k, std::span(&x, 1), std::span(&y, 1), n) || (y.array && (y.length != n || !y.data))))
    return false;
  void* arrays[] = {const_cast<void*>(x.data), y.data};
  std::uint64_t slots[Kernel::Impl::kQuickSlots];
  slots[jit::SlotMap::kCount] = n;
  k.whole(arrays, slots, 0, static_cast<std::int64_t>(n), nullptr);
  if (!y.array) runtime::hand_out(k.one_result.bytes, slots[k.one_result.slot], y.data);
  return true;
}

[[gnu::always_inline]] inline Result<void> run_any(const Kernel::Impl& k, std::span<const Arg> inputs,
                                                   std::span<const Out> outputs) {
  if (inputs.size() == 1 && outputs.size() == 1 && run_one(k, inputs[0], outputs[0])) return {};
  return run_quick(k, inputs, outputs);
}

/// Who answers, as far as it is known: the kernel itself, or what stands in for code that was withdrawn.
const Kernel::Impl& in_force(const Kernel::Impl& k) {
  return k.watch && k.watch->withdrawn.load(std::memory_order_acquire) ? *k.watch->fallback : k;
}

}  // namespace

Result<void> Kernel::run(std::span<const Arg> inputs, std::span<const Out> outputs) const {
  return run_any(*impl_, inputs, outputs);
}

}  // namespace v0

namespace runtime {
Result<void> run(const Kernel::Impl& k, std::span<const Arg> inputs, std::span<const Out> outputs) {
  return run_any(k, inputs, outputs);
}
}  // namespace runtime

inline namespace v0 {

const std::string& Kernel::name() const { return impl_->optimized.name; }
const std::vector<Slot>& Kernel::parameters() const { return impl_->parameters; }
const std::vector<Slot>& Kernel::results() const { return impl_->results; }
const std::string& Kernel::origin() const { return in_force(*impl_).origin; }
Backend Kernel::backend() const { return in_force(*impl_).backend; }
Isa Kernel::isa() const {
  const Impl& k = in_force(*impl_);
  return k.program ? k.program->isa() : k.code.target.isa;
}
int Kernel::vector_bits() const { return impl_->code.target.vector_bits; }
bool Kernel::withdrawn() const { return &in_force(*impl_) != impl_.get(); }
std::string Kernel::text() const { return ir::print(impl_->optimized); }

}  // namespace v0
}  // namespace trueno
