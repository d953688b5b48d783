#include "plan.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace sersnake {
namespace {

constexpr double kPi = 3.14159265358979323846;

void append_root(std::vector<float>& table, double turns) {
  table.push_back(static_cast<float>(std::cos(2 * kPi * turns)));
  table.push_back(static_cast<float>(-std::sin(2 * kPi * turns)));
}

// Radix 8 as often as it goes, then 4 or 2.
std::vector<int> radices(int length) {
  std::vector<int> result;
  for (; length >= 8; length /= 8) result.push_back(8);
  if (length > 1) result.push_back(length);
  return result;
}

ComplexTransform make_transform(int length) {
  ComplexTransform transform;
  transform.order.assign(1, 0);
  int stride = 1;  // of the frequencies that one block of this pass makes
  int block = length;
  for (int radix : radices(length)) {
    Pass pass{radix, block, {}};
    for (int j = 0; block > radix && j < block / radix; ++j)
      for (int k = 1; k < radix; ++k)
        append_root(pass.twiddles, static_cast<double>(j) * k / block);
    transform.passes.push_back(std::move(pass));
    std::vector<int> order;
    for (int base : transform.order)
      for (int k = 0; k < radix; ++k) order.push_back(base + stride * k);
    transform.order = std::move(order);
    stride *= radix;
    block /= radix;
  }
  return transform;
}

const Settings& checked(const Settings& s) {
  const bool power_of_two = s.n_fft >= 64 && s.n_fft <= 4096 && (s.n_fft & (s.n_fft - 1)) == 0;
  if (!power_of_two) throw std::invalid_argument("n_fft is no power of two from 64 to 4096");
  if (s.hop < 1 || s.window.empty()) throw std::invalid_argument("hop or window is empty");
  if (s.n_bands < 1 || s.filters.size() != std::size_t(s.n_bands) * (s.n_fft / 2 + 1))
    throw std::invalid_argument("filters are not (n_bands, n_fft / 2 + 1)");
  const std::size_t rows = s.n_bands + (s.energy != Energy::none);
  if (s.n_cepstra < 0 || s.dct.size() != s.n_cepstra * rows)
    throw std::invalid_argument("dct is not (n_cepstra, log rows)");
  return s;
}

}  // namespace

Plan::Plan(Settings given) : settings(checked(given)) {
  padded_window.assign(settings.window.begin(), settings.window.begin() + used_length());
  padded_window.resize((padded_window.size() + 3) / 4 * 4);
  make_bands();
  make_steps();
}

int Plan::used_length() const { return std::min(window_length(), settings.n_fft); }

bool Plan::prepares_frames() const {
  const bool emphasis = settings.per_frame && settings.preemphasis != 0;
  return emphasis || settings.remove_dc || settings.energy != Energy::none;
}

void Plan::make_bands() {
  const int n_bins = settings.n_fft / 2 + 1;
  for (int b = 0; b < settings.n_bands; ++b) {
    const float* row = settings.filters.data() + static_cast<std::size_t>(b) * n_bins;
    int first = 0;
    int last = n_bins;
    while (first < n_bins && row[first] == 0) ++first;
    while (last > first && row[last - 1] == 0) --last;
    bands.push_back({first, last - first, row + first});
  }
}

const ComplexTransform* Plan::transform(int length) {
  int log2 = 0;
  while ((1 << log2) < length) ++log2;
  return &transforms_[log2];
}

// The real transform splits X[8m], X[8m + 4] and X[8m + 1, 2, 3] apart, and X[8m] again.
void Plan::make_steps() {
  for (int length = 1; length <= settings.n_fft / 8; length *= 2)
    transforms_.push_back(make_transform(length));
  int stride = 1;
  int length = settings.n_fft;
  for (; length >= 8; length /= 8, stride *= 8) {
    const int q = length / 8;
    RealStep step{length, {}, {}, transform(q), transform(std::max(q / 2, 1))};
    for (int n = 0; n < q; ++n)
      for (int k = 1; k <= 3; ++k) append_root(step.twiddles, static_cast<double>(n) * k / length);
    for (int n = 0; n < q / 2; ++n) append_root(step.half_twiddles, 0.5 * n / q);
    for (int k = 1; k <= 3; ++k) append_bins(*step.sub, k * stride, 8 * stride);
    append_bins(*step.half_sub, 4 * stride, 16 * stride);
    steps.push_back(std::move(step));
  }
  // The rest of 1, 2 or 4 points: all its bins, in order.
  for (int bin = 0; bin <= length / 2; ++bin) bins.push_back(bin * stride);
}

// A real signal has |X[n_fft - bin]| = |X[bin]|.
void Plan::append_bins(const ComplexTransform& transform, int base, int stride) {
  for (int frequency : transform.order) {
    const int bin = base + stride * frequency;
    bins.push_back(std::min(bin, settings.n_fft - bin));
  }
}

}  // namespace sersnake
