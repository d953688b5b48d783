// The kernel for every processor: 128-bit vectors (SSE2, NEON).
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#include "extract.h"

#define SERSNAKE_LANES 4
#include "kernel.h"

namespace sersnake {
extern const Path kPathBaseline;
const Path kPathBaseline{"baseline", extract, scratch_size};
}  // namespace sersnake
