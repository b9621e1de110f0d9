// The verifier's loop: each round of inputs x lengths x placements is run and compared with the judge's answer.
//
// Value i of parameter p in a round depends on (pattern, seed, p, i) only, so that the answer for a length is
// the same for every placement and every target, and the judge is asked once.
#include "runtime/verify.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <tuple>

#include "ir/print.h"
#include "runtime/environment.h"
#include "runtime/impl.h"
#include "runtime/verify_inputs.h"
#include "runtime/verify_judge.h"
#include "runtime/verify_memory.h"
#include "runtime/verify_rounds.h"
#include "runtime/watch.h"

namespace trueno::runtime {
namespace {

/// Where an array of `bytes` begins, as the placement says.
std::uint8_t* begin_of(const GuardedPages& pages, const Placement& where, int shift, std::size_t bytes,
                       std::size_t element) {
  switch (where.kind) {
    case Placement::Kind::at_start: return pages.begin();
    case Placement::Kind::at_end: return pages.end() - bytes;
    default: return pages.begin() + Place::kMargin + static_cast<std::size_t>(shift) * element;
  }
}

Place place(const GuardedPages& pages, const Placement& where, int shift, std::size_t bytes, std::size_t element) {
  return paint_around(pages, begin_of(pages, where, shift, bytes, element), bytes);
}

/// One call: its arrays laid out in memory, its arguments, and what became of it.
struct Call {
  std::int64_t n = 0;
  std::vector<Place> params, results;
  std::vector<bool> overwritten;  // per parameter: a result lies there
  std::vector<Arg> args;
  std::vector<Out> outs;
  Status status = Status::ok;
  std::string message;
  FaultCatcher::Fault fault;
};

}  // namespace

struct Verifier::Impl {
  Signature sig;
  VerifyOptions options;
  Run judge;
  std::optional<Result<Prepared>> printed;  ///< what the kernel's text was read as, once that was asked

  struct Answer {
    Status status = Status::ok;
    std::vector<std::vector<std::uint8_t>> results;
  };
  std::map<std::tuple<Pattern, std::uint64_t, std::int64_t>, Answer> answers;

  // The round at hand and its inputs; a scalar is one element.
  Pattern pattern = Pattern::ordinary;
  std::uint64_t seed = 0;
  std::int64_t longest = 0;
  std::vector<std::vector<std::uint8_t>> data;

  struct Memory {
    std::vector<GuardedPages> params, results;
  };

  std::uint64_t value(std::size_t p, std::int64_t i) const;
  void fill(const Round& round);
  const Answer& answer(std::int64_t n);
  std::string inputs_at(std::int64_t i) const;
  Call lay_out(Memory& memory, std::int64_t n, const Placement& placement) const;
  std::optional<Mismatch> judge_call(const Call& call, const Placement& placement);
  std::optional<Mismatch> judge_result(const Call& call, std::size_t r, const Answer& expected) const;
  void set(VerifyOptions how, Run by) {
    options = std::move(how);
    options.only_cases &= !options.cases.empty();
    judge = std::move(by);
  }
  Result<Kernel> compiled(const jit::Target& target);
  Report check(const std::string& name, int lane_bytes, const Run& run);
};

std::uint64_t Verifier::Impl::value(std::size_t p, std::int64_t i) const {
  if (pattern == Pattern::cases || options.only_cases) {
    // In order, so that a round as long as the list meets every case; parameters move together.
    const auto& cases = options.cases;
    const std::uint64_t at = pattern == Pattern::cases ? seed + static_cast<std::uint64_t>(i)
                                                       : mix(seed * 7919 + static_cast<std::uint64_t>(i));
    return cases[at % cases.size()][p];
  }
  return draw_value(pattern, sig.params[p].type, mix(mix(seed * 64 + p) + static_cast<std::uint64_t>(i)));
}

void Verifier::Impl::fill(const Round& round) {
  pattern = round.pattern;
  seed = round.seed;
  longest = *std::max_element(round.sizes.begin(), round.sizes.end());
  data.assign(sig.params.size(), {});
  for (std::size_t p = 0; p < sig.params.size(); ++p) {
    const std::size_t bytes = stored_bytes(sig.params[p].type);
    const std::int64_t count = sig.params[p].array ? longest : 1;
    data[p].resize(static_cast<std::size_t>(count) * bytes + 8);
    for (std::int64_t i = 0; i < count; ++i)
      store_bits(sig.params[p].type, data[p].data() + static_cast<std::size_t>(i) * bytes, value(p, i));
  }
}

const Verifier::Impl::Answer& Verifier::Impl::answer(std::int64_t n) {
  if (!sig.reduces) n = longest;  // element by element: a shorter answer is the beginning of a longer one
  const auto [it, fresh] = answers.try_emplace({pattern, seed, n});
  Answer& a = it->second;
  if (!fresh) return a;
  std::vector<Arg> args;
  for (std::size_t p = 0; p < sig.params.size(); ++p) {
    args.emplace_back(sig.params[p].type, data[p].data(), static_cast<std::size_t>(sig.params[p].array ? n : 1));
    args.back().array = sig.params[p].array;
    if (!sig.params[p].array) args.back().bits = load_bits(sig.params[p].type, data[p].data());
  }
  std::vector<Out> outs;
  for (const Slot& r : sig.results) {
    const std::size_t count = r.array ? static_cast<std::size_t>(n) : 1;
    a.results.emplace_back(count * stored_bytes(r.type) + 8, Place::kPaint);
    outs.emplace_back(r.type, a.results.back().data(), count);
    outs.back().array = r.array;
  }
  a.status = judge(args, outs).status();
  return a;
}

std::string Verifier::Impl::inputs_at(std::int64_t i) const {
  std::string out;
  for (std::size_t p = 0; p < sig.params.size(); ++p) {
    const Slot& s = sig.params[p];
    if (s.array && i < 0) continue;
    out += "    " + s.name + (s.array ? "[" + std::to_string(i) + "]" : "") + " = ";
    out += show_bits(s.type, value(p, s.array ? i : 0)) + "\n";
  }
  return out;
}

Call Verifier::Impl::lay_out(Memory& memory, std::int64_t n, const Placement& placement) const {
  Call c;
  c.n = n;
  c.overwritten.assign(sig.params.size(), false);
  const auto count = [&](const Slot& s) { return s.array ? static_cast<std::size_t>(n) : 1; };
  for (std::size_t p = 0; p < sig.params.size(); ++p) {
    const Slot& s = sig.params[p];
    const std::size_t element = stored_bytes(s.type), bytes = count(s) * element;
    // Arrays get different misalignments: equal ones would hide a confusion of two pointers.
    c.params.push_back(place(memory.params[p], placement, placement.shift + 3 * static_cast<int>(p), bytes, element));
    std::memcpy(c.params[p].at, data[p].data(), bytes);
    c.args.emplace_back(s.type, c.params[p].at, count(s));
    c.args.back().array = s.array;
    if (!s.array) c.args.back().bits = load_bits(s.type, c.params[p].at);
  }
  const auto take_input = [&](std::size_t r) -> const Place* {
    for (std::size_t i = 0; i < sig.params.size(); ++i) {
      const std::size_t p = (i + r + static_cast<std::size_t>(placement.in_place)) % sig.params.size();
      if (!sig.params[p].array || sig.params[p].type != sig.results[r].type || c.overwritten[p]) continue;
      c.overwritten[p] = true;
      return &c.params[p];
    }
    return nullptr;
  };
  for (std::size_t r = 0; r < sig.results.size(); ++r) {
    const Slot& s = sig.results[r];
    const std::size_t element = stored_bytes(s.type), bytes = count(s) * element;
    const Place* input = placement.in_place >= 0 && s.array ? take_input(r) : nullptr;
    const int shift = (placement.shift * 5 + 2 * static_cast<int>(r)) % 16;
    c.results.push_back(input != nullptr ? *input : place(memory.results[r], placement, shift, bytes, element));
    if (input == nullptr) std::memset(c.results[r].at, Place::kPaint, bytes);
    c.outs.emplace_back(s.type, c.results[r].at, count(s));
    c.outs.back().array = s.array;
  }
  return c;
}

std::optional<Mismatch> Verifier::Impl::judge_result(const Call& c, std::size_t r, const Answer& expected) const {
  const Slot& s = sig.results[r];
  const Place& p = c.results[r];
  const std::size_t element = stored_bytes(s.type);
  const std::uint8_t* right = expected.results[r].data();
  if (std::memcmp(p.at, right, p.bytes) == 0) return std::nullopt;
  std::size_t i = 0;
  while (std::memcmp(p.at + i * element, right + i * element, element) == 0) ++i;
  Mismatch m;
  m.index = s.array ? static_cast<std::int64_t>(i) : -1;
  m.expected = load_bits(s.type, right + i * element);
  m.actual = load_bits(s.type, p.at + i * element);
  m.what = "result " + s.name + (s.array ? "[" + std::to_string(i) + "]" : "") + ": expected " +
           show_bits(s.type, m.expected) + ", got " + show_bits(s.type, m.actual);
  return m;
}

namespace {

/// Which array a faulting address is near.
std::string near_what(const Call& c, const Signature& sig, const void* address) {
  std::string out;
  const auto look = [&](const Place& p, const std::string& name) {
    const std::ptrdiff_t off = static_cast<const std::uint8_t*>(address) - p.at;
    if (off > -4096 && off < static_cast<std::ptrdiff_t>(p.bytes) + 4096)
      out += ", byte " + std::to_string(off) + " of the " + std::to_string(p.bytes) + " of " + name;
  };
  for (std::size_t p = 0; p < c.params.size(); ++p) look(c.params[p], sig.params[p].name);
  for (std::size_t r = 0; r < c.results.size(); ++r) look(c.results[r], "result " + sig.results[r].name);
  return out;
}

/// Everything but the values of the results: faults, status, stray writes, inputs that changed.
std::string misbehaviour(const Call& c, const Signature& sig, const std::vector<std::vector<std::uint8_t>>& data,
                         Status expected) {
  if (c.fault.signal != 0) return c.fault.name() + near_what(c, sig, c.fault.address);
  if (c.status != expected)
    return "status " + std::string(name_of(expected)) + " expected, got " + std::string(name_of(c.status)) + " " +
           c.message;
  const auto stray = [](const Place& p, const std::uint8_t* wrong, const std::string& name) {
    return "wrote to byte " + std::to_string(wrong - p.at) + " of the " + std::to_string(p.bytes) + " of " + name;
  };
  for (std::size_t p = 0; p < c.params.size(); ++p) {
    if (const auto* wrong = stray_write(c.params[p])) return stray(c.params[p], wrong, sig.params[p].name);
    if (!c.overwritten[p] && std::memcmp(c.params[p].at, data[p].data(), c.params[p].bytes) != 0)
      return "input " + sig.params[p].name + " was written to";
  }
  for (std::size_t r = 0; r < c.results.size(); ++r) {
    const Place& p = c.results[r];
    if (const auto* wrong = stray_write(p)) return stray(p, wrong, "result " + sig.results[r].name);
    const bool is_input = std::any_of(c.params.begin(), c.params.end(), [&](const Place& q) { return q.at == p.at; });
    if (c.status == Status::ok || is_input) continue;
    if (const auto* wrong = unpainted(p.at, p.at + p.bytes))
      return stray(p, wrong, "result " + sig.results[r].name) + " though the call was refused";
  }
  return {};
}

}  // namespace

std::optional<Mismatch> Verifier::Impl::judge_call(const Call& c, const Placement& placement) {
  const Answer& expected = answer(c.n);
  std::optional<Mismatch> m;
  if (std::string what = misbehaviour(c, sig, data, expected.status); !what.empty()) {
    m.emplace().what = std::move(what);
  } else if (c.status == Status::ok) {
    for (std::size_t r = 0; r < sig.results.size() && !m; ++r) m = judge_result(c, r, expected);
  }
  if (!m) return m;
  m->n = c.n;
  m->inputs = inputs_at(m->index);
  m->where = "n = " + std::to_string(c.n) + ", inputs: " + std::string(name_of(pattern)) + " (seed " +
             std::to_string(seed) + "), " + placement.describe();
  return m;
}

Report Verifier::Impl::check(const std::string& name, int lane_bytes, const Run& run) {
  Report report;
  report.target = name;
  report.kernel = sig.text;
  const std::vector<Round> rounds = rounds_for(sig, options, lane_bytes);
  std::int64_t most = 0;
  for (const Round& round : rounds)
    for (const std::int64_t n : round.sizes) most = std::max(most, n);

  // Room for the longest array of 8-byte elements at the largest shift.
  Memory memory;
  const std::size_t slots = sig.params.size() + sig.results.size();
  const std::size_t room = (static_cast<std::size_t>(most) + 64 + 3 * slots) * 8 + 2 * Place::kMargin;
  for (std::size_t i = 0; i < slots; ++i) {
    auto& pages = i < sig.params.size() ? memory.params : memory.results;
    pages.emplace_back(room);
    if (pages.back().ok()) continue;
    report.outcome = Report::Outcome::declined;
    report.reason = "no memory for guarded arrays of " + std::to_string(room) + " bytes";
    return report;
  }

  const FaultCatcher faults;
  for (const Round& round : rounds) {
    fill(round);
    // With one length only, it has its turn at every placement.
    const std::size_t turns = options.in_turn ? std::min(round.sizes.size(), round.placements.size()) : 1;
    for (std::size_t i = 0; i < round.sizes.size(); ++i)
      for (std::size_t j = i % turns; j < round.placements.size(); j += turns) {
        const std::int64_t n = round.sizes[i];
        const Placement& placement = round.placements[j];
        ++report.runs;
        report.elements += static_cast<std::uint64_t>(n);
        Call call = lay_out(memory, n, placement);
        call.fault = faults.run([&] {
          const Result<void> done = run(call.args, call.outs);
          call.status = done.status();
          if (!done) call.message = done.error().text();
        });
        report.mismatch = judge_call(call, placement);
        if (!report.mismatch) continue;
        report.outcome = Report::Outcome::different;
        return report;
      }
  }
  return report;
}

Verifier::Verifier(ir::Kernel meaning, VerifyOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->sig = signature_of(meaning);
  impl_->set(std::move(options), interpreter_of(std::move(meaning)));
}

Verifier::Verifier(const Kernel& judge, VerifyOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->sig.params = judge.parameters();
  impl_->sig.results = judge.results();
  impl_->sig.text = judge.text();
  impl_->set(std::move(options), [judge](auto args, auto outs) { return judge.run(args, outs); });
}

Verifier::~Verifier() = default;

// Our own printed text must parse, alone. What it is read as serves all targets.
Result<Kernel> Verifier::Impl::compiled(const jit::Target& target) {
  const DefaultEnvironment environment;
  if (!printed) printed = prepare(sig.text);
  if (!*printed) return printed->error();
  CompileOptions compiling;
  compiling.backend = Backend::jit;
  compiling.isa = target.isa;
  compiling.vector_bits = target.vector_bits;
  compiling.verify = VerifyPolicy::off;  // here it is to be seen what the code gives
  return build(**printed, compiling);
}

Report Verifier::check(const jit::Target& target) {
  const std::string name = std::string(name_of(target.isa)) + " vl" + std::to_string(target.vector_bits);
  const Result<Kernel> kernel = impl_->compiled(target);
  Report report;
  report.target = name;
  report.kernel = impl_->sig.text;
  if (!kernel && kernel.status() == Status::unavailable) {
    report.outcome = Report::Outcome::declined;
    report.reason = kernel.error().text();
    return report;
  }
  // A check of another target than the one asked for proves nothing.
  std::string refusal;
  if (!kernel)
    refusal = "the printed kernel was refused: " + kernel.error().text();
  else if (kernel->isa() != target.isa || kernel->vector_bits() != target.vector_bits)
    refusal = "compiled for another target: " + kernel->origin();
  if (!refusal.empty()) {
    report.outcome = Report::Outcome::different;
    report.mismatch.emplace().what = refusal;
    report.mismatch->where = "while compiling";
    return report;
  }
  return impl_->check(name, target.vector_bytes(),
                      [&](std::span<const Arg> args, std::span<const Out> outs) { return kernel->run(args, outs); });
}

Report Verifier::check(const std::string& name, int lanes_bytes, const Run& run) {
  return impl_->check(name, lanes_bytes, run);
}

Report verify(const ir::Kernel& meaning, const jit::Target& target, const VerifyOptions& options) {
  return Verifier(meaning, options).check(target);
}

Report verify(const Kernel& kernel, const Kernel& judge, const VerifyOptions& options) {
  // Code that is watched would answer with the fallback's bits and be withdrawn: it is asked alone.
  const auto& watch = kernel.impl().watch;
  const Kernel candidate = watch && !kernel.withdrawn() ? Kernel(watch->code) : kernel;
  const int bits = candidate.backend() == Backend::jit ? candidate.vector_bits() : 512;
  return Verifier(judge, options)
      .check(candidate.origin(), bits / 8,
             [&](std::span<const Arg> args, std::span<const Out> outs) { return candidate.run(args, outs); });
}

std::string Report::describe() const {
  const std::string tested = std::to_string(runs) + " runs over " + std::to_string(elements) + " elements";
  if (outcome == Outcome::same) return target + ": same bits in " + tested + "\n";
  if (outcome == Outcome::declined) return target + ": declined: " + reason + "\n";
  return target + ": differs from the interpreter after " + tested + "\n  " + mismatch->what + "\n  " +
         mismatch->where + "\n" + mismatch->inputs + kernel + (kernel.empty() || kernel.back() == '\n' ? "" : "\n");
}

}  // namespace trueno::runtime
