// Power spectra of kLanes real frames at once.
//
// A real signal x of M = 8q points has the spectrum (w = exp(-2 pi i / M), n = 0 .. q - 1)
//   X[8m]     = DFT_q of g,         a real signal again: the next step
//   X[8m + 4] = DFT_q of h w^{4n},  of which every second value is a complex DFT_{q/2} of
//               (h[n] - i h[n + q/2]) w^{4n}, and the others are their conjugates
//   X[8m + k] = DFT_q of c_k w^{kn} for k = 1, 2, 3 (k = 5, 6, 7 are conjugates)
// where g, h and c_k are outputs 0, 4 and k of the 8-point DFT of x[n], x[n + q], ...
// Every complex output is one bin of the power spectrum, so nothing has to be untangled.
// Complex arrays lie in memory as all real rows, then all imaginary rows. Rows that are used
// together must not be a multiple of 4 KiB apart, where they would share one cache set; so an
// unused row follows every eighth of the output.
#pragma once

#include "lanes.h"
#include "plan.h"

namespace {

using sersnake::ComplexTransform;
using sersnake::Pass;
using sersnake::Plan;
using sersnake::RealStep;

// Floats from one eighth of the output to the next.
inline std::ptrdiff_t eighth(int length) { return (length / 8 + 1) * kLanes; }

constexpr float kHalfRoot = 0.70710678118654752f;

struct Complex {
  Vec re, im;
};

inline Complex operator+(Complex a, Complex b) { return {a.re + b.re, a.im + b.im}; }
inline Complex operator-(Complex a, Complex b) { return {a.re - b.re, a.im - b.im}; }
inline Complex minus_i(Complex a) { return {a.im, -a.re}; }
inline Complex times(Complex a, const float* w) {
  return {a.re * w[0] - a.im * w[1], a.re * w[1] + a.im * w[0]};
}
inline Vec power(Complex a) { return a.re * a.re + a.im * a.im; }

inline void butterfly(Complex (&x)[2]) {
  const Complex sum = x[0] + x[1];
  x[1] = x[0] - x[1];
  x[0] = sum;
}

inline void butterfly(Complex (&x)[4]) {
  const Complex a = x[0] + x[2], b = x[1] + x[3];
  const Complex c = x[0] - x[2], d = minus_i(x[1] - x[3]);
  x[0] = a + b;
  x[1] = c + d;
  x[2] = a - b;
  x[3] = c - d;
}

inline void butterfly(Complex (&x)[8]) {
  Complex even[4], odd[4];
  for (int k = 0; k < 4; ++k) {
    even[k] = x[k] + x[k + 4];
    odd[k] = x[k] - x[k + 4];
  }
  butterfly(even);
  // The odd half is a butterfly of odd[k] w^k; w = (1 - i) / sqrt(2) stays out of the products.
  const Complex p = {odd[1].re + odd[1].im, odd[1].im - odd[1].re};
  const Complex q = {odd[3].im - odd[3].re, -odd[3].re - odd[3].im};
  const Complex a = odd[0] + minus_i(odd[2]), c = odd[0] - minus_i(odd[2]);
  const Complex b = p + q, d = minus_i(p - q);
  for (int k = 0; k < 4; ++k) x[2 * k] = even[k];
  x[1] = {a.re + kHalfRoot * b.re, a.im + kHalfRoot * b.im};
  x[3] = {c.re + kHalfRoot * d.re, c.im + kHalfRoot * d.im};
  x[5] = {a.re - kHalfRoot * b.re, a.im - kHalfRoot * b.im};
  x[7] = {c.re - kHalfRoot * d.re, c.im - kHalfRoot * d.im};
}

template <int Radix>
void twiddled_pass(const Pass& pass, float* re, float* im, int points) {
  const int step = pass.length / Radix;
  for (int block = 0; block < points; block += pass.length) {
    const float* w = pass.twiddles.data();
    for (int j = 0; j < step; ++j, w += 2 * (Radix - 1)) {
      Complex x[Radix];
      const int at = (block + j) * kLanes;
      for (int k = 0; k < Radix; ++k)
        x[k] = {load(re + at + k * step * kLanes), load(im + at + k * step * kLanes)};
      butterfly(x);
      for (int k = 0; k < Radix; ++k) {
        const Complex y = k == 0 ? x[0] : times(x[k], w + 2 * (k - 1));
        store(re + at + k * step * kLanes, y.re);
        store(im + at + k * step * kLanes, y.im);
      }
    }
  }
}

template <int Radix>
void power_pass(const float* re, const float* im, int points, const int* bins, float* powers) {
  for (int block = 0; block < points; block += Radix) {
    Complex x[Radix];
    for (int k = 0; k < Radix; ++k)
      x[k] = {load(re + (block + k) * kLanes), load(im + (block + k) * kLanes)};
    butterfly(x);
    for (int k = 0; k < Radix; ++k) store(powers + bins[block + k] * kLanes, power(x[k]));
  }
}

// Transforms `points` complex rows in place and writes |X|^2 to the rows that `bins` names.
// Returns the bins that are left.
inline const int* complex_powers(const ComplexTransform& transform, float* re, float* im,
                                 int points, const int* bins, float* powers) {
  if (points == 1) {
    store(powers + bins[0] * kLanes, power({load(re), load(im)}));
    return bins + 1;
  }
  for (const Pass& pass : transform.passes) {
    const bool last = pass.length == pass.radix;
    if (!last) twiddled_pass<8>(pass, re, im, points);
    else if (pass.radix == 8) power_pass<8>(re, im, points, bins, powers);
    else if (pass.radix == 4) power_pass<4>(re, im, points, bins, powers);
    else power_pass<2>(re, im, points, bins, powers);
  }
  return bins + points;
}

// One 8-point DFT, of which all inputs from x[Known] on are zero. Output i is stored at
// out + i * stride; `w` has the three twiddles.
template <int Known>
inline void real_butterfly(const Vec (&known)[Known + 1], const float* w, float* out,
                           std::ptrdiff_t stride) {
  const auto put = [&](int i, Vec v) { store(out + i * stride, v); };
  Vec x[8] = {};
  for (int k = 0; k < Known; ++k) x[k] = known[k];
  Vec sum[4], difference[4];
  for (int k = 0; k < 4; ++k) {
    sum[k] = x[k] + x[k + 4];
    difference[k] = x[k] - x[k + 4];
  }
  const Vec even = sum[0] + sum[2], odd = sum[1] + sum[3];
  put(0, even + odd);
  put(1, even - odd);
  const Vec re = difference[1] - difference[3];
  const Vec im = difference[1] + difference[3];
  const Complex first = times(
      {difference[0] + kHalfRoot * re, -difference[2] - kHalfRoot * im}, w);
  const Complex second = times({sum[0] - sum[2], sum[3] - sum[1]}, w + 2);
  const Complex third = times(
      {difference[0] - kHalfRoot * re, difference[2] - kHalfRoot * im}, w + 4);
  put(2, first.re), put(3, first.im);
  put(4, second.re), put(5, second.im);
  put(6, third.re), put(7, third.im);
}

// The DFTs at n = from .. to - 1, four at a time; from is a multiple of four.
template <int Known, class Rows>
void real_butterflies(const RealStep& step, const Rows& rows, int from, int to, float* out) {
  const int q = step.length / 8;
  for (int n = from; n < to; n += 4) {
    Vec x[4][Known + 1];
    for (int k = 0; k < Known; ++k) {
      Vec four[4];
      rows(n + k * q, four);
      for (int i = 0; i < 4; ++i) x[i][k] = four[i];
    }
    for (int i = 0; i < 4; ++i)
      real_butterfly<Known>(x[i], step.twiddles.data() + 6 * (n + i), out + (n + i) * kLanes,
                            eighth(step.length));
  }
}

template <class Rows>
void real_butterflies(int known, const RealStep& step, const Rows& rows, int from, int to,
                      float* out) {
  switch (known) {
    case 0: return real_butterflies<0>(step, rows, from, to, out);
    case 1: return real_butterflies<1>(step, rows, from, to, out);
    case 2: return real_butterflies<2>(step, rows, from, to, out);
    case 3: return real_butterflies<3>(step, rows, from, to, out);
    case 4: return real_butterflies<4>(step, rows, from, to, out);
    case 5: return real_butterflies<5>(step, rows, from, to, out);
    case 6: return real_butterflies<6>(step, rows, from, to, out);
    case 7: return real_butterflies<7>(step, rows, from, to, out);
    default: return real_butterflies<8>(step, rows, from, to, out);
  }
}

// The first step: rows(s, four) gives samples s to s + 3, zero from `known` on; it is not asked
// for fours that are zero altogether.
template <class Rows>
void first_butterflies(const RealStep& step, const Rows& rows, int known, float* out) {
  const int q = step.length / 8;
  const int full = known / q;
  const int rest = (known % q + 3) / 4 * 4;
  if (rest > 0) real_butterflies(full + 1, step, rows, 0, rest, out);
  real_butterflies(full, step, rows, rest, q, out);
}

// A further step, of the g of the step before.
inline void next_butterflies(const RealStep& step, const float* g, float* out) {
  const int q = step.length / 8;
  for (int n = 0; n < q; ++n) {
    Vec x[9];
    for (int k = 0; k < 8; ++k) x[k] = load(g + (n + k * q) * kLanes);
    real_butterfly<8>(x, step.twiddles.data() + 6 * n, out + n * kLanes, eighth(step.length));
  }
}

// h[n] becomes (h[n] - i h[n + q/2]) w^{4n}, in place.
inline void rotate_half(const RealStep& step, float* h) {
  const int half = step.length / 16;
  for (int n = 0; n < half; ++n) {
    float* re = h + n * kLanes;
    float* im = h + (n + half) * kLanes;
    const Complex c = times({load(re), -load(im)}, step.half_twiddles.data() + 2 * n);
    store(re, c.re);
    store(im, c.im);
  }
}

// Powers of all that the butterflies of one step left in `work`, but for g in its first rows.
inline const int* step_powers(const RealStep& step, float* work, const int* bins,
                              float* powers) {
  const int q = step.length / 8;
  const auto region = [&](int i) { return work + i * eighth(step.length); };
  for (int k = 1; k <= 3; ++k)
    bins = complex_powers(*step.sub, region(2 * k), region(2 * k + 1), q, bins, powers);
  float* h = region(1);
  if (q == 1) {
    store(powers + bins[0] * kLanes, load(h) * load(h));
    return bins + 1;
  }
  rotate_half(step, h);
  return complex_powers(*step.half_sub, h, h + q / 2 * kLanes, q / 2, bins, powers);
}

// The last 1, 2 or 4 real points, all of whose bins come in order.
inline void real_rest(const float* x, int points, const int* bins, float* powers) {
  const auto put = [&](int i, Vec v) { store(powers + bins[i] * kLanes, v); };
  if (points == 1) return put(0, load(x) * load(x));
  Vec even = load(x), odd = load(x + kLanes);
  if (points == 4) {
    const Vec third = load(x + 2 * kLanes), fourth = load(x + 3 * kLanes);
    put(1, power({even - third, odd - fourth}));
    even += third;
    odd += fourth;
  }
  put(0, (even + odd) * (even + odd));
  put(points / 2, (even - odd) * (even - odd));
}

// powers (n_fft / 2 + 1 rows) of the frames that first_butterflies() describes. They may lie
// where `rows` reads. `work` has 2 n_fft rows.
template <class Rows>
void power_spectrum(const Plan& plan, const Rows& rows, int known, float* work, float* powers) {
  first_butterflies(plan.steps[0], rows, known, work);
  const int* bins = step_powers(plan.steps[0], work, plan.bins.data(), powers);
  const float* g = work;
  for (std::size_t i = 1; i < plan.steps.size(); ++i) {
    work += eighth(plan.steps[i - 1].length);
    next_butterflies(plan.steps[i], g, work);
    bins = step_powers(plan.steps[i], work, bins, powers);
    g = work;
  }
  real_rest(g, plan.steps.back().length / 8, bins, powers);
}

}  // namespace
