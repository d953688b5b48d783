// From samples of any type to one vector a sample of kLanes frames.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "extract.h"
#include "lanes.h"

namespace {

using sersnake::Range;
using sersnake::Sample;
using sersnake::Signal;

// out[i] = scale x[from + i] - scale coefficient x[from + i - 1]; whether no |scale x| is beyond
// the limit. With a coefficient, from > 0.
template <class T>
bool convert(const Signal& signal, std::int64_t from, std::int64_t count, float scale,
             float coefficient, float limit, float* __restrict out) {
  const auto stride = static_cast<std::int64_t>(signal.stride);
  const char* data = signal.data + from * stride;
  const auto at = [](const char* p) {
    T value;
    std::memcpy(&value, p, sizeof(T));
    return static_cast<float>(value);
  };
  const float past = scale * coefficient;
  // The bits of positive floats order as the floats do, with infinity and NaN at the end.
  std::int32_t largest = 0;
  const auto run = [&](auto step, auto emphasis) {
    for (std::int64_t i = 0; i < count; ++i) {
      const float value = scale * at(data + i * step);
      out[i] = emphasis ? value - past * at(data + (i - 1) * step) : value;
      std::int32_t bits;
      std::memcpy(&bits, &value, sizeof(bits));
      largest = std::max(largest, bits & 0x7fffffff);
    }
  };
  // Constants let the compiler use vectors.
  using Packed = std::integral_constant<std::int64_t, sizeof(T)>;
  if (stride != sizeof(T)) run(stride, coefficient != 0);
  else if (coefficient == 0) run(Packed(), std::false_type());
  else run(Packed(), std::true_type());
  float size;
  std::memcpy(&size, &largest, sizeof(size));
  return size <= limit;
}

inline bool convert(const Signal& signal, std::int64_t from, std::int64_t count, float scale,
                    float coefficient, float* out) {
  const float limit = sersnake::kLargestSample * scale;
  switch (signal.type) {
    case Sample::int16:
      return convert<std::int16_t>(signal, from, count, scale / 32768, coefficient, limit, out);
    case Sample::float32:
      return convert<float>(signal, from, count, scale, coefficient, limit, out);
    default:
      return convert<double>(signal, from, count, scale, coefficient, limit, out);
  }
}

// Asks for samples that will be read soon; memory is slower than the arithmetic.
inline void prefetch_samples(const Signal& signal, std::int64_t begin, std::int64_t count) {
  constexpr std::int64_t line = 64;
  const std::int64_t from = std::max<std::int64_t>(begin, 0);
  const std::int64_t to = std::min(begin + count, signal.length);
  const std::int64_t bytes = std::max<std::int64_t>(1, std::abs(signal.stride));
  const std::int64_t step = std::max<std::int64_t>(1, line / bytes);
  for (std::int64_t i = from; i < to; i += step)
    __builtin_prefetch(signal.data + i * signal.stride, 0, 2);
}

// out[i] = scale (x[begin + i] - coefficient x[begin + i - 1]) where begin + i lies in the
// signal, with x[-1] = 0, and zero elsewhere; whether all samples are small enough.
inline bool copy_samples(const Signal& signal, std::int64_t begin, std::int64_t count,
                         float scale, float coefficient, float* out) {
  std::int64_t from = std::max<std::int64_t>(begin, 0);
  const std::int64_t to = std::min(begin + count, signal.length);
  if (from >= to) {
    std::fill(out, out + count, 0.0f);
    return true;
  }
  std::fill(out, out + (from - begin), 0.0f);
  std::fill(out + (to - begin), out + count, 0.0f);
  bool fine = true;
  if (from == 0 && coefficient != 0) {
    fine = convert(signal, 0, 1, scale, 0, out - begin);
    from = 1;
  }
  return convert(signal, from, to - from, scale, coefficient, out + (from - begin)) && fine;
}

}  // namespace
