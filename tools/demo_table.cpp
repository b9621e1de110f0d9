// One row group of the demo's table: run by everyone, measured in turn, bits compared; see demo.h.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "jit/arena.h"
#include "jit/host.h"
#include "runtime/host.h"
#include "runtime/settings.h"
#include "tools/demo.h"
#include "tools/timing.h"
#include "tools/values.h"

namespace trueno::tools {
namespace {

/// A line of the table. The first is the plain loop, whose bits are its own affair.
struct Row {
  std::string who;
  std::uint64_t bits = 0;
  double ns = 0;
};

/// A compiled kernel with a place for its scalar result.
struct Candidate {
  Kernel kernel;
  std::string who;
  std::shared_ptr<std::uint64_t> bits = std::make_shared<std::uint64_t>(0);

  Result<void> run(const Query& query) const {
    Out out(query.result, bits.get(), 1);
    out.array = false;
    return kernel.run(query.arguments, std::span(&out, 1));
  }
};

std::string title(const jit::Target& t) { return fmt::format("jit {} vl{}", name_of(t.isa), t.vector_bits); }

/// The interpreter and one candidate per target; targets that decline are told in `skipped`.
Result<std::vector<Candidate>> compile_all(const Query& query, const std::vector<jit::Target>& targets,
                                           std::vector<std::string>& skipped) {
  std::vector<Candidate> out;
  auto interpreter = compile_expression(query.text, query.names, {.backend = Backend::interpreter});
  if (!interpreter) return interpreter.error();
  out.push_back({*interpreter, "interpreter"});
  for (const jit::Target& target : targets) {
    CompileOptions options{.backend = Backend::jit, .isa = target.isa, .vector_bits = target.vector_bits};
    auto kernel = compile_expression(query.text, query.names, options);
    if (kernel)
      out.push_back({*kernel, title(target)});
    else if (kernel.status() == Status::unavailable)
      skipped.push_back(title(target) + ": " + std::string(kernel.error().message()));
    else
      return kernel.error();
  }
  return out;
}

/// The plain loop, then the candidates; the slow interpreter is timed by itself, twice.
Result<std::vector<Row>> measure_all(const Query& query, const std::vector<Candidate>& candidates, double budget_ns) {
  std::vector<Row> rows{{"plain C++ -O3", query.plain(), 0}};
  std::vector<Timed> timed{{[&] { query.plain(); }}};
  double interpreter_ns = HUGE_VAL;
  for (const Candidate& c : candidates) {
    const bool slow = c.kernel.backend() == Backend::interpreter;
    for (int i = 0; i < (slow ? 2 : 1); ++i) {
      const double begin = now_ns();
      if (auto done = c.run(query); !done) return done.error();
      if (slow) interpreter_ns = std::min(interpreter_ns, now_ns() - begin);
    }
    rows.push_back({c.who, *c.bits, slow ? interpreter_ns : 0});
    if (!slow) timed.push_back({[&] { (void)c.run(query).ok(); }});
  }
  measure(timed, budget_ns);
  std::size_t next = 0;
  for (Row& row : rows)
    if (row.ns == 0) row.ns = timed[next++].ns;
  return rows;
}

/// 1234567 -> "1,234,567".
std::string grouped(double value) {
  std::string digits = fmt::format("{:.0f}", value);
  for (std::ptrdiff_t at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

void print_rows(const Query& query, const std::vector<Row>& rows, const Streams& streams) {
  fmt::print(streams.out, "\n{}: {}\n", query.title, query.text);
  fmt::print(streams.out, "  {:<18} {:>20} {:>18} {:>13} {:>7} {:>8}\n", "run by", "result", "bits", "ns", "GB/s",
             "vs plain");
  for (const Row& row : rows)
    fmt::print(streams.out, "  {:<18} {:>20} {:>18} {:>13} {:>7.2f} {:>7.2f}x\n", row.who,
               print_value(query.result, row.bits), print_bits(query.result, row.bits), grouped(row.ns),
               static_cast<double>(query.bytes) / row.ns, rows[0].ns / row.ns);
}

}  // namespace

Result<std::vector<jit::Target>> usable_targets(const Streams& streams) {
  const auto& settings = runtime::settings();
  if (!settings) return settings.error();
  if (auto memory = jit::executable_memory(); !memory) {
    if (settings->backend == Backend::jit) return memory.error();
    fmt::print(streams.out, "  skipped: all generated code: {}\n", memory.error().message());
    return std::vector<jit::Target>();
  }
  std::vector<jit::Target> usable = runtime::runnable_targets();
  for (const jit::Target& target : jit::emittable_targets())
    if (std::find(usable.begin(), usable.end(), target) == usable.end())
      fmt::print(streams.out, "  skipped: {}: not on this host, or above the cap set for it\n", title(target));
  return usable;
}

Result<bool> show_query(const Query& query, const std::vector<jit::Target>& targets, double budget_ns,
                        const Streams& streams) {
  std::vector<std::string> skipped;
  auto candidates = compile_all(query, targets, skipped);
  if (!candidates) return candidates.error();
  auto rows = measure_all(query, *candidates, budget_ns);
  if (!rows) return rows.error();
  print_rows(query, *rows, streams);
  for (const std::string& what : skipped) fmt::print(streams.out, "  skipped {}\n", what);
  const bool agree =
      std::all_of(rows->begin() + 1, rows->end(), [&](const Row& r) { return r.bits == (*rows)[1].bits; });
  if (!agree)
    fmt::print(streams.out, "  BITS DISAGREE: this is a defect of trueno\n");
  else if (rows->size() == 2)
    fmt::print(streams.out, "  bits: only the interpreter ran\n");
  else
    fmt::print(streams.out, "  bits: the interpreter and {} JIT target{} agree\n", rows->size() - 2,
               rows->size() == 3 ? "" : "s");
  return agree;
}

}  // namespace trueno::tools
