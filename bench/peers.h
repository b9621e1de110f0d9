// The peers that this build has: each is one file, and each is optional.
#pragma once

#include <string_view>
#include <vector>

#include "bench/work.h"

namespace trueno::bench {

// TRUENO_HAVE_NAME is defined by bench/CMakeLists.txt where the library was found.
Peer trueno_itself();  ///< ours.cpp: the same table, so that ours is called as any peer is
Peer trueno_sum();     ///< our function without a handle
Peer trueno_probe();   ///< a part of each call of ours
namespace peer_native {
Peer loops();
}
namespace peer_clang {
Peer loops();
}
Peer eigen();
Peer highway();
Peer sleef_u10();
Peer sleef_u35();
Peer onednn();
Peer volk();

struct Peers {
  std::vector<Peer> here;
  std::vector<const char*> missing;  ///< and which package has them
};
/// Ours first.
Peers all_peers();

/// The -march that peers were compiled with.
const char* peer_arch();

}  // namespace trueno::bench
