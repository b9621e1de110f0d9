// Caps and targets; see host.h. host() itself is where what is in force is kept: settings.cpp.
#include "runtime/host.h"

#include "jit/host.h"

namespace trueno::runtime {

void Host::cap(Isa isa_cap, const std::string& by) {
  if (!isa || isa_cap >= *isa) return;
  isa = isa_cap;
  note.append(note.empty() ? "" : "; ").append("isa capped to ").append(name_of(isa_cap)).append(" by ").append(by);
}

void Host::cap(int vector_bits, const std::string& by) {
  if (vector_bits >= vector_bits_cap) return;
  vector_bits_cap = vector_bits;
  note.append(note.empty() ? "" : "; ").append("vectors capped to ").append(std::to_string(vector_bits));
  note.append(" bits by ").append(by);
}

std::vector<jit::Target> runnable_targets() {
  const Host& here = host();
  std::vector<jit::Target> out;
  for (const jit::Target& t : jit::emittable_targets())
    if (here.isa && t.isa <= *here.isa && t.vector_bits <= here.vector_bits_cap) out.push_back(t);
  return out;
}

}  // namespace trueno::runtime
