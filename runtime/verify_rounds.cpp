// The programme: see verify_rounds.h.
#include "runtime/verify_rounds.h"

#include <algorithm>

#include "ir/print.h"
#include "ir/reducer.h"

namespace trueno::runtime {
namespace {

bool is_array(const Slot& s) { return s.array; }

std::vector<std::int64_t> up_to(std::int64_t most) {
  std::vector<std::int64_t> out;
  for (std::int64_t n = 0; n <= most; ++n) out.push_back(n);
  return out;
}

/// Lengths at which blocks fill up and the merge tree changes.
std::vector<std::int64_t> block_sizes(const Signature& s, bool full) {
  if (!s.reduces4 && !s.reduces8) return {4093, 8229, 20011};
  std::vector<std::int64_t> out;
  const std::vector<int> counts =
      full ? std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17} : std::vector<int>{1, 2, 3, 5};
  for (const int k : counts)
    for (const int beyond : {-1, 0, 1, 37}) {
      if (s.reduces4) out.push_back(8192 * k + beyond);
      if (s.reduces8) out.push_back(4096 * k + beyond);
    }
  return out;
}

std::vector<Placement> placements_at(const std::vector<int>& shifts, bool in_place) {
  using Kind = Placement::Kind;
  std::vector<Placement> out;
  for (const int s : shifts) out.push_back({Kind::inside, s, -1});
  out.push_back({Kind::at_end, 0, -1});
  out.push_back({Kind::at_start, 0, -1});
  if (!in_place) return out;
  out.push_back({Kind::inside, 0, 0});
  out.push_back({Kind::inside, 1, 1});
  out.push_back({Kind::at_end, 0, 0});
  return out;
}

// A returned scalar or a scalar parameter is met by many values, a few elements each.
void add_scalar_rounds(std::vector<Round>& out, const Signature& s, std::uint64_t seed, int lanes) {
  if (!s.has_scalars()) return;
  const std::int64_t n = s.has_arrays() ? 2 * lanes + 3 : 0;
  for (std::uint64_t i = 0; i < (s.has_arrays() ? 24u : 256u); ++i)
    out.push_back({i % 3 == 0 ? Pattern::bits : Pattern::special, seed + 100 + i, {n}, placements_at({0}, false)});
}

// Every hard case as an element; where there are scalars, the case a round starts with is theirs as well.
void add_case_rounds(std::vector<Round>& out, const Signature& s, const VerifyOptions& options, int lanes) {
  if (options.cases.empty()) return;
  const std::int64_t all = static_cast<std::int64_t>(options.cases.size());
  const std::int64_t turns = s.has_scalars() ? std::min<std::int64_t>(all, options.full ? all : 64) : 1;
  for (std::int64_t i = 0; i < turns; ++i) {
    const std::int64_t n = turns > 1 ? 2 * lanes + 3 : all + lanes + 3;
    const std::uint64_t first = static_cast<std::uint64_t>(i * all / turns);
    out.push_back({Pattern::cases, first, {s.has_arrays() ? n : 0}, placements_at({0, 1}, true)});
  }
}

}  // namespace

bool Signature::has_arrays() const {
  return std::any_of(params.begin(), params.end(), is_array) || std::any_of(results.begin(), results.end(), is_array);
}

bool Signature::has_scalars() const { return !std::all_of(params.begin(), params.end(), is_array); }

int Signature::smallest_element() const {
  int bytes = 8;
  for (const auto* slots : {&params, &results})
    for (const Slot& s : *slots)
      if (s.array) bytes = std::min(bytes, bits_of(s.type) / 8);
  return bytes;
}

std::string Placement::describe() const {
  std::string out = kind == Kind::at_end     ? "arrays end at a guard page"
                    : kind == Kind::at_start ? "arrays begin after a guard page"
                                             : "arrays +" + std::to_string(shift) + " elements from alignment";
  return in_place >= 0 ? out + ", in place" : out;
}

Signature signature_of(const ir::Kernel& k) {
  Signature s;
  for (const ir::Param& p : k.params) s.params.push_back({p.name, p.type, p.is_array()});
  for (const ir::Output& o : k.outputs) s.results.push_back({o.name, k[o.value].type, o.array});
  s.text = ir::print(k);
  s.reduces = s.reduces4 = s.reduces8 = false;
  for (const ir::Node& n : k.nodes) {
    if (n.op == ir::Op::count) s.reduces = true;
    if (!ir::is_reduction(n.op)) continue;
    s.reduces = true;
    (ir::reducer_of(k, n).lanes() == 64 ? s.reduces4 : s.reduces8) = true;
  }
  return s;
}

std::vector<Round> rounds_for(const Signature& s, const VerifyOptions& options, int lane_bytes) {
  const int lanes = std::max(1, lane_bytes / s.smallest_element());
  std::vector<int> every, few = {0, 1, lanes - 1};
  for (int i = 0; i < lanes; ++i) every.push_back(i);
  const std::vector<int>& usual = options.full ? every : few;
  const std::vector<std::int64_t> small = s.has_arrays() ? up_to(4LL * options.unroll * lanes) : up_to(0);
  const std::uint64_t seed = options.seed;

  std::vector<Round> out;
  out.push_back({Pattern::ordinary, seed, small, placements_at(every, true)});
  out.push_back({Pattern::special, seed + 1, small, placements_at(usual, true)});
  if (s.has_arrays()) {
    out.push_back({Pattern::wide, seed + 2, block_sizes(s, options.full), placements_at({0, 1}, true)});
    out.push_back({Pattern::bits, seed + 3, {1021}, placements_at({0}, false)});
    out.push_back({Pattern::special, seed + 4, {4099}, placements_at({0}, true)});
  }
  if (s.reduces)
    for (const Pattern p : {Pattern::rare_nan, Pattern::minus, Pattern::plus}) {
      out.push_back({p, seed + 5, small, placements_at({0, 1}, false)});
      if (s.has_arrays()) out.push_back({p, seed + 6, {4095, 4133, 8191, 8229, 16421}, placements_at({3}, false)});
    }
  add_scalar_rounds(out, s, seed, lanes);
  add_case_rounds(out, s, options, lanes);
  if (!options.guard_pages)
    for (Round& round : out)
      std::erase_if(round.placements, [](const Placement& p) { return p.kind != Placement::Kind::inside; });
  return out;
}

}  // namespace trueno::runtime
