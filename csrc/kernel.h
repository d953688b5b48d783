// kLanes frames from samples to cepstra. Included by every path_*.cc.
#pragma once

#include "fft.h"
#include "frames.h"

namespace {

using sersnake::Energy;

inline std::size_t rows_of(std::size_t n) { return n * kLanes; }

// The memory of one thread, in one piece. Every part begins at a multiple of 64 bytes.
struct Memory {
  Memory(const Plan& plan, const Columns& columns, std::int64_t frames, float* base) {
    const std::size_t n_fft = plan.settings.n_fft;
    const std::int64_t groups = plan.settings.range > 0 ? (frames + kLanes - 1) / kLanes : 1;
    raw = take(base, columns.raw_size());
    emphasised = take(base, columns.raw_size());
    arranged = take(base, columns.size());
    prepared = take(base, plan.prepares_frames() ? rows_of(plan.window_length()) : 0);
    work = take(base, rows_of(2 * n_fft));
    powers = take(base, rows_of(n_fft / 2 + 1));
    logs = take(base, rows_of(plan.log_rows() * groups));
    cepstra = take(base, rows_of(plan.outputs() + 3));
  }

  float *raw, *emphasised, *arranged, *prepared, *work, *powers, *logs, *cepstra;
  std::size_t used = 0;

 private:
  float* take(float* base, std::size_t floats) {
    const std::size_t at = used;
    used += (floats + 15) / 16 * 16;
    return base + at;
  }
};

// What happens to a frame before the transform if the window is not all: mean, pre-emphasis,
// energy. Returns the energy in the time domain.
inline Vec prepare_frames(const Plan& plan, const Columns& columns, const float* arranged,
                          float* prepared) {
  const auto& s = plan.settings;
  const int length = plan.window_length();
  Vec mean = zero();
  if (s.remove_dc) {
    for (int t = 0; t < length; ++t) mean += columns.row(arranged, t);
    mean *= 1.0f / static_cast<float>(length);
  }
  const float coefficient = s.per_frame ? s.preemphasis : 0;
  Vec raw = zero(), windowed = zero();
  Vec previous = columns.row(arranged, 0) - mean;
  for (int t = 0; t < length; ++t) {
    const Vec x = columns.row(arranged, t) - mean;
    const Vec y = (x - coefficient * previous) * s.window[t];
    raw += x * x;
    windowed += y * y;
    previous = x;
    store(prepared + rows_of(t), y);
  }
  return s.energy == Energy::raw ? raw : windowed;
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

inline Vec floored_log(const Plan& plan, Vec x) {
  const Vec floor = zero() + plan.settings.log_floor;
  return plan.settings.log_scale * log(larger(x, floor));
}

// The log bands of kLanes frames whose samples begin at arranged row 0.
inline void log_bands(const Plan& plan, const Columns& columns, const Memory& memory,
                      float* logs) {
  const int used = plan.used_length();
  if (plan.prepares_frames()) {
    const Vec energy = prepare_frames(plan, columns, memory.arranged, memory.prepared);
    if (plan.settings.energy != Energy::none)
      store(logs + rows_of(plan.settings.n_bands), floored_log(plan, energy));
    const auto rows = [&](int n) { return load(memory.prepared + rows_of(n)); };
    power_spectrum(plan, rows, used, memory.work, memory.powers);
  } else {
    const float* window = plan.settings.window.data();
    const auto rows = [&](int n) { return columns.row(memory.arranged, n) * window[n]; };
    power_spectrum(plan, rows, used, memory.work, memory.powers);
  }
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

// x[t] - coefficient x[t - 1] of the whole signal; the padding comes after it and stays zero.
inline void emphasise(const Plan& plan, const Range& range, std::int64_t begin,
                      std::int64_t count, const Memory& memory) {
  const float coefficient = plan.settings.preemphasis;
  for (std::int64_t i = 0; i < count; ++i)
    memory.emphasised[i] = memory.raw[i + 1] - coefficient * memory.raw[i];
  const std::int64_t end = range.signal->length - begin;
  if (end >= 0 && end < count) memory.emphasised[end] = 0;
}

// Fills the arranged samples of the group at `begin`; false if a sample is bad.
inline bool load_group(const Plan& plan, const Columns& columns, const Range& range,
                       std::int64_t begin, const Memory& memory) {
  const auto& s = plan.settings;
  const std::int64_t span = columns.span();
  const bool emphasis = s.preemphasis != 0 && !s.per_frame;
  const bool fine =
      copy_samples(*range.signal, begin - emphasis, span + emphasis, s.scale, memory.raw);
  if (emphasis) emphasise(plan, range, begin, span, memory);
  columns.arrange(emphasis ? memory.emphasised : memory.raw, memory.arranged);
  return fine;
}

inline std::int64_t first_bad(const Signal& signal, std::int64_t from, std::int64_t to,
                              float scale) {
  for (std::int64_t i = std::max<std::int64_t>(from, 0); i < std::min(to, signal.length); ++i) {
    float value;
    if (!convert(signal, i, 1, scale, &value)) return i;
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
  const Columns columns(plan);
  const Memory memory(plan, columns, range.count, scratch);
  const bool limited = plan.settings.range > 0;
  const auto lanes = [&](std::int64_t i) {
    return static_cast<int>(std::min<std::int64_t>(kLanes, range.count - i));
  };
  std::int64_t begin = range.origin + range.first * plan.settings.hop;
  float* logs = memory.logs;
  for (std::int64_t i = 0; i < range.count; i += kLanes) {
    if (!load_group(plan, columns, range, begin, memory))
      return first_bad(*range.signal, begin - 1, begin + columns.span(), plan.settings.scale);
    begin += std::int64_t(kLanes) * plan.settings.hop;
    log_bands(plan, columns, memory, logs);
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
  return Memory(plan, Columns(plan), frames, nullptr).used;
}

}  // namespace
