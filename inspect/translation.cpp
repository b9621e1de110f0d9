// See translation.h: the runs, and what is said of them.
#include "inspect/translation.h"

#include <fmt/format.h>

#include <algorithm>

#include "inspect/matching.h"
#include "inspect/processor.h"
#include "inspect/specification.h"
#include "ir/passes/passes.h"
#include "ir/print.h"

namespace trueno::inspect {
namespace {

using ir::NodeId;
using U = std::uint64_t;

constexpr U kArrays = 0x20000000, kSlots = 0x21000000, kState = 0x22000000, kStack = 0x30000000, kFrame = 1 << 20;
constexpr U kFirstArray = 0x100000000, kApart = 0x10000000;
constexpr std::size_t kMostFindings = 5;

/// What one result should be and is.
struct Compared {
  std::string what;
  NodeId node = ir::kNoNode;
  TermId code = 0, meaning = 0;
};

class Check {
 public:
  Check(const ir::Kernel& kernel, const jit::Code& code, const jit::Trace& trace, Lemmas& lemmas)
      : kernel_(kernel),
        code_(code),
        trace_(trace),
        lemmas_(lemmas),
        steps_(decode_steps(code, 0, end_of_instructions(code))),
        reached_(steps_.size(), false) {
    for (const ir::Param& p : kernel.params)
      if (p.is_array()) element_bytes_.push_back(stored_bytes(p.type));
    for (const ir::Output& o : kernel.outputs)
      if (o.array) element_bytes_.push_back(stored_bytes(kernel[o.value].type));
  }

  TranslationReport run(const TranslationOptions& options) {
    const auto lanes = static_cast<std::size_t>(code_.target.vector_bytes()) / 4;
    if (!options.sizes.empty()) {
      for (const std::size_t n : options.sizes)
        if (!run_on({{0, n}}, 0)) break;
    } else if (reach_all({lanes + lanes / 2 + 1, 5 * lanes + 1, 64 + 2 * lanes + 1, 128 + lanes + lanes / 2 + 1})) {
      in_blocks(64 + lanes + lanes / 2 + 1);
      peeled();
    }
    count_instructions();
    return std::move(report_);
  }

 private:
  bool reach_all(const std::vector<std::size_t>& sizes);
  void in_blocks(std::size_t count);
  void peeled();
  bool run_on(const std::vector<ElementBlock>& blocks, std::size_t misaligned);
  std::string execute(Processor& cpu, Memory& memory, Terms& terms, const std::vector<ElementBlock>& blocks);
  void lay_out(Memory& memory, Terms& terms, const Given& given);
  std::vector<Compared> results(Terms& terms, Memory& memory, const std::vector<std::vector<TermId>>& values,
                                const Given& given);
  void compare(Terms& terms, const std::vector<Compared>& all, const std::vector<HeldInstead>& instead, std::size_t n);
  std::string describe(const Terms& terms, Matching& matching, const Compared& c, const Match& match,
                       std::size_t n) const;
  std::string node_text(const Terms& terms, TermId meaning) const;
  bool all_reached() const;
  void count_instructions();
  std::uint32_t end_of_whole() const {
    std::uint32_t end = end_of_instructions(code_);
    for (const jit::Label& l : code_.labels)
      if (l.offset > code_.whole && l.name.starts_with("stretch")) end = std::min(end, l.offset);
    return end;
  }
  std::string title() const {
    return fmt::format("{} {} vl{}", kernel_.name, name_of(code_.target.isa), code_.target.vector_bits);
  }
  U base(std::size_t array) const { return kFirstArray + array * kApart + misaligned_ * element_bytes_[array]; }

  const ir::Kernel& kernel_;
  const jit::Code& code_;
  const jit::Trace& trace_;
  Lemmas& lemmas_;
  std::vector<Step> steps_;
  std::vector<bool> reached_;
  std::vector<std::size_t> element_bytes_;  // per array
  std::size_t misaligned_ = 0;              // arrays, by so many elements
  TranslationReport report_;
};

void Check::lay_out(Memory& memory, Terms& terms, const Given& given) {
  const auto words = [&](U at, const std::uint8_t* bytes, std::size_t size) {
    for (std::size_t i = 0; i + 4 <= size; i += 4)
      memory.put(
          at + i, 4,
          terms.constant(32, bytes[i] | bytes[i + 1] << 8 | bytes[i + 2] << 16 | static_cast<U>(bytes[i + 3]) << 24));
  };
  const std::size_t pool = (code_.pool_offset + 3) / 4 * 4;
  if (pool < code_.bytes.size()) words(Processor::kCode + pool, code_.bytes.data() + pool, code_.bytes.size() - pool);
  memory.allow({"the pool", Processor::kCode + code_.pool_offset, Processor::kCode + code_.bytes.size(), false});
  memory.allow({"the stack", kStack - kFrame, kStack, true, true});
  memory.allow({"the slots", kSlots, kSlots + 8 * code_.slots.size, true});
  memory.put(kSlots, 8, terms.constant(64, given.n()));
  for (std::size_t p = 0; p < kernel_.params.size(); ++p)
    if (!kernel_.params[p].is_array()) {
      const U at = kSlots + 8 * code_.slots.scalars[p];
      memory.put(at, bits_of(kernel_.params[p].type) / 8, given.scalars[p]);
    }
  std::size_t array = 0;
  const auto place = [&](const std::string& name, std::size_t size, bool writable) {
    memory.put(kArrays + 8 * array, 8, terms.constant(64, base(array)));
    for (const ElementBlock& b : given.blocks)
      memory.allow({name, base(array) + b.begin * size, base(array) + (b.begin + b.count) * size, writable});
    return base(array++);
  };
  for (std::size_t p = 0; p < kernel_.params.size(); ++p) {
    if (!kernel_.params[p].is_array()) continue;
    const std::size_t size = stored_bytes(kernel_.params[p].type);
    const U at = place(kernel_.params[p].name, size, false);
    for (std::size_t e = 0; e < given.n(); ++e)
      memory.put(at + given.positions[e] * size, static_cast<unsigned>(size), given.elements[p][e]);
  }
  for (const ir::Output& o : kernel_.outputs)
    if (o.array) place(o.name.empty() ? "the result" : o.name, stored_bytes(kernel_[o.value].type), true);
  memory.allow({"the pointers", kArrays, kArrays + 8 * array, false});
}

std::vector<Compared> Check::results(Terms& terms, Memory& memory, const std::vector<std::vector<TermId>>& values,
                                     const Given& given) {
  std::vector<Compared> out;
  std::size_t array = 0;
  for (const ir::Param& p : kernel_.params) array += p.is_array();
  for (std::size_t i = 0; i < kernel_.outputs.size(); ++i) {
    const ir::Output& o = kernel_.outputs[i];
    const ir::Node& node = kernel_[o.value];
    const auto add = [&](U at, std::size_t size, std::string what, TermId meaning) {
      auto held = memory.look(at, static_cast<unsigned>(size));
      if (!held) {
        report_.findings.push_back(
            {true, fmt::format("{}: of {} elements: {} is not stored", title(), given.n(), what)});
        ++report_.values, ++report_.differing;
        return;
      }
      TermId code = *held;
      if (is_mask(node.type)) {  // its lowest bit; an array's byte has no other
        for (U bit = 1; o.array && bit < 8; ++bit) {
          const TermId above = terms.make(Fn::bit, 1, {code}, bit, 8);
          if (!terms.is_constant(above) || terms.imm(above) != 0) what += ", beside which more than one bit is set";
        }
        code = terms.make(Fn::bit, 1, {code}, 0, static_cast<int>(8 * size));
      }
      out.push_back({std::move(what), o.value, code, meaning});
    };
    const std::string name = o.name.empty() ? fmt::format("result {}", i + 1) : o.name;
    if (!o.array) {
      add(kSlots + 8 * code_.slots.outputs[i], is_mask(node.type) ? 1 : bits_of(node.type) / 8, name,
          values[o.value][0]);
      continue;
    }
    const std::size_t size = stored_bytes(node.type);
    for (std::size_t e = 0; e < given.n(); ++e)
      add(base(array) + given.positions[e] * size, size, fmt::format("{}[{}]", name, given.positions[e]),
          values[o.value][node.varying ? e : 0]);
    ++array;
  }
  return out;
}

/// Until every instruction of `whole` was run; what cannot be by these numbers is left to others.
bool Check::reach_all(const std::vector<std::size_t>& sizes) {
  for (const std::size_t n : sizes) {
    if (!run_on({{0, n}}, 0)) return false;
    if (all_reached()) break;
  }
  return true;
}

/// Three stretches with a merge stack, each the beginning of a block, and what is left merged: every part of the code
/// that joins blocks.
void Check::in_blocks(std::size_t count) {
  if (code_.block == 0) return;
  constexpr std::size_t kApartAtMost = 8192;  // a boundary for any reduction
  run_on({{0, count}, {kApartAtMost, count}, {2 * kApartAtMost, count}}, 0);
}

/// Stores that are not aligned, where the code begins with a part of a step for them (jit::Tuning::peel).
void Check::peeled() {
  constexpr std::size_t kMostWork = 400'000;
  const auto lanes = static_cast<std::size_t>(code_.target.vector_bytes()) / 4;
  if (code_.target.tuning.peel == jit::Tuning::kNever || all_reached()) return;
  const std::size_t n = std::max<std::size_t>(code_.target.tuning.peel, lanes) + lanes + lanes / 2 + 1;
  if (n * kernel_.nodes.size() <= kMostWork) run_on({{0, n}}, 1);
}

std::string Check::execute(Processor& cpu, Memory& memory, Terms& terms, const std::vector<ElementBlock>& blocks) {
  const auto call = [&](std::uint32_t entry, std::size_t begin, std::size_t end, U state) {
    cpu.set_register(ZYDIS_REGISTER_RDI, kArrays);
    cpu.set_register(ZYDIS_REGISTER_RSI, kSlots);
    cpu.set_register(ZYDIS_REGISTER_RDX, begin);
    cpu.set_register(ZYDIS_REGISTER_RCX, end);
    cpu.set_register(ZYDIS_REGISTER_R8, state);
    cpu.set_register(ZYDIS_REGISTER_RSP, kStack - 64);
    return cpu.run(entry);
  };
  if (blocks.size() == 1) return call(code_.whole, 0, blocks[0].count, 0);
  for (const jit::PassCode& pass : code_.passes) {
    const U header[4] = {0, 0, jit::PassCode::kStateHeader, jit::PassCode::kStateHeader};
    for (std::size_t i = 0; i < 4; ++i) memory.put(kState + 8 * i, 8, terms.constant(64, header[i]));
    for (const ElementBlock& b : blocks)
      if (std::string why = call(pass.stretch, b.begin, b.begin + b.count, kState); !why.empty()) return why;
    if (std::string why = call(pass.finish, 0, blocks.back().begin + blocks.back().count, kState); !why.empty())
      return why;
  }
  return {};
}

bool Check::run_on(const std::vector<ElementBlock>& blocks, std::size_t misaligned) {
  misaligned_ = misaligned;
  Terms terms;
  Memory memory(terms);
  const Given given = make_leaves(terms, kernel_, blocks);
  const Specification specification = specify(terms, kernel_, given);
  lay_out(memory, terms, given);
  std::size_t level = 0;
  for (const jit::PassCode& p : code_.passes) level = std::max(level, p.state_bytes_per_level);
  memory.allow({"the merge stack", kState, kState + jit::PassCode::kStateHeader + (blocks.size() + 1) * level, true});
  Processor cpu(terms, memory, code_, steps_);
  const std::string why = execute(cpu, memory, terms, blocks);
  for (std::size_t i = 0; i < reached_.size(); ++i) reached_[i] = reached_[i] || cpu.executed()[i];
  if (!why.empty()) {
    report_.uncovered.push_back(fmt::format("{}: of {} elements: {}", title(), given.n(), why));
    return false;
  }
  compare(terms, results(terms, memory, specification.values, given), specification.held_instead, given.n());
  return true;
}

void Check::compare(Terms& terms, const std::vector<Compared>& all, const std::vector<HeldInstead>& instead,
                    std::size_t n) {
  Matching matching(terms, lemmas_);
  std::vector<TermId> wanted;
  for (const Compared& c : all) wanted.push_back(c.meaning);
  matching.find(wanted, instead);
  for (const Compared& c : all) {
    const Match match = matching.decide(c.code, c.meaning);
    ++report_.values;
    switch (match.verdict) {
      case Verdict::proven: ++report_.proven; continue;
      case Verdict::evaluated: ++report_.evaluated; continue;
      case Verdict::differs: ++report_.differing; break;
      case Verdict::open: ++report_.open; break;
    }
    if (report_.findings.size() < kMostFindings)
      report_.findings.push_back({match.verdict == Verdict::differs, describe(terms, matching, c, match, n)});
  }
}

/// The node of the kernel that has that primitive and meaning, as text.
std::string Check::node_text(const Terms& terms, TermId meaning) const { return terms.print(meaning, 2); }

std::string Check::describe(const Terms& terms, Matching& matching, const Compared& c, const Match& match,
                            std::size_t n) const {
  std::string out = fmt::format("{}: of {} elements: {} {}\n", title(), n, c.what,
                                match.verdict == Verdict::differs ? "is not what the IR says" : "is not established");
  const TermId missing = matching.first_missing(c.meaning);
  out += fmt::format("  first missing in the code: {}\n", node_text(terms, missing));
  out += fmt::format("  the IR:   {}\n  the code: {}\n", terms.print(c.meaning), terms.print(c.code));
  out += fmt::format("  its last instruction: {:#x}", terms.origin(c.code));
  for (std::size_t i = 0; i < trace_.lines.size(); ++i)
    if (trace_.lines[i].offset <= terms.origin(c.code) &&
        (i + 1 == trace_.lines.size() || trace_.lines[i + 1].offset > terms.origin(c.code)) &&
        trace_.lines[i].node != ir::kNoNode)
      out += fmt::format(" (of {}, copy {})", ir::row(kernel_[trace_.lines[i].node].op).id, trace_.lines[i].copy);
  if (match.verdict == Verdict::differs) {
    out += "\n  for";
    for (std::size_t i = 0; i < matching.difference().inputs.size() && i < 8; ++i)
      out += fmt::format(" {} = {:#x}", terms.print(matching.difference().inputs[i].first, 0),
                         matching.difference().inputs[i].second);
    out +=
        fmt::format(": the IR gives {:#x}, the code {:#x}", matching.difference().meaning, matching.difference().code);
  }
  return out;
}

bool Check::all_reached() const {
  for (std::size_t i = 0; i < steps_.size(); ++i)
    if (steps_[i].offset >= code_.whole && steps_[i].offset < end_of_whole() && !reached_[i] &&
        steps_[i].instruction.mnemonic != ZYDIS_MNEMONIC_NOP)
      return false;
  return true;
}

void Check::count_instructions() {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    if (steps_[i].instruction.mnemonic == ZYDIS_MNEMONIC_NOP) continue;
    ++report_.instructions;
    report_.reached += reached_[i];
  }
}

}  // namespace

void TranslationReport::add(const TranslationReport& other) {
  values += other.values, proven += other.proven, evaluated += other.evaluated;
  differing += other.differing, open += other.open;
  instructions += other.instructions, reached += other.reached;
  uncovered.insert(uncovered.end(), other.uncovered.begin(), other.uncovered.end());
  findings.insert(findings.end(), other.findings.begin(), other.findings.end());
}

std::string TranslationReport::text() const {
  std::string out = fmt::format(
      "{} values: {} proven, {} by lemmas that were evaluated, {} differ, {} not established; {} of {} instructions "
      "run\n",
      values, proven, evaluated, differing, open, reached, instructions);
  for (const std::string& why : uncovered) out += "not covered: " + why + "\n";
  for (const TranslationFinding& f : findings) out += f.text + "\n";
  return out;
}

Result<TranslationReport> check_translation(const ir::Kernel& optimized, const jit::Code& code, const jit::Trace& trace,
                                            Lemmas& lemmas, const TranslationOptions& options) {
  for (const ir::Node& n : optimized.nodes)
    if (n.op == ir::Op::call)
      return Error(Status::invalid_argument, "translation: kernel '" + optimized.name + "' is not optimized");
  if (code.slots.scalars.size() != optimized.params.size() || code.slots.outputs.size() != optimized.outputs.size())
    return Error(Status::invalid_argument, "translation: the code is not that of kernel '" + optimized.name + "'");
  return Check(optimized, code, trace, lemmas).run(options);
}

Result<TranslationReport> check_translation(const ir::Kernel& optimized, const jit::Code& code,
                                            const jit::Trace& trace) {
  Lemmas lemmas;
  return check_translation(optimized, code, trace, lemmas);
}

}  // namespace trueno::inspect
