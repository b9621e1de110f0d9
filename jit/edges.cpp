// See edges.h. Nothing here runs once per element of a long array.
#include "jit/edges.h"

#include <algorithm>

namespace trueno::jit {

using namespace asmjit;

namespace {

/// Arrays a pass stores whole vectors to.
std::vector<std::uint32_t> stored_arrays(const PassPlan& plan) {
  std::vector<std::uint32_t> out;
  for (const Instruction& inst : plan.main.code)
    if (inst.dst.place == Place::array && std::find(out.begin(), out.end(), inst.dst.index) == out.end())
      out.push_back(inst.dst.index);
  return out;
}

/// Bytes of a step in an array: what a vector that is stored there should be aligned to.
std::uint32_t step_bytes(const Emitter& e, const Layout& layout, std::uint32_t array) {
  return std::min(layout.lanes * e.element_bytes(array), e.vector_bytes());
}

/// Jumps unless there are so many elements up to `limit`.
void unless_elements(Emitter& e, Emitter::Gp limit, std::uint64_t elements, const Emitter::Label& to) {
  auto& a = e.a();
  a.mov(Emitter::kScratch, std::min<std::uint64_t>(elements, std::uint64_t{1} << 62));
  a.mov(Emitter::kWork, limit);
  a.sub(Emitter::kWork, Emitter::kIndex);
  a.cmp(Emitter::kWork, Emitter::kScratch);
  a.jl(to);
}

}  // namespace

void set_tail_masks(Emitter& e, const Layout& layout, const PassPlan& plan, Emitter::Gp bits) {
  e.a().kmovd(x86::k(kTailMask), bits.r32());
  if (plan.upper_mask) e.a().kshiftrw(x86::k(kTailMaskUpper), x86::k(kTailMask), static_cast<int>(layout.lanes) / 2);
}

std::vector<std::uint32_t> staged_tails(const Emitter& e, const PassPlan& plan, bool in) {
  const std::vector<bool>& wanted = in ? plan.reads : plan.writes;
  std::vector<std::uint32_t> out;
  for (std::uint32_t array = 0; array < wanted.size(); ++array)
    if (wanted[array] && e.is_staged(array)) out.push_back(array);
  return out;
}

void emit_masked_rest(Emitter& e, const Layout& layout, const PassPlan& plan) {
  auto& a = e.a();
  e.mark("rest");
  a.mov(Emitter::kScratch, -1);
  a.bzhi(Emitter::kWork, Emitter::kScratch, Emitter::kWork);
  for (std::uint32_t u = 0; u < plan.unroll; ++u) {
    if (u) a.shr(Emitter::kWork, static_cast<int>(layout.lanes));
    set_tail_masks(e, layout, plan, Emitter::kWork);
    e.section(plan.tail, &plan.accs, u);
  }
}

void emit_peel(Emitter& e, const Layout& layout, const PassPlan& plan, Emitter::Gp limit, std::uint32_t window) {
  const Tuning& tuning = layout.target.tuning;
  const std::vector<std::uint32_t> stored = stored_arrays(plan);
  if (tuning.peel == Tuning::kNever || !plan.accs.empty() || stored.empty()) return;
  auto& a = e.a();
  const Emitter::Label aligned = e.label();
  const std::uint32_t bytes = e.element_bytes(stored[0]);
  const auto count = [&] {  // up to the next multiple of a step, in elements
    e.address(Emitter::kWork, stored[0]);
    a.neg(Emitter::kWork);
    a.and_(Emitter::kWork, static_cast<int>(step_bytes(e, layout, stored[0]) - 1));
    if (bytes > 1) a.shr(Emitter::kWork, bytes == 8 ? 3 : 2);
  };
  unless_elements(e, limit, std::max<std::uint64_t>(tuning.peel, layout.lanes), aligned);
  count();
  a.jz(aligned);
  e.mark("peel");
  emit_partial_step(e, layout, plan, window, count);
  count();
  a.add(Emitter::kIndex, Emitter::kWork);
  a.bind(aligned);
}

bool emit_past_caches(Emitter& e, const Layout& layout, const PassPlan& plan, Emitter::Gp limit,
                      const Emitter::Label& ordinary) {
  const Tuning& tuning = layout.target.tuning;
  const std::vector<std::uint32_t> stored = stored_arrays(plan);
  if (tuning.nontemporal_bytes == Tuning::kNever || !plan.accs.empty() || stored.empty()) return false;
  auto& a = e.a();
  std::uint64_t bytes = 0;
  for (const std::uint32_t array : stored) {
    if (plan.reads[array]) return false;
    bytes += e.element_bytes(array);
  }
  unless_elements(e, limit, tuning.nontemporal_bytes / bytes, ordinary);
  const auto base = [](std::uint32_t array) { return x86::qword_ptr(Emitter::kArrays, static_cast<int>(8 * array)); };
  for (const std::uint32_t array : stored) {
    a.mov(Emitter::kWork, base(array));
    for (std::uint32_t read = 0; read < plan.reads.size(); ++read)
      if (plan.reads[read]) {
        a.cmp(Emitter::kWork, base(read));
        a.je(ordinary);
      }
    e.address(Emitter::kWork, array);
    a.test(Emitter::kWork.r32(), step_bytes(e, layout, array) - 1);
    a.jnz(ordinary);
  }
  return true;
}

}  // namespace trueno::jit
