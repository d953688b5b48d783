// Power spectra of kLanes real frames at once.
//
// A real signal x of M = 8q points has the spectrum (w = exp(-2 pi i / M), n = 0 .. q - 1)
//   X[8m]     = DFT_q of g,         a real signal again: the next step
//   X[8m + 4] = DFT_q of h w^{4n},  of which every second value is a complex DFT_{q/2} of
//               (h[n] - i h[n + q/2]) w^{4n}, and the others are their conjugates
//   X[8m + k] = DFT_q of c_k w^{kn} for k = 1, 2, 3 (k = 5, 6, 7 are conjugates)
// where g, h and c_k are outputs 0, 4 and k of the 8-point DFT of x[n], x[n + q], ...
// Every complex output is one bin of the power spectrum, so nothing has to be untangled.
// Complex arrays lie in memory as all real rows, then all imaginary rows.
#pragma once

#include "lanes.h"
#include "plan.h"

namespace {

using sersnake::ComplexTransform;
using sersnake::Pass;
using sersnake::Plan;
using sersnake::RealStep;

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
  odd[1] = {kHalfRoot * (odd[1].re + odd[1].im), kHalfRoot * (odd[1].im - odd[1].re)};
  odd[2] = minus_i(odd[2]);
  odd[3] = {kHalfRoot * (odd[3].im - odd[3].re), -kHalfRoot * (odd[3].re + odd[3].im)};
  butterfly(even);
  butterfly(odd);
  for (int k = 0; k < 4; ++k) {
    x[2 * k] = even[k];
    x[2 * k + 1] = odd[k];
  }
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
inline const int* complex_powers(const ComplexTransform& transform, float* rows, int points,
                                 const int* bins, float* powers) {
  float* re = rows;
  float* im = rows + points * kLanes;
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

// The 8-point DFTs at n = from .. to - 1, of which all inputs from x[Known] on are zero.
template <int Known, class Rows>
void real_butterflies(const RealStep& step, const Rows& rows, int from, int to, float* out) {
  const int q = step.length / 8;
  const auto put = [&](int region, int n, Vec v) { store(out + (region * q + n) * kLanes, v); };
  for (int n = from; n < to; ++n) {
    Vec x[8] = {};
    for (int k = 0; k < Known; ++k) x[k] = rows(n + k * q);
    Vec sum[4], difference[4];
    for (int k = 0; k < 4; ++k) {
      sum[k] = x[k] + x[k + 4];
      difference[k] = x[k] - x[k + 4];
    }
    const Vec even = sum[0] + sum[2], odd = sum[1] + sum[3];
    put(0, n, even + odd);
    put(1, n, even - odd);
    const Vec re = kHalfRoot * (difference[1] - difference[3]);
    const Vec im = kHalfRoot * (difference[1] + difference[3]);
    const float* w = step.twiddles.data() + 6 * n;
    const Complex first = times({difference[0] + re, -difference[2] - im}, w);
    const Complex second = times({sum[0] - sum[2], sum[3] - sum[1]}, w + 2);
    const Complex third = times({difference[0] - re, difference[2] - im}, w + 4);
    put(2, n, first.re), put(3, n, first.im);
    put(4, n, second.re), put(5, n, second.im);
    put(6, n, third.re), put(7, n, third.im);
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

// One real step; `known` rows of the signal are not zero. Leaves g in the first q rows.
template <class Rows>
const int* real_step(const RealStep& step, const Rows& rows, int known, float* work,
                     const int* bins, float* powers) {
  const int q = step.length / 8;
  const int full = known / q;
  const int rest = known % q;
  if (rest > 0) real_butterflies(full + 1, step, rows, 0, rest, work);
  if (full > 0 || rest < q) real_butterflies(full, step, rows, rest, q, work);
  for (int k = 1; k <= 3; ++k)
    bins = complex_powers(*step.sub, work + 2 * k * q * kLanes, q, bins, powers);
  float* h = work + q * kLanes;
  if (q == 1) {
    store(powers + bins[0] * kLanes, load(h) * load(h));
    return bins + 1;
  }
  rotate_half(step, h);
  return complex_powers(*step.half_sub, h, q / 2, bins, powers);
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

// powers (n_fft / 2 + 1 rows) of the frames whose row n is rows(n); rows from `known` on are
// zero. `work` has 2 n_fft rows.
template <class Rows>
void power_spectrum(const Plan& plan, const Rows& rows, int known, float* work, float* powers) {
  const int* bins = plan.bins.data();
  bins = real_step(plan.steps[0], rows, known, work, bins, powers);
  for (std::size_t i = 1; i < plan.steps.size(); ++i) {
    const float* g = work;
    work += plan.steps[i].length * kLanes;
    const auto reread = [g](int n) { return load(g + n * kLanes); };
    bins = real_step(plan.steps[i], reread, plan.steps[i].length, work, bins, powers);
  }
  real_rest(work, plan.steps.back().length / 8, bins, powers);
}

}  // namespace
