// See places.h.
#include "inspect/places.h"

#include <fmt/format.h>

#include <set>

namespace trueno::inspect {

Places name_places(const jit::Code& code, const std::vector<Step>& steps) {
  Places places;
  std::map<std::string, int> uses;  // a name may stand for a loop of each entry point: "main loop", "main loop 2"
  for (const jit::Label& label : code.labels) {
    const int use = ++uses[label.name];
    places.try_emplace(label.offset, use == 1 ? label.name : fmt::format("{} {}", label.name, use));
  }
  std::set<std::uint32_t> targets;
  for (const Step& step : steps)
    if (step.target && *step.target < end_of_instructions(code)) targets.insert(*step.target);
  int number = 0;
  for (const std::uint32_t offset : targets)
    if (!places.contains(offset)) places[offset] = fmt::format(".{}", ++number);
  return places;
}

}  // namespace trueno::inspect
