// From code to a report: the rules about single instructions, then a walk from each entry; see lint.h.
#include "inspect/lint.h"

#include <fmt/format.h>

#include <algorithm>

#include "inspect/disassemble.h"
#include "inspect/machine.h"

namespace trueno::inspect {

void Findings::add(LintRule rule, std::uint32_t offset, std::string what, bool instruction) {
  for (const LintFinding& f : report_.findings)
    if (f.rule == rule && f.offset == offset) return;
  LintFinding finding{rule, offset, {}, {}, std::move(what)};
  for (const jit::Label& label : code_.labels)
    if (label.offset <= offset) finding.place = label.name;
  if (instruction)
    if (const auto decoded = decode(code_, offset, offset + 1); !decoded.empty()) finding.instruction = decoded[0].text;
  report_.findings.push_back(std::move(finding));
}

namespace {

/// States at the beginning of blocks, made weaker until each way between blocks keeps to them.
class Walk {
 public:
  Walk(const Program& program, Ground& ground, std::size_t entry)
      : program_(program), ground_(ground), machine_(ground), blocks_(flow_from(program, entry)) {
    in_.resize(blocks_.size());
    ways_.resize(blocks_.size());
    due_.assign(blocks_.size(), false);
  }

  /// False: it does not come to an end.
  bool settle(State at_entry) {
    const std::size_t most = 64 * blocks_.size() + 64;
    in_[0] = blocks_[0].loop ? enter_loop(ground_, at_entry, place(0), blocks_[0].changed) : std::move(at_entry);
    due_[0] = true;
    for (std::size_t turns = 0;; ++turns) {
      const auto next = std::find(due_.begin(), due_.end(), true);
      if (next == due_.end()) return true;
      if (turns == most) return false;
      *next = false;
      run(static_cast<std::size_t>(next - due_.begin()));
    }
  }

  /// Calls visit(step, state before it) for all that was reached.
  template <class Visit>
  void visit(const Visit& visit) {
    for (std::size_t b = 0; b < blocks_.size(); ++b) {
      if (!in_[b]) continue;
      State s = *in_[b];
      if (blocks_[b].loop) reduce(ground_, s);
      for (std::size_t i = blocks_[b].first; i <= blocks_[b].last; ++i) {
        visit(i, s);
        machine_.run(program_[i], s);
      }
    }
  }

 private:
  std::uint32_t place(std::size_t block) const { return program_[blocks_[block].first].offset; }

  void run(std::size_t b) {
    State s = *in_[b];
    if (blocks_[b].loop) reduce(ground_, s);
    for (std::size_t i = blocks_[b].first; i <= blocks_[b].last; ++i) machine_.run(program_[i], s);
    const Block& block = blocks_[b];
    const Step& last = program_[block.last];
    const bool choice = is_jump(last) && !ends_flow(last);
    for (const bool taken : {true, false}) {
      const auto& to = taken ? block.to : block.next;
      if (!to) continue;
      State behind = s;
      if (choice && !machine_.follow(last, taken, behind)) continue;
      auto& way = ways_[b][taken ? 1 : 0];
      if (way && *way == behind) continue;
      way = std::move(behind);
      arrive(b, *to);
    }
  }

  /// The top of a loop starts anew when what comes from before the loop has changed, so that it keeps nothing of what
  /// was true of a first turn only; what comes from within only takes away.
  void arrive(std::size_t from, std::size_t b) {
    const bool back = blocks_[b].loop && from >= b;
    State now;
    if (back && in_[b]) {
      now = *in_[b];
    } else {
      now = together(b);
      if (blocks_[b].loop) now = enter_loop(ground_, now, place(b), blocks_[b].changed);
    }
    for (const std::size_t in_loop : blocks_[b].from)
      for (const auto& way : {blocks_[in_loop].next == b ? ways_[in_loop][0] : std::nullopt,
                              blocks_[in_loop].to == b ? ways_[in_loop][1] : std::nullopt})
        if (blocks_[b].loop && in_loop >= b && way && (!back || in_loop == from)) narrow(ground_, now, *way, place(b));
    if (in_[b] && *in_[b] == now) return;
    in_[b] = std::move(now);
    due_[b] = true;
  }

  State together(std::size_t b) {
    constexpr std::uint32_t kNext = 1u << 24;  // beyond all offsets: each meeting of two has symbols of its own
    State out;
    std::uint32_t where = place(b);
    bool first = true;
    for (const std::size_t from : blocks_[b].from)
      for (const bool taken : {false, true}) {
        const auto& to = taken ? blocks_[from].to : blocks_[from].next;
        const auto& way = ways_[from][taken ? 1 : 0];
        if (to != b || !way || from >= b) continue;
        out = first ? *way : join(ground_, out, *way, where);
        if (!first) where += kNext;
        first = false;
      }
    if (where != place(b)) reduce(ground_, out);
    return out;
  }

  const Program& program_;
  Ground& ground_;
  Machine machine_;
  std::vector<Block> blocks_;
  std::vector<std::optional<State>> in_;
  std::vector<std::array<std::optional<State>, 2>> ways_;  // of each block: to the next, to where it jumps
  std::vector<bool> due_;
};

bool is_entry_mark(const Step& step) { return step.valid && step.instruction.mnemonic == ZYDIS_MNEMONIC_ENDBR64; }

}  // namespace

void lint_entry(const Program& program, const Subject& subject, const Entry& entry, Findings& findings,
                LintReport& report, std::vector<bool>& reached) {
  const auto start = program.at(entry.offset);
  if (!start)
    return findings.add(LintRule::jump, entry.offset, "'" + entry.name + "' begins where no instruction does");
  if (!is_entry_mark(program[*start]))
    findings.add(LintRule::jump, program[*start], "'" + entry.name + "' does not begin with endbr64");
  Ground ground(subject, entry);
  Walk walk(program, ground, *start);
  if (!walk.settle(ground.at_entry()))
    return findings.add(LintRule::unreached, entry.offset, "not proven: following the code from here found no end");
  StateRules rules(ground, findings, report);
  walk.visit([&](std::size_t i, const State& s) {
    reached[i] = true;
    rules.check(program[i], s);
    if (i + 1 == program.steps.size() && !ends_flow(program[i]))
      findings.add(LintRule::pool, program[i], "runs on into the constants");
  });
}

LintReport lint(const jit::Code& code, const ir::Kernel& kernel) {
  LintReport report;
  report.kernel = kernel.name;
  report.target = fmt::format("{} vl{}", name_of(code.target.isa), code.target.vector_bits);
  Findings findings(code, report);
  const Program program(code);
  const Subject subject(code, kernel);
  report.instructions = program.steps.size();
  lint_instructions(program, subject, findings);
  std::vector<bool> reached(program.steps.size(), false);
  for (const Entry& entry : entries_of(code)) {
    ++report.entries;
    lint_entry(program, subject, entry, findings, report, reached);
  }
  for (std::size_t i = 0; i < reached.size(); ++i)
    if (!reached[i] && !is_padding(program[i]))
      findings.add(LintRule::unreached, program[i], "not proven: no entry was seen to lead here");
  std::stable_sort(report.findings.begin(), report.findings.end(),
                   [](const LintFinding& a, const LintFinding& b) { return a.offset < b.offset; });
  return report;
}

}  // namespace trueno::inspect

namespace trueno {
inline namespace v0 {

std::string describe(const LintReport& report) {
  std::string out = fmt::format("{}: {}: {} instructions, {} loads and stores proven from {} entries, {}\n",
                                report.kernel, report.target, report.instructions, report.accesses, report.entries,
                                report.fine() ? "nothing found" : fmt::format("{} found", report.findings.size()));
  for (const LintFinding& f : report.findings) {
    out += fmt::format("  {:#x}", f.offset);
    if (!f.place.empty()) out += fmt::format(" ({})", f.place);
    out += fmt::format(": {}: ", name_of(f.rule));
    if (!f.instruction.empty()) out += f.instruction + ": ";
    out += f.what + "\n";
  }
  return out;
}

}  // namespace v0
}  // namespace trueno
