// The arguments of a call as the interpreter takes them: see verify_judge.h.
#include "runtime/verify_judge.h"

#include <utility>

#include "ir/interpret.h"

namespace trueno::runtime {

Run interpreter_of(ir::Kernel meaning) {
  return [kernel = std::move(meaning)](std::span<const Arg> args, std::span<const Out> outs) {
    std::vector<const void*> params;
    std::vector<void*> results;
    std::int64_t n = 0;
    for (const Arg& a : args) {
      params.push_back(a.array ? a.data : &a.bits);
      if (a.array) n = static_cast<std::int64_t>(a.length);
    }
    for (const Out& o : outs) {
      results.push_back(o.data);
      if (o.array) n = static_cast<std::int64_t>(o.length);
    }
    return ir::interpret(kernel, params, results, n);
  };
}

}  // namespace trueno::runtime
