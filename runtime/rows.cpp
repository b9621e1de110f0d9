// Rows of matrices in one call: everything is checked once, for whole matrices, and the floating-point environment
// is looked at once; what is left for each row is to move some pointers and to call the code.
#include <algorithm>
#include <cstring>
#include <optional>

#include "ir/interpret.h"
#include "ir/passes/passes.h"
#include "runtime/boundary.h"
#include "runtime/environment.h"
#include "runtime/plan.h"
#include "runtime/strips.h"
#include "runtime/watch.h"

namespace trueno {
inline namespace v0 {

namespace {

using runtime::Buffer;
using runtime::RowsCall;
using runtime::Strip;

/// A scalar that is another one in each row, and its slot.
struct Column {
  std::byte* at;
  std::uint32_t slot;
  Type type;
};

std::uint64_t load(const Column& c) {
  std::uint64_t bits = 0;
  stored_bytes(c.type) == 8 ? std::memcpy(&bits, c.at, 8) : std::memcpy(&bits, c.at, 4);
  return bits;
}

/// The pointers and slots that generated code reads, and how they go from row to row.
class Walk {
 public:
  Walk(const Kernel::Impl& k, const RowsCall& call, std::span<const RowsArg> inputs, std::span<const RowsOut> outputs)
      : arrays_(k.needs.size()), steps_(k.needs.size()), columns_(k.needs.size()), slots_(k.code.slots.size) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (k.parameters[i].array)
        add_array(call.input(i));
      else if (inputs[i].array)
        columns_[read_++] = {reinterpret_cast<std::byte*>(call.input(i).begin), k.needs[i].slot, inputs[i].type};
      else
        slots_[k.needs[i].slot] = inputs[i].bits;
    }
    all_ = read_;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (k.results[i].array)
        add_array(call.output(i));
      else
        columns_[all_++] = {reinterpret_cast<std::byte*>(call.output(i).begin), k.needs[k.inputs + i].slot,
                            outputs[i].type};
    }
    slots_[jit::SlotMap::kCount] = static_cast<std::uint64_t>(call.columns());
  }

  /// False: for some row the code said no, and what came out for the rows from there on was left inside.
  template <class Code>
  bool rows(std::size_t count, bool hand_out, Code code) {
    for (; count != 0; --count) {
      for (std::size_t i = 0; i < read_; ++i) slots_[columns_[i].slot] = load(columns_[i]);
      if (!code(arrays_.data(), slots_.data())) return false;
      for (std::size_t i = read_; hand_out && i < all_; ++i)
        runtime::hand_out(stored_bytes(columns_[i].type), slots_[columns_[i].slot], columns_[i].at);
      for (std::size_t i = 0; i < all_; ++i) columns_[i].at += stored_bytes(columns_[i].type);
      for (std::size_t i = 0; i < moving_; ++i) arrays_[i] = static_cast<std::byte*>(arrays_[i]) + steps_[i];
    }
    return true;
  }

 private:
  void add_array(const Strip& strip) {
    arrays_[moving_] = reinterpret_cast<void*>(strip.begin);
    steps_[moving_++] = strip.step;
  }

  Buffer<void*, Kernel::Impl::kQuickArrays> arrays_;
  Buffer<std::size_t, Kernel::Impl::kQuickArrays> steps_;
  Buffer<Column, Kernel::Impl::kQuickArrays> columns_;  ///< the parameters', then the results'
  Buffer<std::uint64_t, Kernel::Impl::kQuickSlots> slots_;
  std::size_t moving_ = 0, read_ = 0, all_ = 0;
};

Result<void> run_generated(const Kernel::Impl& k, const RowsCall& call, std::span<const RowsArg> inputs,
                           std::span<const RowsOut> outputs) {
  const std::int64_t n = call.columns();
  const bool blocks = runtime::by_blocks(k, n);
  std::optional<runtime::MergeStack> stack;
  if (blocks && !stack.emplace(k.code, n).ok()) return Error::out_of_memory();
  const auto run = [&](void* const* arrays, std::uint64_t* slots) {
    if (blocks)
      runtime::run_blocks(k, *stack, arrays, slots, n);
    else
      k.whole(arrays, slots, 0, n, nullptr);
  };
  // A row that is refused must leave the rows before it unwritten too: such kernels are asked first.
  if (k.guarded &&
      !Walk(k, call, inputs, outputs).rows(call.rows(), false, [&](void* const* arrays, std::uint64_t* slots) {
        run(arrays, slots);
        return !runtime::turned_out_empty(k, slots);
      }))
    return runtime::all_filtered_out(k);
  Walk(k, call, inputs, outputs).rows(call.rows(), true, [&](void* const* arrays, std::uint64_t* slots) {
    run(arrays, slots);
    return true;
  });
  return {};
}

Result<void> run_interpreted(const Kernel::Impl& k, const RowsCall& call) {
  std::vector<const void*> in(k.inputs);
  std::vector<void*> out(k.outputs);
  std::vector<std::vector<std::byte>> aside(k.outputs);
  const auto rows = [&](bool keep) -> Result<void> {
    for (std::size_t row = 0; row < call.rows(); ++row) {
      for (std::size_t i = 0; i < k.inputs; ++i)
        in[i] = reinterpret_cast<const void*>(call.input(i).begin + row * call.input(i).step);
      for (std::size_t i = 0; i < k.outputs; ++i)
        out[i] = keep ? reinterpret_cast<void*>(call.output(i).begin + row * call.output(i).step) : aside[i].data();
      auto done =
          k.program ? k.program->run(in, out, call.columns()) : ir::interpret(k.optimized, in, out, call.columns());
      if (!done) return done;
    }
    return {};
  };
  if (!ir::schedule(k.optimized).guards.empty()) {  // as in run_generated
    for (std::size_t i = 0; i < k.outputs; ++i)
      aside[i].resize(stored_bytes(k.results[i].type) *
                      static_cast<std::size_t>(std::max<std::int64_t>(call.columns(), 1)));
    if (auto asked = rows(false); !asked) return asked;
  }
  return rows(true);
}

Result<void> run_any(const Kernel::Impl& k, std::span<const RowsArg> inputs, std::span<const RowsOut> outputs) {
  RowsCall call(k, inputs, outputs);
  if (auto right = call.check(); !right) return right;
  if (call.rows() == 0) return {};
  if (call.columns() == 0 && k.needs_elements)
    return Error(Status::empty, "kernel '" + k.optimized.name + "': min or max of no elements");
  const runtime::DefaultEnvironment environment;
  if (k.memory) return run_generated(k, call, inputs, outputs);
  return k.watch ? runtime::run_watched(k, inputs, outputs, static_cast<std::size_t>(call.columns()))
                 : run_interpreted(k, call);
}

}  // namespace

Result<void> Kernel::run_rows(std::span<const RowsArg> inputs, std::span<const RowsOut> outputs) const {
  return runtime::guarded([&] { return run_any(*impl_, inputs, outputs); });
}

}  // namespace v0

namespace runtime {
Result<void> run(const Kernel::Impl& k, std::span<const RowsArg> inputs, std::span<const RowsOut> outputs) {
  return run_any(k, inputs, outputs);
}
}  // namespace runtime
}  // namespace trueno
