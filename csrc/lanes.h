// Vectors that hold one value of kLanes frames, in the compiler's own vector type.
//
// Included once by every path_*.cc, which sets SERSNAKE_LANES and the instruction set first;
// the anonymous namespace keeps the copies apart.
#pragma once

#include <cstdint>

namespace {

constexpr int kLanes = SERSNAKE_LANES;

typedef float Vec __attribute__((vector_size(kLanes * sizeof(float))));
typedef std::int32_t Ints __attribute__((vector_size(kLanes * sizeof(float))));
typedef std::uint32_t Bits __attribute__((vector_size(kLanes * sizeof(float))));
typedef float Quad __attribute__((vector_size(4 * sizeof(float))));
// The same for memory that is aligned to single floats alone.
typedef float VecView __attribute__((vector_size(kLanes * sizeof(float)), aligned(4), may_alias));
typedef float QuadView __attribute__((vector_size(4 * sizeof(float)), aligned(4), may_alias));

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

// Turns four rows into four columns.
inline void transpose(Quad& a, Quad& b, Quad& c, Quad& d) {
#if defined(__clang__)
  const Quad ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5);
  const Quad ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const Quad cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  const Quad cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  b = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  c = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
#else
  typedef std::int32_t Mask __attribute__((vector_size(16)));
  const Quad ab_low = __builtin_shuffle(a, b, Mask{0, 4, 1, 5});
  const Quad ab_high = __builtin_shuffle(a, b, Mask{2, 6, 3, 7});
  const Quad cd_low = __builtin_shuffle(c, d, Mask{0, 4, 1, 5});
  const Quad cd_high = __builtin_shuffle(c, d, Mask{2, 6, 3, 7});
  a = __builtin_shuffle(ab_low, cd_low, Mask{0, 1, 4, 5});
  b = __builtin_shuffle(ab_low, cd_low, Mask{2, 3, 6, 7});
  c = __builtin_shuffle(ab_high, cd_high, Mask{0, 1, 4, 5});
  d = __builtin_shuffle(ab_high, cd_high, Mask{2, 3, 6, 7});
#endif
}

// to[c * to_stride + r] = from[r * from_stride + c] for r < rows, c < columns. Columns are
// taken in fours and then singly; rows in fours, so `from` has a multiple of four of them.
inline void transpose(const float* from, std::ptrdiff_t from_stride, int rows, int columns,
                      float* to, std::ptrdiff_t to_stride) {
  for (int r = 0; r < rows; r += 4) {
    const float* source = from + r * from_stride;
    float* target = to + r;
    int c = 0;
    for (; c + 4 <= columns; c += 4) {
      Quad q[4];
      for (int i = 0; i < 4; ++i)
        q[i] = *reinterpret_cast<const QuadView*>(source + i * from_stride + c);
      transpose(q[0], q[1], q[2], q[3]);
      for (int i = 0; i < 4; ++i)
        *reinterpret_cast<QuadView*>(target + (c + i) * to_stride) = q[i];
    }
    for (; c < columns; ++c)
      for (int i = 0; i < 4; ++i) target[c * to_stride + i] = source[i * from_stride + c];
  }
}

}  // namespace
