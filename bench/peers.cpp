// The list of peers; which of them are here is the build's to say (bench/CMakeLists.txt).
#include "bench/peers.h"

namespace trueno::bench {

// clang-format off
Peers all_peers() {
  Peers all;
  all.here = {trueno_itself(), trueno_sum(), trueno_probe(), peer_native::loops()};
#ifdef TRUENO_HAVE_CLANG
  all.here.push_back(peer_clang::loops());
#else
  all.missing.push_back("loops by clang (clang)");
#endif
#ifdef TRUENO_HAVE_EIGEN
  all.here.push_back(eigen());
#else
  all.missing.push_back("Eigen (libeigen3-dev)");
#endif
#ifdef TRUENO_HAVE_HIGHWAY
  all.here.push_back(highway());
#else
  all.missing.push_back("Highway (libhwy-dev)");
#endif
#ifdef TRUENO_HAVE_SLEEF
  all.here.push_back(sleef_u10());
  all.here.push_back(sleef_u35());
#else
  all.missing.push_back("SLEEF (libsleef-dev)");
#endif
#ifdef TRUENO_HAVE_ONEDNN
  all.here.push_back(onednn());
#else
  all.missing.push_back("oneDNN (libdnnl-dev)");
#endif
#ifdef TRUENO_HAVE_VOLK
  if (std::string_view(peer_arch()) == "native")
    all.here.push_back(volk());
  else
    all.missing.push_back("VOLK, whose dispatch cannot be capped");
#else
  all.missing.push_back("VOLK (libvolk2-dev)");
#endif
  all.missing.push_back("libxsmm, whose release 1.17 has no kernel for a vector of any length");
  return all;
}
// clang-format on

const char* peer_arch() { return TRUENO_BENCH_PEER_ARCH; }

}  // namespace trueno::bench
