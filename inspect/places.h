// Names of the places in generated code: the generator's, and one made up for each jump target without.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "inspect/decode.h"

namespace trueno::inspect {

using Places = std::map<std::uint64_t, std::string>;

/// By offset: first the generator's ("main loop", and "main loop 2" where the name comes again), then ".1", ".2", ...
/// for what else is jumped to. `steps`: the whole code.
Places name_places(const jit::Code& code, const std::vector<Step>& steps);

}  // namespace trueno::inspect
