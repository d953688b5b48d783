// kLanes frames from samples to cepstra. Included by every path_*.cc.
#pragma once

#include "fft.h"
#include "frames.h"

namespace {

using sersnake::Energy;

inline std::size_t rows_of(std::size_t n) { return n * kLanes; }

// Samples from a frame's first to the last one that anything reads.
inline int frame_length(const Plan& plan) {
  return plan.prepares_frames() ? plan.window_length() : plan.used_length();
}

// Samples that kLanes frames span, with any gap up to the frame after them.
inline std::int64_t group_span(const Plan& plan) {
  const int hop = plan.settings.hop;
  return std::int64_t(kLanes - 1) * hop + std::max(frame_length(plan), hop);
}

// The memory of one thread, in one piece. Every part begins at a multiple of 64 bytes. Without a
// base only the size is found.
struct Memory {
  Memory(const Plan& plan, std::int64_t frames, float* base) {
    const std::size_t n_fft = plan.settings.n_fft;
    const std::int64_t bins = rows_of(n_fft / 2 + 1);
    const std::int64_t groups = plan.settings.range > 0 ? (frames + kLanes - 1) / kLanes : 1;
    // Nobody reads the samples any more when the powers come: less memory stays in the cache.
    samples = powers = take(base, std::max(group_span(plan) + 3, bins));
    frame = take(base, plan.prepares_frames() ? rows_of(plan.window_length() + 3) : 0);
    work = take(base, rows_of(2 * n_fft));
    logs = take(base, rows_of(plan.log_rows() * groups));
    cepstra = take(base, rows_of(plan.outputs()));
  }

  float* samples;  // of the signal, in order
  float* frame;    // row s: sample s of every lane, zero after the window
  float* work;     // of the transform
  float* powers;   // row b: bin b of the power spectrum
  float* logs;     // row b: logarithm of band b
  float* cepstra;
  std::size_t used = 0;

 private:
  float* take(float* base, std::size_t floats) {
    const std::size_t at = used;
    used += (floats + 15) / 16 * 16;
    return base == nullptr ? nullptr : base + at;
  }
};

inline Vec floored_log(const Plan& plan, Vec x) {
  const Vec floor = zero() + plan.settings.log_floor;
  return plan.settings.log_scale * log(larger(x, floor));
}

// The mean of each frame.
inline Vec frame_mean(const Plan& plan, const Memory& memory) {
  Vec sum = zero();
  const int length = plan.window_length();
  for (int s = 0; s < length; s += 4) {
    Vec x[4];
    load_transposed(memory.samples + s, plan.settings.hop, x);
    for (int i = 0; i < 4 && s + i < length; ++i) sum += x[i];
  }
  return sum * (1.0f / static_cast<float>(length));
}

// Writes the frames with all that Kaldi does to them: mean, pre-emphasis, window. Gives their
// energy in the time domain.
inline Vec prepare_frames(const Plan& plan, const Memory& memory) {
  const auto& settings = plan.settings;
  const int length = plan.window_length();
  const Vec mean = settings.remove_dc ? frame_mean(plan, memory) : zero();
  const float coefficient = settings.per_frame ? settings.preemphasis : 0;
  Vec raw = zero(), windowed = zero(), previous = zero();
  for (int s = 0; s < length; s += 4) {
    Vec samples[4];
    load_transposed(memory.samples + s, settings.hop, samples);
    if (s == 0) previous = samples[0] - mean;
    for (int i = 0; i < 4 && s + i < length; ++i) {
      const Vec x = samples[i] - mean;
      const Vec y = (x - coefficient * previous) * settings.window[s + i];
      raw += x * x;
      windowed += y * y;
      previous = x;
      store(memory.frame + rows_of(s + i), y);
    }
  }
  return settings.energy == Energy::raw ? raw : windowed;
}

// The power spectra of kLanes frames; stores a time-domain energy among the logs.
inline void spectra(const Plan& plan, const Memory& memory, float* logs) {
  const int known = plan.used_length();
  if (plan.prepares_frames()) {
    const Vec energy = prepare_frames(plan, memory);
    if (plan.settings.energy != Energy::none)
      store(logs + rows_of(plan.settings.n_bands), floored_log(plan, energy));
    const auto rows = [&](int s, Vec(&four)[4]) {
      for (int i = 0; i < 4; ++i) four[i] = load(memory.frame + rows_of(s + i));
    };
    power_spectrum(plan, rows, known, memory.work, memory.powers);
  } else {
    const float* window = plan.padded_window.data();
    const auto rows = [&](int s, Vec(&four)[4]) {
      load_transposed(memory.samples + s, plan.settings.hop, four);
      for (int i = 0; i < 4; ++i) four[i] *= window[s + i];
    };
    power_spectrum(plan, rows, known, memory.work, memory.powers);
  }
}

inline Vec band_sum(const sersnake::Band& band, const float* powers) {
  const float* p = powers + rows_of(band.first);
  const float* w = band.weights;
  Vec sum[4] = {};
  int i = 0;
  for (; i + 4 <= band.count; i += 4)
    for (int k = 0; k < 4; ++k) sum[k] += w[i + k] * load(p + rows_of(i + k));
  for (; i < band.count; ++i) sum[0] += w[i] * load(p + rows_of(i));
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

// The log bands of kLanes frames.
inline void log_bands(const Plan& plan, const Memory& memory, float* logs) {
  spectra(plan, memory, logs);
  for (int b = 0; b < plan.settings.n_bands; ++b)
    store(logs + rows_of(b), floored_log(plan, band_sum(plan.bands[b], memory.powers)));
}

template <int Count>
void cosine_rows(const float* dct, int columns, const float* logs, float* out) {
  Vec sum[Count] = {};
  for (int j = 0; j < columns; ++j) {
    const Vec x = load(logs + rows_of(j));
    for (int k = 0; k < Count; ++k) sum[k] += dct[k * columns + j] * x;
  }
  for (int k = 0; k < Count; ++k) store(out + rows_of(k), sum[k]);
}

inline void cosine_transform(const Plan& plan, const float* logs, float* cepstra) {
  const int columns = plan.log_rows();
  const float* dct = plan.settings.dct.data();
  int k = 0;
  for (; k + 4 <= plan.settings.n_cepstra; k += 4)
    cosine_rows<4>(dct + k * columns, columns, logs, cepstra + rows_of(k));
  for (; k < plan.settings.n_cepstra; ++k)
    cosine_rows<1>(dct + k * columns, columns, logs, cepstra + rows_of(k));
}

// Writes rows of lanes as rows of frames.
inline void write_frames(const float* rows, int width, int frames, float* out) {
  for (int k = 0; k < width; ++k)
    for (int lane = 0; lane < frames; ++lane) out[lane * width + k] = rows[rows_of(k) + lane];
}

// From log bands to what the caller asked for.
inline void finish(const Plan& plan, const Memory& memory, const float* logs, int frames,
                   float* out) {
  if (plan.settings.n_cepstra == 0) return write_frames(logs, plan.outputs(), frames, out);
  cosine_transform(plan, logs, memory.cepstra);
  write_frames(memory.cepstra, plan.outputs(), frames, out);
}

// Reads the samples of the group at `begin`; false if one is bad.
inline bool load_group(const Plan& plan, const Range& range, std::int64_t begin,
                       const Memory& memory) {
  const auto& s = plan.settings;
  return copy_samples(*range.signal, begin, group_span(plan), s.scale,
                      s.per_frame ? 0 : s.preemphasis, memory.samples);
}

inline std::int64_t first_bad(const Signal& signal, std::int64_t from, std::int64_t to,
                              float scale) {
  for (std::int64_t i = std::max<std::int64_t>(from, 0); i < std::min(to, signal.length); ++i) {
    float value;
    if (!convert(signal, i, 1, scale, 0, &value)) return i;
  }
  return sersnake::kAllFinite;
}

// Log bands of the whole range are kept until the largest is known.
inline void limit_range(const Plan& plan, const Memory& memory, const Range& range) {
  const std::size_t group = rows_of(plan.log_rows());
  float largest = memory.logs[0];
  for (std::int64_t i = 0; i < range.count; ++i)
    for (int b = 0; b < plan.settings.n_bands; ++b)
      largest = std::max(largest, memory.logs[i / kLanes * group + rows_of(b) + i % kLanes]);
  const std::int64_t groups = (range.count + kLanes - 1) / kLanes;
  const Vec lowest = zero() + (largest - plan.settings.range);
  for (float* p = memory.logs; p < memory.logs + groups * group; p += kLanes)
    store(p, larger(load(p), lowest));
}

inline std::int64_t extract(const Plan& plan, const Range& range, float* scratch) {
  const Memory memory(plan, range.count, scratch);
  const std::int64_t next = std::int64_t(kLanes) * plan.settings.hop;
  const bool limited = plan.settings.range > 0;
  const auto lanes = [&](std::int64_t i) {
    return static_cast<int>(std::min<std::int64_t>(kLanes, range.count - i));
  };
  std::int64_t begin = range.origin + range.first * plan.settings.hop;
  float* logs = memory.logs;
  for (std::int64_t i = 0; i < range.count; i += kLanes) {
    if (!load_group(plan, range, begin, memory))
      return first_bad(*range.signal, begin, begin + group_span(plan), plan.settings.scale);
    begin += next;
    prefetch_samples(*range.signal, begin + group_span(plan) - next, next);
    log_bands(plan, memory, logs);
    if (limited) logs += rows_of(plan.log_rows());
    else finish(plan, memory, logs, lanes(i), range.out + i * plan.outputs());
  }
  if (limited) {
    limit_range(plan, memory, range);
    logs = memory.logs;
    for (std::int64_t i = 0; i < range.count; i += kLanes, logs += rows_of(plan.log_rows()))
      finish(plan, memory, logs, lanes(i), range.out + i * plan.outputs());
  }
  return range.last ? first_bad(*range.signal, begin, range.signal->length, plan.settings.scale)
                    : sersnake::kAllFinite;
}

inline std::size_t scratch_size(const Plan& plan, std::int64_t frames) {
  return Memory(plan, frames, nullptr).used;
}

}  // namespace
