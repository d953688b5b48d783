// The kernel for x86-64 with AVX-512: 512-bit vectors.
#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#include "extract.h"

// Only what follows is compiled for AVX-512, so the headers above come first.
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,avx512f,avx512dq,avx512vl,avx512bw"))), apply_to = function)
#else
#pragma GCC target("avx2,fma,avx512f,avx512dq,avx512vl,avx512bw")
#endif
#define SERSNAKE_LANES 16
#include "kernel.h"

namespace sersnake {
extern const Path kPathAvx512;
const Path kPathAvx512{"avx512", extract, scratch_size};
}  // namespace sersnake
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
