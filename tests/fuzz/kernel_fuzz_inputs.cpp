// Random calls: lengths, values, and where arrays lie.
//
// Lengths are short but for one call in a hundred or so: nearly everything that depends on the length has shown
// by a few unrolled iterations, and the rest is at the blocks of the reductions. From seven blocks on, the
// order in which leftover blocks merge shows in the bits.
#include <array>

#include "ir/typing.h"
#include "tests/fuzz/kernel_fuzz_generate.h"

namespace trueno::fuzz {
namespace {

using runtime::Pattern;

constexpr std::size_t kMostWork = 1'500'000;  // elements * nodes of a long call

std::int64_t random_length(Random& random, std::size_t nodes) {
  if (random.one_in(80)) {
    constexpr std::int64_t kOff[] = {0, 1, -1, 37, -37};
    const std::int64_t block = random.one_in(2) ? 4096 : 8192;
    const std::int64_t n = block * static_cast<std::int64_t>(1 + random.below(8)) + random.pick(kOff);
    if (static_cast<std::size_t>(n) * nodes <= kMostWork) return n;
  }
  constexpr std::size_t kMost[] = {4, 20, 70, 301};
  return static_cast<std::int64_t>(random.below(random.pick(kMost)));
}

/// Shift counts, exponents, table indices: small integers around the widths of types.
std::uint64_t count_like(Type type, std::uint64_t draw) {
  const std::uint64_t value = draw % 80 - 8;
  return bits_of(type) == 32 ? value & 0xffffffff : value;
}

std::uint64_t value(Random& random, Pattern pattern, Type type) {
  if (is_int(type) && random.one_in(8)) return count_like(type, random.next());
  return runtime::draw_value(pattern, type, random.next());
}

Pattern random_pattern(Random& random) {
  constexpr Pattern kPatterns[] = {Pattern::ordinary, Pattern::ordinary, Pattern::wide,
                                   Pattern::special,  Pattern::special,  Pattern::bits,
                                   Pattern::rare_nan, Pattern::minus,    Pattern::plus};
  return random.pick(kPatterns);
}

void fill(Random& random, Type type, std::size_t n, std::vector<std::uint8_t>& bytes) {
  const std::size_t size = stored_bytes(type);
  const Pattern pattern = random_pattern(random);
  bytes.resize(n * size);
  for (std::size_t i = 0; i < n; ++i) runtime::store_bits(type, bytes.data() + i * size, value(random, pattern, type));
}

std::uint8_t random_shift(Random& random) {
  return static_cast<std::uint8_t>(random.one_in(3) ? 0 : random.below(random.one_in(2) ? 16 : 64));
}

/// An array parameter whose elements have that size and whose memory no result has yet.
int free_input(Random& random, const ir::Kernel& kernel, const Call& call, Type type) {
  const int p = static_cast<int>(random.below(kernel.params.size()));
  const ir::Param& param = kernel.params[static_cast<std::size_t>(p)];
  if (!param.is_array() || stored_bytes(param.type) != stored_bytes(type)) return kNone;
  const auto memory = [&](int i) {
    const int same = call.inputs[static_cast<std::size_t>(i)].same_as;
    return same == kNone ? i : same;
  };
  for (const Call::Place& place : call.places)
    if (place.over != kNone && memory(place.over) == memory(p)) return kNone;
  return p;
}

}  // namespace

void random_call(Random& random, const ir::Kernel& kernel, std::size_t nodes, const Without& without, Call& call) {
  call.n = has_arrays(kernel) ? random_length(random, nodes) : 0;
  if (without.empty && call.n == 0 && has_arrays(kernel)) call.n = 1;
  constexpr std::uint32_t kControls[] = {0x3f80, 0x5f80, 0x7f80, 0x9f80, 0x1fc0, 0x9fc0, 0xffc0};
  call.control = random.one_in(8) ? random.pick(kControls) : kDefaultControl;
  call.inputs.resize(kernel.params.size());
  call.places.assign(kernel.outputs.size(), {});
  for (std::size_t p = 0; p < kernel.params.size(); ++p) {
    const ir::Param& param = kernel.params[p];
    Call::Input& input = call.inputs[p];
    input.shift = random_shift(random);
    input.at_end = random.one_in(6);
    input.same_as = kNone;
    if (!param.is_array()) {
      input.bytes.assign(8, 0);
      runtime::store_bits(param.type, input.bytes.data(), value(random, random_pattern(random), param.type));
      continue;
    }
    const std::size_t q = random.below(p + 1);
    if (random.one_in(16) && q < p && kernel.params[q].is_array() && call.inputs[q].same_as == kNone &&
        stored_bytes(kernel.params[q].type) == stored_bytes(param.type)) {
      input.same_as = static_cast<int>(q);
      input.bytes = call.inputs[q].bytes;
    } else {
      fill(random, param.type, static_cast<std::size_t>(call.n), input.bytes);
    }
  }
  for (std::size_t o = 0; o < kernel.outputs.size(); ++o) {
    call.places[o].shift = random_shift(random);
    call.places[o].at_end = random.one_in(6);
    if (kernel.outputs[o].array && !kernel.params.empty() && random.one_in(3) && !without.in_place)
      call.places[o].over = free_input(random, kernel, call, kernel[kernel.outputs[o].value].type);
  }
}

}  // namespace trueno::fuzz
