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
      : kernel_(kernel), code_(code), trace_(trace), lemmas_(lemmas),
        steps_(decode_steps(code, 0, end_of_instructions(code))), reached_(steps_.size(), false) {}

  TranslationReport run(const TranslationOptions& options) {
    const auto lanes = static_cast<std::size_t>(code_.target.vector_bytes()) / 4;
    std::vector<std::size_t> sizes = options.sizes;
    const bool enough = sizes.empty();
    if (enough) sizes = {lanes + lanes / 2 + 1, 5 * lanes + 1, 64 + 2 * lanes + 1, 128 + lanes + lanes / 2 + 1};
    for (const std::size_t n : sizes) {
      if (!whole(n)) break;
      if (enough && all_reached()) break;
    }
    count_instructions();
    return std::move(report_);
  }

 private:
  bool whole(std::size_t n);
  void lay_out(Memory& memory, Terms& terms, const Given& given);
  std::vector<Compared> results(Terms& terms, Memory& memory, const std::vector<std::vector<TermId>>& values,
                                std::size_t n);
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
  U base(std::size_t array) const { return kFirstArray + array * kApart; }

  const ir::Kernel& kernel_;
  const jit::Code& code_;
  const jit::Trace& trace_;
  Lemmas& lemmas_;
  std::vector<Step> steps_;
  std::vector<bool> reached_;
  TranslationReport report_;
};

void Check::lay_out(Memory& memory, Terms& terms, const Given& given) {
  const auto words = [&](U at, const std::uint8_t* bytes, std::size_t size) {
    for (std::size_t i = 0; i + 4 <= size; i += 4)
      memory.put(at + i, 4, terms.constant(32, bytes[i] | bytes[i + 1] << 8 | bytes[i + 2] << 16 |
                                                   static_cast<U>(bytes[i + 3]) << 24));
  };
  const std::size_t pool = (code_.pool_offset + 3) / 4 * 4;
  if (pool < code_.bytes.size())
    words(Processor::kCode + pool, code_.bytes.data() + pool, code_.bytes.size() - pool);
  memory.allow({"the pool", Processor::kCode + code_.pool_offset, Processor::kCode + code_.bytes.size(), false});
  memory.allow({"the stack", kStack - kFrame, kStack, true, true});
  memory.allow({"the slots", kSlots, kSlots + 8 * code_.slots.size, true});
  memory.put(kSlots, 8, terms.constant(64, given.n));
  for (std::size_t p = 0; p < kernel_.params.size(); ++p)
    if (!kernel_.params[p].is_array()) {
      const U at = kSlots + 8 * code_.slots.scalars[p];
      memory.put(at, bits_of(kernel_.params[p].type) / 8, given.scalars[p]);
    }
  std::size_t array = 0;
  const auto place = [&](const std::string& name, std::size_t size, bool writable) {
    memory.put(kArrays + 8 * array, 8, terms.constant(64, base(array)));
    memory.allow({name, base(array), base(array) + given.n * size, writable});
    return base(array++);
  };
  for (std::size_t p = 0; p < kernel_.params.size(); ++p) {
    if (!kernel_.params[p].is_array()) continue;
    const std::size_t size = stored_bytes(kernel_.params[p].type);
    const U at = place(kernel_.params[p].name, size, false);
    for (std::size_t e = 0; e < given.n; ++e)
      memory.put(at + e * size, static_cast<unsigned>(size), given.elements[p][e]);
  }
  for (const ir::Output& o : kernel_.outputs)
    if (o.array) place(o.name.empty() ? "the result" : o.name, stored_bytes(kernel_[o.value].type), true);
  memory.allow({"the pointers", kArrays, kArrays + 8 * array, false});
}

std::vector<Compared> Check::results(Terms& terms, Memory& memory, const std::vector<std::vector<TermId>>& values,
                                     std::size_t n) {
  std::vector<Compared> out;
  std::size_t array = 0;
  for (const ir::Param& p : kernel_.params) array += p.is_array();
  for (std::size_t i = 0; i < kernel_.outputs.size(); ++i) {
    const ir::Output& o = kernel_.outputs[i];
    const ir::Node& node = kernel_[o.value];
    const auto add = [&](U at, std::size_t size, std::string what, TermId meaning) {
      auto held = memory.look(at, static_cast<unsigned>(size));
      if (!held) {
        report_.findings.push_back({true, fmt::format("{}: of {} elements: {} is not stored", title(), n, what)});
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
    for (std::size_t e = 0; e < n; ++e)
      add(base(array) + e * size, size, fmt::format("{}[{}]", name, e), values[o.value][node.varying ? e : 0]);
    ++array;
  }
  return out;
}

bool Check::whole(std::size_t n) {
  Terms terms;
  Memory memory(terms);
  const Given given = make_leaves(terms, kernel_, n);
  const Specification specification = specify(terms, kernel_, given);
  lay_out(memory, terms, given);
  Processor cpu(terms, memory, code_, steps_);
  cpu.set_register(ZYDIS_REGISTER_RDI, kArrays);
  cpu.set_register(ZYDIS_REGISTER_RSI, kSlots);
  cpu.set_register(ZYDIS_REGISTER_RCX, n);
  cpu.set_register(ZYDIS_REGISTER_RSP, kStack - 64);
  const std::string why = cpu.run(code_.whole);
  for (std::size_t i = 0; i < reached_.size(); ++i) reached_[i] = reached_[i] || cpu.executed()[i];
  if (!why.empty()) {
    report_.uncovered.push_back(fmt::format("{}: of {} elements: {}", title(), n, why));
    return false;
  }
  compare(terms, results(terms, memory, specification.values, n), specification.held_instead, n);
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
    report_.payloads += match.verdict <= Verdict::evaluated && !match.exact;
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
    out += fmt::format(": the IR gives {:#x}, the code {:#x}", matching.difference().meaning,
                       matching.difference().code);
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
  values += other.values, proven += other.proven, evaluated += other.evaluated, payloads += other.payloads;
  differing += other.differing, open += other.open;
  instructions += other.instructions, reached += other.reached;
  uncovered.insert(uncovered.end(), other.uncovered.begin(), other.uncovered.end());
  findings.insert(findings.end(), other.findings.begin(), other.findings.end());
}

std::string TranslationReport::text() const {
  std::string out = fmt::format(
      "{} values: {} proven, {} by lemmas that were evaluated, {} differ, {} not established; {} of {} instructions run\n",
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
