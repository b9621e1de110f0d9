// The peers: what the same work costs when it is compiled ahead of time for exactly this expression.
//
// Each peer lives in a translation unit of its own with the flags its users would choose (CMakeLists.txt), and
// is handed over as a table of functions, so that nothing of theirs is inlined into the timing loop.
#pragma once

#include <cstddef>
#include <cstdint>

namespace trueno::bench {

/// Null where a peer has no such thing.
struct Peer {
  const char* name;
  float (*sum)(const float* x, std::size_t n);
  float (*mean)(const float* x, std::size_t n);
  float (*dot)(const float* x, const float* y, std::size_t n);
  float (*min)(const float* x, std::size_t n);
  float (*max)(const float* x, std::size_t n);
  std::int64_t (*sum_i32)(const std::int32_t* x, std::size_t n);
  void (*relu_axpb)(const float* x, float a, float b, float* y, std::size_t n);
  float (*mean_sigmoid)(const float* x, float a, float b, std::size_t n);
  void (*softmax)(const float* x, float* y, std::size_t n);
};

// peer_loops.cpp, by the compiler of this build and by clang.
namespace peer_native {
Peer loops();
}
#ifdef TRUENO_HAVE_CLANG_PEER
namespace peer_clang {
Peer loops();
}
#endif
#ifdef TRUENO_HAVE_EIGEN
Peer eigen();
#endif

}  // namespace trueno::bench
