// See flow.h.
#include "inspect/flow.h"

#include <algorithm>
#include <map>

#include "inspect/operands.h"

namespace trueno::inspect {

namespace {

constexpr std::uint32_t kNone = ~0u;

std::uint32_t registers_written(const Step& step) {
  std::uint32_t out = 0;
  for (int i = 0; i < step.instruction.operand_count; ++i) {
    const ZydisDecodedOperand& o = step.operands[i];
    if (!is_register(o) || !is_written(o)) continue;
    if (const unsigned reg = general_register(o.reg.value); reg != kNone) out |= 1u << reg;
  }
  return out;
}

}  // namespace

unsigned general_register(ZydisRegister reg) {
  const ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
  return ZydisRegisterGetClass(whole) == ZYDIS_REGCLASS_GPR64
             ? static_cast<unsigned>(whole) - static_cast<unsigned>(ZYDIS_REGISTER_RAX)
             : kNone;
}

bool is_return(const Step& step) { return step.valid && step.instruction.meta.category == ZYDIS_CATEGORY_RET; }

bool is_jump(const Step& step) {
  return step.valid && (step.instruction.meta.category == ZYDIS_CATEGORY_COND_BR ||
                        step.instruction.meta.category == ZYDIS_CATEGORY_UNCOND_BR);
}

bool is_padding(const Step& step) {
  return step.valid &&
         (step.instruction.meta.category == ZYDIS_CATEGORY_NOP ||
          step.instruction.meta.category == ZYDIS_CATEGORY_WIDENOP || step.instruction.mnemonic == ZYDIS_MNEMONIC_INT3);
}

bool ends_flow(const Step& step) {
  return !step.valid || is_return(step) || step.instruction.meta.category == ZYDIS_CATEGORY_UNCOND_BR ||
         step.instruction.mnemonic == ZYDIS_MNEMONIC_UD2 || step.instruction.mnemonic == ZYDIS_MNEMONIC_INT3;
}

Program::Program(const jit::Code& from) : code(from), steps(decode_steps(from, 0, end_of_instructions(from))) {
  index_.assign(end_of_instructions(from), kNone);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    index_[steps[i].offset] = static_cast<std::uint32_t>(i);
    writes.push_back(steps[i].valid ? registers_written(steps[i]) : 0);
  }
}

std::optional<std::size_t> Program::at(std::uint64_t offset) const {
  if (offset >= index_.size() || index_[offset] == kNone) return std::nullopt;
  return index_[offset];
}

namespace {

class Explorer {
 public:
  explicit Explorer(const Program& program) : program_(program) {}

  std::vector<Block> run(std::size_t entry) {
    find_leaders(entry);
    for (const auto& [first, ignored] : leaders_) cut(first);
    link();
    order(leaders_.at(entry));
    return std::move(ordered_);
  }

 private:
  std::optional<std::size_t> jump_of(const Step& step) const {
    return is_jump(step) && step.target ? program_.at(*step.target) : std::nullopt;
  }

  /// First steps of blocks: where jumps lead, and what stands behind a jump that may not be taken.
  void find_leaders(std::size_t entry) {
    std::vector<bool> seen(program_.steps.size(), false);
    std::vector<std::size_t> open = {entry};
    leaders_[entry] = 0;
    while (!open.empty()) {
      std::size_t at = open.back();
      open.pop_back();
      for (; at < seen.size() && !seen[at]; ++at) {
        seen[at] = true;
        const Step& step = program_[at];
        if (const auto to = jump_of(step)) leaders_[*to] = 0, open.push_back(*to);
        if (ends_flow(step)) break;
        if (is_jump(step) && at + 1 < seen.size()) leaders_[at + 1] = 0;
      }
    }
  }

  void cut(std::size_t first) {
    leaders_[first] = blocks_.size();
    Block block;
    block.first = block.last = first;
    while (!ends_flow(program_[block.last]) && !is_jump(program_[block.last]) &&
           block.last + 1 < program_.steps.size() && !leaders_.contains(block.last + 1))
      ++block.last;
    blocks_.push_back(block);
  }

  void link() {
    for (Block& block : blocks_) {
      const Step& step = program_[block.last];
      if (const auto to = jump_of(step)) block.to = leaders_.at(*to);
      if (ends_flow(step)) continue;
      if (const auto next = leaders_.find(block.last + 1); next != leaders_.end()) block.next = next->second;
    }
  }

  /// Backwards, in the order in which a walk into the depth is done with them.
  void order(std::size_t entry) {
    state_.assign(blocks_.size(), unseen);
    walk(entry);
    std::reverse(done_.begin(), done_.end());
    std::vector<std::size_t> place(blocks_.size(), 0);
    for (std::size_t i = 0; i < done_.size(); ++i) place[done_[i]] = i;
    for (const std::size_t old : done_) {
      Block block = blocks_[old];
      for (std::optional<std::size_t>* way : {&block.next, &block.to})
        if (*way) *way = place[**way];
      ordered_.push_back(block);
    }
    for (std::size_t b = 0; b < ordered_.size(); ++b)
      for (const auto& way : {ordered_[b].next, ordered_[b].to})
        if (way && std::find(ordered_[*way].from.begin(), ordered_[*way].from.end(), b) == ordered_[*way].from.end())
          ordered_[*way].from.push_back(b);
    for (const auto& [tail, head] : back_) close_loop(place[tail], place[head]);
  }

  void walk(std::size_t start) {
    struct Frame {
      std::size_t block;
      int way = 0;
    };
    std::vector<Frame> stack = {{start}};
    state_[start] = open;
    while (!stack.empty()) {
      Frame& frame = stack.back();
      if (frame.way == 2) {
        state_[frame.block] = closed;
        done_.push_back(frame.block);
        stack.pop_back();
        continue;
      }
      const auto& way = frame.way++ == 0 ? blocks_[frame.block].to : blocks_[frame.block].next;
      if (!way) continue;
      if (state_[*way] == open) back_.push_back({frame.block, *way});
      if (state_[*way] != unseen) continue;
      state_[*way] = open;
      stack.push_back({*way});
    }
  }

  void close_loop(std::size_t tail, std::size_t head) {
    std::vector<bool> in(ordered_.size(), false);
    std::vector<std::size_t> open_ends = {tail};
    in[head] = true;
    while (!open_ends.empty()) {
      const std::size_t b = open_ends.back();
      open_ends.pop_back();
      if (in[b]) continue;
      in[b] = true;
      for (const std::size_t before : ordered_[b].from) open_ends.push_back(before);
    }
    ordered_[head].loop = true;
    for (std::size_t b = 0; b < ordered_.size(); ++b)
      for (std::size_t i = ordered_[b].first; in[b] && i <= ordered_[b].last; ++i)
        ordered_[head].changed |= program_.writes[i];
  }

  enum Progress : std::uint8_t { unseen, open, closed };
  const Program& program_;
  std::map<std::size_t, std::size_t> leaders_;  // first step -> block
  std::vector<Block> blocks_, ordered_;
  std::vector<Progress> state_;
  std::vector<std::size_t> done_;
  std::vector<std::pair<std::size_t, std::size_t>> back_;
};

}  // namespace

std::vector<Block> flow_from(const Program& program, std::size_t entry) { return Explorer(program).run(entry); }

}  // namespace trueno::inspect
