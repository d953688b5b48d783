// What networks compute, for x86-64 with AVX-512: 512-bit vectors.
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

// Only what follows is compiled for AVX-512, so the headers above come first.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512dq,avx512vl,avx512bw"))), apply_to = function)
#else
#pragma GCC target("avx2,fma,avx512f,avx512dq,avx512vl,avx512bw")
#endif
#define SERSNAKE_LANES 16
#include "norm_pool_kernel.h"
#include "winograd_kernel.h"

namespace sersnake {
extern const NormPoolPath kNormPoolAvx512;
const NormPoolPath kNormPoolAvx512{"avx512", kLanes, kOperations<Float32>, kOperations<Bfloat16>};
extern const WinogradPath kWinogradAvx512;
const WinogradPath kWinogradAvx512 = winograd_path("avx512");
}  // namespace sersnake
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
