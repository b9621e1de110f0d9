// What a callable kernel consists of: the optimized IR, and machine code if a back end made some.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ir/kernel.h"
#include "jit/arena.h"
#include "jit/compile.h"
#include "trueno/kernel.h"

namespace trueno {
inline namespace v0 {

struct Kernel::Impl {
  ir::Kernel optimized;
  std::vector<Slot> parameters, results;
  struct Shape {
    Type type;
    bool array;
  };
  std::vector<Shape> shapes;    ///< of parameters, then results: what a call checks
  bool needs_elements = false;  ///< some result depends on min or max: no elements is Status::empty
  std::string origin;
  Backend backend = Backend::interpreter;

  jit::Code code;  ///< without its bytes; meaningful with `memory`
  std::shared_ptr<const jit::Executable> memory;
  jit::Entry entry(std::uint32_t offset) const {
    return reinterpret_cast<jit::Entry>(reinterpret_cast<std::uintptr_t>(memory->data() + offset));
  }
};

}  // namespace v0
}  // namespace trueno

namespace trueno::runtime {

/// Runs generated code over n elements: one call within a block, else stretch and finish pass by pass.
/// `arrays`: bases of the array parameters, then of the array outputs. `slots`: of the code's SlotMap, scalar
/// parameters filled in. Errors: Status::internal if memory for the merge stack cannot be had.
Result<void> run_code(const Kernel::Impl& k, void* const* arrays, std::uint64_t* slots, std::int64_t n);

/// From checked IR to a callable kernel: optimize, choose a back end, publish.
Result<Kernel> build(const ir::Kernel& kernel, const ir::Catalogue& ops, const CompileOptions& options);

}  // namespace trueno::runtime
