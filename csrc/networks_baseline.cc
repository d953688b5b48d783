// What networks compute, for every processor: 128-bit vectors (SSE2, NEON).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "norm_pool.h"
#include "winograd.h"

#define SERSNAKE_LANES 4
#include "norm_pool_kernel.h"
#include "winograd_kernel.h"

namespace sersnake {
extern const NormPoolPath kNormPoolBaseline;
const NormPoolPath kNormPoolBaseline{"baseline", kLanes, kOperations<Float32>,
                                     kOperations<Bfloat16>};
extern const WinogradPath kWinogradBaseline;
const WinogradPath kWinogradBaseline = winograd_path("baseline");
}  // namespace sersnake
