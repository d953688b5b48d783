#include "norm_pool.h"

#include <cstring>

#include "extract.h"
#include "threads.h"

namespace sersnake {

#if defined(__x86_64__) || defined(_M_X64)
extern const NormPoolPath kNormPoolAvx512;
extern const NormPoolPath kNormPoolAvx2;
#endif
extern const NormPoolPath kNormPoolBaseline;

namespace {

std::vector<NormPoolPath> find_paths() {
  std::vector<NormPoolPath> paths;
  for (const Path& path : supported_paths()) {
#if defined(__x86_64__) || defined(_M_X64)
    if (std::strcmp(path.name, "avx512") == 0) paths.push_back(kNormPoolAvx512);
    if (std::strcmp(path.name, "avx2") == 0) paths.push_back(kNormPoolAvx2);
#endif
    if (std::strcmp(path.name, "baseline") == 0) paths.push_back(kNormPoolBaseline);
  }
  return paths;
}

const NormPoolOperations& operations(const NormPoolPath& path, const Maps& y) {
  return y.element == Element::float32 ? path.float32 : path.bfloat16;
}

// The order in which registers hold the channels; arrays in that order are spread.
class Spread {
 public:
  Spread(const NormPoolPath& path, const Maps& y)
      : channels_(y.channels),
        block_(2 * path.lanes),
        interleaved_(y.element == Element::bfloat16) {}

  std::int64_t channels() const { return channels_; }

  // Values of a spread array: whole blocks of two registers.
  std::int64_t size() const { return (channels_ + block_ - 1) / block_ * block_; }

  // Two registers of bfloat16 hold the even and the odd channels of a block.
  std::int64_t place(std::int64_t channel) const {
    if (!interleaved_) return channel;
    const std::int64_t within = channel % block_;
    return channel - within + within % 2 * (block_ / 2) + within / 2;
  }

 private:
  std::int64_t channels_, block_;
  bool interleaved_;
};

// Floats that no register load takes from two cache lines.
class Floats {
 public:
  explicit Floats(std::int64_t size) : lines_((size + 15) / 16) {}
  Floats(const Spread& spread, const float* values) : Floats(spread.size()) {
    for (std::int64_t c = 0; c < spread.channels(); ++c) data()[spread.place(c)] = values[c];
  }
  float* data() { return lines_.data()->values; }

 private:
  struct alignas(64) Line {
    float values[16];
  };
  std::vector<Line> lines_;
};

// Two sums a channel of every strip, spread.
class Sums {
 public:
  Sums(const Spread& spread, std::int64_t strips)
      : size_(spread.size()), values_(2 * strips * spread.size()) {}
  double* first(std::int64_t strip) { return values_.data() + 2 * strip * size_; }
  double* second(std::int64_t strip) { return first(strip) + size_; }

 private:
  std::int64_t size_;
  std::vector<double> values_;
};

Strip strip_of(const Maps& y, std::int64_t i) {
  const std::int64_t bytes = y.rows * y.columns * y.channels * y.element_size();
  return {static_cast<const char*>(y.data) + i * bytes, y.mask + i * y.columns, y.rows, y.columns,
          y.channels};
}

// Pooled values of the strips before strip i.
std::int64_t pooled_before(const Maps& y, std::int64_t i) {
  return i * ((y.rows + 1) / 2) * (y.columns / 2) * y.channels;
}

}  // namespace

const std::vector<NormPoolPath>& norm_pool_paths() {
  static const std::vector<NormPoolPath> paths = find_paths();
  return paths;
}

Moments masked_moments(const NormPoolPath& path, const Maps& y, int threads) {
  const Spread spread(path, y);
  Sums sums(spread, y.strips);
  std::vector<std::int64_t> counts(y.strips);
  for_each_piece(y.strips, threads, [&](std::int64_t i) {
    Floats scratch(3 * spread.size());
    counts[i] = operations(path, y).moments(strip_of(y, i), sums.first(i), sums.second(i),
                                            scratch.data());
  });
  Moments result{0, std::vector<float>(y.channels), std::vector<float>(y.channels)};
  for (std::int64_t count : counts) result.count += count;
  for (std::int64_t c = 0; c < y.channels; ++c) {
    const std::int64_t place = spread.place(c);
    double count = 0, mean = 0, squares = 0;
    for (std::int64_t i = 0; i < y.strips; ++i) {
      if (counts[i] == 0) continue;
      const double share = counts[i] / (count + counts[i]);
      const double distance = sums.first(i)[place] - mean;
      mean += distance * share;
      squares += sums.second(i)[place] + distance * distance * share * count;
      count += counts[i];
    }
    result.mean[c] = static_cast<float>(mean);
    const double var = count > 0 ? squares / count : 0;
    result.var[c] = static_cast<float>(var < 0 ? 0 : var);  // NaN stays
  }
  return result;
}

void norm_pool(const NormPoolPath& path, const Maps& y, const float* scale, const float* shift,
               float floor, void* out, std::uint8_t* winner, int threads) {
  const Spread spread(path, y);
  Floats scales(spread, scale), shifts(spread, shift);
  for_each_piece(y.strips, threads, [&](std::int64_t i) {
    const std::int64_t before = pooled_before(y, i);
    operations(path, y).pool(strip_of(y, i), scales.data(), shifts.data(), floor,
                             static_cast<char*>(out) + before * y.element_size(),
                             winner + before);
  });
}

void norm_pool_backward(const NormPoolPath& path, const Maps& y, const Pooled& pooled,
                        const Normalisation& norm, void* out, float* gamma_gradient,
                        float* beta_gradient, int threads) {
  const Spread spread(path, y);
  Floats means(spread, norm.mean);
  const auto pooled_of = [&](std::int64_t i) {
    const std::int64_t before = pooled_before(y, i);
    return Pooled{static_cast<const char*>(pooled.gradient) + before * y.element_size(),
                  pooled.winner + before};
  };
  Sums sums(spread, y.strips);
  for_each_piece(y.strips, threads, [&](std::int64_t i) {
    Floats scratch(2 * spread.size());
    operations(path, y).sums(strip_of(y, i), pooled_of(i), means.data(), sums.first(i),
                             sums.second(i), scratch.data());
  });
  Floats factors(spread.size()), slopes(spread.size()), offsets(spread.size());
  for (std::int64_t c = 0; c < y.channels; ++c) {
    const std::int64_t place = spread.place(c);
    double plain = 0, centred = 0;
    for (std::int64_t i = 0; i < y.strips; ++i) {
      plain += sums.first(i)[place];
      centred += sums.second(i)[place];
    }
    const double inverse = norm.inverse_deviation[c];
    const double factor = norm.gamma[c] * inverse;
    beta_gradient[c] = static_cast<float>(plain);
    gamma_gradient[c] = static_cast<float>(centred * inverse);
    factors.data()[place] = static_cast<float>(factor);
    slopes.data()[place] = static_cast<float>(-factor * centred * inverse * inverse / norm.count);
    offsets.data()[place] = static_cast<float>(-factor * plain / norm.count);
  }
  const Slopes line{means.data(), factors.data(), slopes.data(), offsets.data()};
  for_each_piece(y.strips, threads, [&](std::int64_t i) {
    const std::int64_t bytes = y.rows * y.columns * y.channels * y.element_size();
    operations(path, y).gradient(strip_of(y, i), pooled_of(i), line,
                                 static_cast<char*>(out) + i * bytes);
  });
}

}  // namespace sersnake
