// VOLK: the kernels of its library that are one of our tasks; f32 only. Its own dispatch picks the best for this CPU.
#include <volk/volk.h>
#include <volk/volk_version.h>

#include "bench/work.h"

namespace trueno::bench {
namespace {

unsigned count(const Work& w) { return static_cast<unsigned>(w.n); }

void sum(const Work& w) { volk_32f_accumulator_s32f(out_of<float>(w), x_of<float>(w), count(w)); }
void mean(const Work& w) {
  sum(w);
  *out_of<float>(w) /= static_cast<float>(w.n);
}
void dot(const Work& w) { volk_32f_x2_dot_prod_32f(out_of<float>(w), x_of<float>(w), y_of<float>(w), count(w)); }
void max(const Work& w) {
  std::uint32_t at = 0;
  volk_32f_index_max_32u(&at, x_of<float>(w), count(w));
  give(w, x_of<float>(w)[at]);
}
void min(const Work& w) {
  std::uint32_t at = 0;
  volk_32f_index_min_32u(&at, x_of<float>(w), count(w));
  give(w, x_of<float>(w)[at]);
}
void exp(const Work& w) { volk_32f_exp_32f(out_of<float>(w), x_of<float>(w), count(w)); }
void tanh(const Work& w) { volk_32f_tanh_32f(out_of<float>(w), x_of<float>(w), count(w)); }
void sqrt(const Work& w) { volk_32f_sqrt_32f(out_of<float>(w), x_of<float>(w), count(w)); }

const Entry kEntries[] = {
    {"sum", Type::f32, sum}, {"mean", Type::f32, mean}, {"dot", Type::f32, dot},   {"min", Type::f32, min},
    {"max", Type::f32, max}, {"exp", Type::f32, exp},   {"tanh", Type::f32, tanh}, {"sqrt", Type::f32, sqrt},
};

}  // namespace

Peer volk() {
  return make_peer("VOLK", TRUENO_BENCH_VERSION(VOLK_VERSION_MAJOR, VOLK_VERSION_MINOR, VOLK_VERSION_MAINT),
                   "its own dispatch, no profile", kEntries);
}

}  // namespace trueno::bench
