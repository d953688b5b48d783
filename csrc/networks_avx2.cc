// What networks compute, for x86-64 with AVX2: 256-bit vectors.
#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "norm_pool.h"
#include "winograd.h"

// Only what follows is compiled for AVX2, so the headers above come first.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#define SERSNAKE_LANES 8
#include "norm_pool_kernel.h"
#include "winograd_kernel.h"

namespace sersnake {
extern const NormPoolPath kNormPoolAvx2;
const NormPoolPath kNormPoolAvx2{"avx2", kLanes, kOperations<Float32>, kOperations<Bfloat16>};
extern const WinogradPath kWinogradAvx2;
const WinogradPath kWinogradAvx2 = winograd_path("avx2");
}  // namespace sersnake
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
