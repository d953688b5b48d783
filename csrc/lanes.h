// Vectors that hold one value of kLanes frames, in the compiler's own vector type.
//
// Included once by every path_*.cc, which sets SERSNAKE_LANES and the instruction set first;
// the anonymous namespace keeps the copies apart.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace {

constexpr int kLanes = SERSNAKE_LANES;

typedef float Vec __attribute__((vector_size(kLanes * sizeof(float))));
typedef std::int32_t Ints __attribute__((vector_size(kLanes * sizeof(float))));
typedef std::uint32_t Bits __attribute__((vector_size(kLanes * sizeof(float))));
// The same in memory that is aligned to single floats alone.
typedef float VecView __attribute__((vector_size(kLanes * sizeof(float)), aligned(4), may_alias));

inline Vec load(const float* p) { return *reinterpret_cast<const VecView*>(p); }
inline void store(float* p, Vec v) { *reinterpret_cast<VecView*>(p) = v; }
inline Vec zero() { return Vec{}; }
inline Vec larger(Vec a, Vec b) { return a > b ? a : b; }

// Natural logarithm of normal positive numbers; relative error below 1.2e-7.
//
// x = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); the polynomial is a weighted minimax fit
// of (log(1 + f) - f + f^2 / 2) / f^3.
inline Vec log(Vec x) {
  const Ints bits = reinterpret_cast<Ints>(x);
  const Ints exponent = (bits - 0x3f3504f3) >> 23;
  const Vec f = reinterpret_cast<Vec>(bits - reinterpret_cast<Ints>(
                    reinterpret_cast<Bits>(exponent) << 23)) - 1.0f;
  Vec p = f * -7.635471126e-02f + 1.276159083e-01f;
  p = p * f - 1.315977033e-01f;
  p = p * f + 1.420172143e-01f;
  p = p * f - 1.662340181e-01f;
  p = p * f + 2.000123090e-01f;
  p = p * f - 2.500081963e-01f;
  p = p * f + 3.333333161e-01f;
  const Vec square = f * f;
  const Vec mantissa = f + (square * f * p - square * 0.5f);
  return __builtin_convertvector(exponent, Vec) * 0.69314718056f + mantissa;
}

// Four floats from p, p + stride, p + 2 stride, ..., side by side.
inline Vec load_fours(const float* p, std::ptrdiff_t stride) {
#if SERSNAKE_LANES == 16
  __m512 v = _mm512_castps128_ps512(_mm_loadu_ps(p));
  v = _mm512_insertf32x4(v, _mm_loadu_ps(p + stride), 1);
  v = _mm512_insertf32x4(v, _mm_loadu_ps(p + 2 * stride), 2);
  return Vec(_mm512_insertf32x4(v, _mm_loadu_ps(p + 3 * stride), 3));
#elif SERSNAKE_LANES == 8
  const __m256 v = _mm256_castps128_ps256(_mm_loadu_ps(p));
  return Vec(_mm256_insertf128_ps(v, _mm_loadu_ps(p + stride), 1));
#else
  (void)stride;
  return load(p);
#endif
}

// Picks four of the eight floats of every 128-bit part of a (0 to 3) and b (4 to 7).
template <int First, int Second, int Third, int Fourth, std::size_t... I>
inline Vec pick(Vec a, Vec b, std::index_sequence<I...>) {
  constexpr int chosen[4] = {First, Second, Third, Fourth};
  constexpr auto place = [](int i, int c) { return i / 4 * 4 + (c < 4 ? c : c - 4 + kLanes); };
#if defined(__clang__)
  return __builtin_shufflevector(a, b, place(I, chosen[I % 4])...);
#else
  return __builtin_shuffle(a, b, Ints{place(I, chosen[I % 4])...});
#endif
}

// out[s] = p[s], p[stride + s], p[2 stride + s], ... for s = 0 to 3.
inline void load_transposed(const float* p, std::ptrdiff_t stride, Vec (&out)[4]) {
  constexpr auto all = std::make_index_sequence<kLanes>();
  Vec x[4];
  for (int i = 0; i < 4; ++i) x[i] = load_fours(p + i * stride, 4 * stride);
  const Vec low01 = pick<0, 4, 1, 5>(x[0], x[1], all);
  const Vec high01 = pick<2, 6, 3, 7>(x[0], x[1], all);
  const Vec low23 = pick<0, 4, 1, 5>(x[2], x[3], all);
  const Vec high23 = pick<2, 6, 3, 7>(x[2], x[3], all);
  out[0] = pick<0, 1, 4, 5>(low01, low23, all);
  out[1] = pick<2, 3, 6, 7>(low01, low23, all);
  out[2] = pick<0, 1, 4, 5>(high01, high23, all);
  out[3] = pick<2, 3, 6, 7>(high01, high23, all);
}

}  // namespace
