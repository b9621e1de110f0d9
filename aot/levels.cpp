// Which unit of loops belongs to which level.
#include "aot/loops.h"

namespace trueno::aot {

namespace v1 {
extern const Level kLevel;
}
namespace v2 {
extern const Level kLevel;
}
namespace v3 {
extern const Level kLevel;
}
namespace v4 {
extern const Level kLevel;
}

const Level& level(Isa isa) {
  switch (isa) {
    case Isa::avx512: return v4::kLevel;
    case Isa::avx2: return v3::kLevel;
    case Isa::sse42: return v2::kLevel;
    case Isa::sse2: break;
  }
  return v1::kLevel;
}

}  // namespace trueno::aot
