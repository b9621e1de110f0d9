// Runs a case and compares every bit.
//
// The judge is the interpreter on the generated kernel, expanded but not optimized. What is judged comes by the
// public road: the kernel is printed, the text parsed and optimized, and what comes out compiled for the interpreter
// and for each target. So a difference may be the printer's, the parser's, a pass's or a back end's; if the compiled
// interpreter differs too, it was not the back end.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jit/target.h"
#include "runtime/impl.h"
#include "runtime/verify_memory.h"
#include "tests/fuzz/kernel_fuzz_case.h"
#include "trueno/kernel.h"

namespace trueno::fuzz {

/// A back end under test: a target of the JIT, a level of the fallback, or (neither) the interpreter.
struct Subject {
  std::optional<jit::Target> target;
  std::optional<Isa> fallback;
  std::string name() const;
  CompileOptions options() const;
};

/// What went wrong.
struct Difference {
  enum class Kind : std::uint8_t { value, memory, fault, refused, emptiness, text };
  Kind kind = Kind::value;
  std::string what;         ///< one line
  int result = kNone;       ///< which result, if it is one
  std::int64_t index = -1;  ///< which element of it
  std::uint64_t expected = 0, actual = 0;
};

/// Memory that is painted before a call and looked at afterwards; kept from call to call.
class Painted {
 public:
  /// Room for `bytes` at an aligned address plus `shift`, or up to an inaccessible page; painted around, and inside
  /// unless the caller fills it.
  std::uint8_t* prepare(std::size_t shift, bool at_end, std::size_t bytes, bool inside);
  std::uint8_t* data() const { return data_; }
  /// True if what lies around the room still has its paint; `inside`: and the room too.
  bool untouched(bool inside) const;

 private:
  std::vector<std::uint8_t> memory_;
  std::optional<runtime::GuardedPages> page_;  // made when first needed
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0, behind_ = 0;  // behind_: painted bytes after the room
};

/// Threads: one checker belongs to one thread.
class Checker {
 public:
  /// Takes the judge's answers to a call. `expanded`: without op calls. False: it has none, `problem` says why.
  bool judge(const ir::Kernel& expanded, const Call& call, std::string& problem);
  /// Runs a compiled kernel on the call just judged.
  std::optional<Difference> compare(const Kernel& candidate, const ir::Kernel& expanded, const Call& call);
  /// Parses a kernel's text and optimizes it, as all subjects take it. Nothing: `wrong` says why.
  std::optional<runtime::Prepared> prepare(const std::string& text, std::optional<Difference>& wrong);
  /// Compiles. A refusal that is not a decline, or a fault, is a difference; a decline leaves all empty but `why`.
  std::optional<Kernel> compile(const runtime::Prepared& prepared, const Subject& subject, std::string& why,
                                std::optional<Difference>& wrong);
  /// All of it for one subject, as the shrinker asks. Nothing: no difference, or the case is not valid.
  std::optional<Difference> check(const Case& c, const Subject& subject);
  /// The values of some nodes of the case's kernel, as stored: `call.n` of what varies, else one. Empty if the
  /// call has no results.
  std::vector<std::vector<std::uint8_t>> values_of(const Case& c, const std::vector<ir::NodeId>& nodes);

 private:
  /// Calls of the library that may fault. Nothing: `wrong` says what happened.
  template <class T>
  std::optional<Result<T>> guarded(const std::function<Result<T>()>& call, std::optional<Difference>& wrong);
  void lay_out(const ir::Kernel& kernel, const Call& call);
  std::optional<Difference> look_at(const ir::Kernel& kernel, const Call& call) const;

  runtime::FaultCatcher faults_;
  bool empty_ = false;                               // the judge said Status::empty
  std::vector<std::vector<std::uint8_t>> expected_;  // per result
  std::vector<Painted> inputs_, outputs_;
  std::vector<Arg> args_;
  std::vector<Out> outs_;
};

}  // namespace trueno::fuzz
