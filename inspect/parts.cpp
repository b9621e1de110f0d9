// See parts.h.
#include "inspect/parts.h"

#include <algorithm>

#include "inspect/places.h"

namespace trueno::inspect {
namespace {

struct Named {
  std::string_view begins;
  Purpose purpose;
};
/// The generator's labels: the first that begins one decides.
constexpr Named kLabels[] = {
    {"whole", Purpose::entry},       {"stretch", Purpose::entry},
    {"finish", Purpose::entry},      {"block", Purpose::block},
    {"peel", Purpose::peel},         {"main loop past the caches", Purpose::past_caches},
    {"main loop", Purpose::main},    {"one-vector loop", Purpose::one_vector},
    {"tail", Purpose::tail},         {"rest", Purpose::tail},
    {"fold", Purpose::fold},         {"results", Purpose::fold},
    {"condition", Purpose::between}, {"realign", Purpose::realign},
    {"merge", Purpose::merge},
};

Purpose purpose_of(std::string_view label) {
  for (const Named& named : kLabels)
    if (label.starts_with(named.begins)) return named.purpose;
  return Purpose::between;
}

/// The passes of `whole` follow one another: a main loop, and what comes before it, begins the next.
class Passes {
 public:
  std::uint32_t of(Purpose purpose) {
    const bool before = purpose == Purpose::peel || purpose == Purpose::past_caches || purpose == Purpose::block;
    if (had_main_ && (before || purpose == Purpose::main)) ++pass_, had_main_ = false;
    if (purpose == Purpose::main) had_main_ = true;
    return pass_;
  }

 private:
  std::uint32_t pass_ = 0;
  bool had_main_ = false;
};

/// Elements by which a loop moves its index, rdx.
std::int64_t elements_of(const std::vector<Step>& steps, const Part& part) {
  for (std::uint32_t i = part.first + part.steps; i-- > part.first;) {
    const Step& s = steps[i];
    if (s.valid && s.instruction.mnemonic == ZYDIS_MNEMONIC_ADD && s.operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER &&
        s.operands[0].reg.value == ZYDIS_REGISTER_RDX && s.operands[1].type == ZYDIS_OPERAND_TYPE_IMMEDIATE)
      return s.operands[1].imm.value.s;
  }
  return 0;
}

std::uint32_t index_at(const std::vector<Step>& steps, std::uint32_t offset) {
  const auto at =
      std::lower_bound(steps.begin(), steps.end(), offset, [](const Step& s, std::uint32_t o) { return s.offset < o; });
  return static_cast<std::uint32_t>(at - steps.begin());
}

/// Where the last jump back to the beginning of a part ends; its beginning if there is none.
std::uint32_t end_of_loop(const std::vector<Step>& steps, std::uint32_t begin, std::uint32_t end) {
  std::uint32_t loop_end = begin;
  for (std::uint32_t i = index_at(steps, begin); i < steps.size() && steps[i].offset < end; ++i)
    if (steps[i].target == begin) loop_end = steps[i].end();
  return loop_end;
}

}  // namespace

std::string_view name_of(Purpose purpose) {
  constexpr std::string_view kNames[] = {"entry", "block", "peel",    "past_caches", "main",   "one_vector",
                                         "tail",  "fold",  "realign", "merge",       "between"};
  return kNames[static_cast<std::size_t>(purpose)];
}

std::vector<Part> find_parts(const jit::Code& code, const std::vector<Step>& steps) {
  const Places places = name_places(code, steps);
  std::vector<std::uint32_t> begins;
  for (const jit::Label& label : code.labels)
    if (begins.empty() || begins.back() < label.offset) begins.push_back(label.offset);
  const std::uint32_t last = end_of_instructions(code);
  if (begins.empty() || begins[0] != 0) begins.insert(begins.begin(), 0);
  std::vector<Part> parts;
  Passes passes;
  const auto add = [&](Part part) {
    if (part.begin >= part.end) return;
    part.first = index_at(steps, part.begin);
    part.steps = index_at(steps, part.end) - part.first;
    if (part.loop) part.elements = elements_of(steps, part);
    parts.push_back(std::move(part));
  };
  for (std::size_t i = 0; i < begins.size() && begins[i] < last; ++i) {
    const std::uint32_t begin = begins[i], end = std::min(i + 1 < begins.size() ? begins[i + 1] : last, last);
    const auto place = places.find(begin);
    Part part{place == places.end() ? std::string() : place->second};
    part.purpose = purpose_of(part.name);
    part.pass = passes.of(part.purpose);
    part.begin = begin;
    const std::uint32_t loop_end = end_of_loop(steps, begin, end);
    part.loop = loop_end > begin;
    part.end = part.loop ? loop_end : end;
    Part rest{{}, Purpose::between, part.pass, part.end, end};
    add(std::move(part));
    add(std::move(rest));
  }
  return parts;
}

const Part* part_of(const std::vector<Part>& parts, std::size_t step) {
  const auto behind = std::upper_bound(parts.begin(), parts.end(), step,
                                       [](std::size_t s, const Part& part) { return s < part.first; });
  return behind == parts.begin() ? nullptr : &*(behind - 1);
}

const Part* find_part(const std::vector<Part>& parts, Purpose purpose, std::uint32_t pass) {
  const auto found =
      std::find_if(parts.begin(), parts.end(), [&](const Part& p) { return p.purpose == purpose && p.pass == pass; });
  return found == parts.end() ? nullptr : &*found;
}

}  // namespace trueno::inspect
