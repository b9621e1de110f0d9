// What a callable kernel consists of: the optimized IR, and machine code if a back end made some.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aot/program.h"
#include "ir/kernel.h"
#include "jit/arena.h"
#include "jit/compile.h"
#include "trueno/kernel.h"

namespace trueno::runtime {
struct Watch;
}

namespace trueno {
inline namespace v0 {

struct Kernel::Impl {
  // What a call checks, compact: for parameters, then results. A shape is a type and whether it is an array, as
  // they lie side by side in Arg and Out.
  static constexpr std::uint16_t shape(Type type, bool array) {
    return static_cast<std::uint16_t>(static_cast<unsigned>(type) | (array ? 0x100u : 0u));
  }
  template <class T>
  static std::uint16_t shape(const T& x) {
    static_assert(offsetof(T, array) == offsetof(T, type) + 1);
    std::uint16_t bits;
    __builtin_memcpy(&bits, &x.type, sizeof(bits));
    return bits;
  }
  /// An argument's and a result's.
  static constexpr std::uint32_t shapes(std::uint16_t x, std::uint16_t y) {
    return static_cast<std::uint32_t>(x) | static_cast<std::uint32_t>(y) << 16;
  }
  struct Need {
    std::uint16_t shape;
    std::uint16_t slot;   ///< of a scalar, in generated code; slot 0, which is filled in last, for an array
    std::uint32_t bytes;  ///< of a scalar result: stored_bytes
  };
  // What every call reads comes first, to lie in few cache lines: what a call is to have for the quick way: there is
  // code, an array parameter, and tables small enough for the stack; otherwise no call has that many arguments.
  // The shapes of a kernel from one array to one result come once more; no call has those of another kernel.
  std::uint32_t one_to_one = ~0u;
  Need one_result{};
  std::size_t quick_inputs = ~std::size_t{0}, quick_outputs = 0;
  std::size_t quick_elements = 0;  ///< as many by one call of `whole`
  jit::Entry whole = nullptr;
  std::vector<Need> needs;
  std::uint32_t inputs = 0, outputs = 0;
  std::uint32_t first_array = ~0u;  ///< index among parameters, then results; ~0u: there is none
  bool may_overlap = false;         ///< it has an array result, or several results
  bool look_closer = false;         ///< may_overlap or needs_elements
  bool needs_elements = false;      ///< some result depends on min or max: no elements is Status::empty
  bool guarded = false;             ///< code says in slots whether a filter let elements pass: see SlotMap::guards
  ir::Kernel optimized;
  std::vector<Slot> parameters, results;
  std::string origin;
  Backend backend = Backend::interpreter;
  bool provisional = false;  ///< there was code, but no executable memory just then: the next compile may get it

  jit::Code code;  ///< without its bytes; meaningful with `memory`
  std::shared_ptr<const jit::Executable> memory;
  std::shared_ptr<const aot::Program> program;  ///< the fallback's
  std::shared_ptr<runtime::Watch> watch;        ///< of a kernel that is a coat around two others, see watch.h
  static constexpr std::size_t kQuickArrays = 16, kQuickSlots = 48;
  /// The same kernel, with nothing yet that runs it.
  Impl without_code() const {
    Impl out = *this;
    out.quick_inputs = ~std::size_t{0};
    out.one_to_one = ~0u;
    out.memory = nullptr;
    out.program = nullptr;
    out.watch = nullptr;
    out.backend = Backend::interpreter;
    return out;
  }
  jit::Entry entry(std::uint32_t offset) const {
    return reinterpret_cast<jit::Entry>(reinterpret_cast<std::uintptr_t>(memory->data() + offset));
  }
};

}  // namespace v0
}  // namespace trueno

namespace trueno::runtime {

/// A kernel that any back end can take.
struct Prepared {
  ir::Kernel optimized;
  bool needs_elements = false;  ///< see Kernel::Impl
};
/// From checked IR: optimizes. Errors: too_large.
Result<Prepared> prepare(const ir::Kernel& kernel, const ir::Catalogue& ops);
/// From text with one kernel: parses, optimizes. Errors: invalid_text, too_large.
Result<Prepared> prepare(std::string_view text, const CompileOptions& options = {});
/// From an expression over free names.
Result<Prepared> prepare_expression(std::string_view text, const std::vector<Name>& names,
                                    const CompileOptions& options = {});
/// What code is to be generated for, tuned as configured, or why none can be. Errors: invalid_argument, unavailable.
Result<jit::Target> target_for(const ir::Kernel& kernel, const CompileOptions& options);
/// How code for kernels like this one is tuned on an ISA, as configured.
jit::Tuning tuning_for(const ir::Kernel& kernel, Isa isa);
/// What the options ask for, or else what is configured.
VerifyPolicy policy_of(const CompileOptions& options);
/// The fallback, or else the interpreter, for a kernel without code. `why`: what its origin says of that.
/// Errors: unavailable where only the fallback was asked for and takes no such kernel.
Result<void> do_without_code(Kernel::Impl& impl, const CompileOptions& options, const std::string& why);
/// To a callable kernel: chooses a back end, publishes. Errors: invalid_argument, unavailable.
Result<Kernel> build(Prepared prepared, const CompileOptions& options);
/// Both.
Result<Kernel> build(const ir::Kernel& kernel, const ir::Catalogue& ops, const CompileOptions& options);

}  // namespace trueno::runtime
