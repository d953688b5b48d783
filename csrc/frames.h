// From samples of any type to one vector a sample of kLanes frames.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstring>

#include "extract.h"
#include "lanes.h"

namespace {

using sersnake::Range;
using sersnake::Sample;
using sersnake::Signal;

template <class T>
float sample_at(const Signal& signal, std::int64_t index) {
  T value;
  std::memcpy(&value, signal.data + index * signal.stride, sizeof(T));
  return static_cast<float>(value);
}

// out[i] = factor * x[from + i]; returns whether all are small enough.
template <class T>
bool convert(const Signal& signal, std::int64_t from, std::int64_t count, float factor,
             float* out) {
  int fine = 1;
  if (signal.stride == sizeof(T)) {
    const char* data = signal.data + from * static_cast<std::int64_t>(sizeof(T));
    for (std::int64_t i = 0; i < count; ++i) {
      T value;
      std::memcpy(&value, data + i * sizeof(T), sizeof(T));
      out[i] = factor * static_cast<float>(value);
      fine &= std::fabs(out[i]) <= sersnake::kLargestSample;
    }
  } else {
    for (std::int64_t i = 0; i < count; ++i) {
      out[i] = factor * sample_at<T>(signal, from + i);
      fine &= std::fabs(out[i]) <= sersnake::kLargestSample;
    }
  }
  return fine;
}

inline bool convert(const Signal& signal, std::int64_t from, std::int64_t count, float scale,
                    float* out) {
  switch (signal.type) {
    case Sample::int16:
      return convert<std::int16_t>(signal, from, count, scale / 32768, out);
    case Sample::float32:
      return convert<float>(signal, from, count, scale, out);
    default:
      return convert<double>(signal, from, count, scale, out);
  }
}

// out[i] = scale * x[begin + i], zero outside the signal.
inline bool copy_samples(const Signal& signal, std::int64_t begin, std::int64_t count,
                         float scale, float* out) {
  const std::int64_t from = std::clamp<std::int64_t>(begin, 0, signal.length);
  const std::int64_t to = std::clamp<std::int64_t>(begin + count, 0, signal.length);
  if (from >= to) {
    std::fill(out, out + count, 0.0f);
    return true;
  }
  std::fill(out, out + (from - begin), 0.0f);
  std::fill(out + (to - begin), out + count, 0.0f);
  return convert(signal, from, to - from, scale, out + (from - begin));
}

// The samples of kLanes successive frames, so arranged that one load gives sample s of all.
//
// The samples are cut into columns of `hop`: row t holds sample t of every column, and sample s
// of lane i is row s % hop, column s / hop + i. Overlapping frames share their columns.
class Columns {
 public:
  explicit Columns(const Plan& plan)
      : hop_(plan.settings.hop),
        read_(plan.read_length()),
        rows_(std::min(hop_, read_)),
        width_((kLanes + (read_ - 1) / hop_ + 3) / 4 * 4) {}

  // Floats of the arranged samples and of the raw samples before them.
  std::size_t size() const { return std::size_t(padded_rows()) * width_; }
  std::size_t raw_size() const { return std::size_t(width_) * hop_ + padded_rows() + 1; }
  // Samples that kLanes frames span, with any gap up to the frame after them.
  std::int64_t span() const {
    return std::int64_t(kLanes - 1) * hop_ + std::max(read_, hop_);
  }

  void arrange(const float* samples, float* columns) const {
    transpose(samples, hop_, width_, rows_, columns, width_);
  }
  Vec row(const float* columns, int s) const {
    return load(columns + std::ptrdiff_t(s % hop_) * width_ + s / hop_);
  }

 private:
  int padded_rows() const { return (rows_ + 3) / 4 * 4; }

  int hop_, read_, rows_, width_;
};

}  // namespace
