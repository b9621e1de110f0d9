// See ranges.h.
#include "inspect/ranges.h"

#include <algorithm>
#include <bit>

namespace trueno::inspect {
namespace {

class Finder {
 public:
  Finder(const Study& study, const Part& part) : s_(study), part_(part) {}

  Ranges run() {
    out_.vector_registers = s_.code.target.isa == Isa::avx512 ? 32 : 16;
    for (Register r = 0; r < kFirstGeneral; ++r) ranges_of(r);
    for (std::uint32_t i = 0; i < part_.steps; ++i) {
      const RegisterSet busy = before(i) | access(i).writes;
      out_.vectors.push_back(static_cast<std::uint32_t>(std::popcount(busy & kVectorRegisters)));
      out_.masks.push_back(static_cast<std::uint32_t>(std::popcount(busy & kMaskRegisters)));
      out_.most_vectors = std::max(out_.most_vectors, out_.vectors.back());
      out_.most_masks = std::max(out_.most_masks, out_.masks.back());
    }
    return std::move(out_);
  }

 private:
  const RegisterUse& access(std::uint32_t i) const { return s_.liveness.access[part_.first + i]; }
  RegisterSet before(std::uint32_t i) const { return s_.liveness.before[part_.first + i]; }
  RegisterSet after(std::uint32_t i) const { return s_.liveness.after[part_.first + i]; }

  bool written(Register r) const {
    for (std::uint32_t i = 0; i < part_.steps; ++i)
      if (has(access(i).writes, r)) return true;
    return false;
  }

  /// A write ends what was there and begins something new; so does one that goes on from it.
  void ranges_of(Register r) {
    const bool changes = written(r);
    Range now;
    bool open = part_.steps != 0 && has(before(0), r);
    if (open) {
      now.reg = r, now.holds = changes ? Holds::accumulator : Holds::pinned, now.arrives = true;
      name_arrival(now);
    }
    for (std::uint32_t i = 0; i < part_.steps; ++i) {
      if (open && has(access(i).reads, r)) now.to = i;
      if (has(access(i).writes, r)) {
        if (open) out_.list.push_back(now);
        now = Range();
        now.reg = r, now.from = now.to = i;
        name_step(now, part_.first + i);
        open = true;
      }
      if (open && !has(after(i), r)) out_.list.push_back(now), open = false;
    }
    if (!open) return;
    now.to = part_.steps - 1;
    now.leaves = true;
    if (now.holds == Holds::temporary) now.holds = part_.loop && has(before(0), r) ? Holds::accumulator : now.holds;
    out_.list.push_back(now);
  }

  void name_arrival(Range& range) const {
    if (range.holds == Holds::accumulator)  // what it is, the step that takes elements into it says
      for (std::uint32_t i = part_.steps; i-- > 0 && range.what.empty();)
        if (has(access(i).writes, range.reg)) name_step(range, part_.first + i);
    auto def = written_before(s_, part_.first, range.reg);
    for (; def && range.what.empty(); def = written_before(s_, *def, range.reg)) name_step(range, *def);
  }

  /// Named by what the instruction computes, or else by what it loads.
  void name_step(Range& range, std::size_t step) const {
    const Note& note = s_.notes[step];
    range.node = note.node;
    range.what = !note.value.empty() ? note.value : note.touch.what;
  }

  const Study& s_;
  const Part& part_;
  Ranges out_;
};

}  // namespace

std::string_view name_of(Holds holds) {
  constexpr std::string_view kNames[] = {"temporary", "accumulator", "pinned"};
  return kNames[static_cast<std::size_t>(holds)];
}

Ranges find_ranges(const Study& study, const Part& part) { return Finder(study, part).run(); }

}  // namespace trueno::inspect
