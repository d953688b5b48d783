// Fuzz target: any bytes are settings and signals, and extraction keeps its promises.
//
// Promises: nothing reads or writes out of bounds (the sanitizers watch), good samples give
// finite numbers, a bad sample is named, threads do not change a bit, and all instruction sets
// agree. Built and run by tests/native/run.sh.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "extract.h"

namespace {

using namespace sersnake;

void require(bool condition, const char* promise) {
  if (condition) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

// Reads numbers from the input; zeros after its end.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  int below(int limit) {
    const int high = next();
    return (high * 256 + next()) % limit;
  }
  bool flag() { return next() & 1; }
  std::vector<char> take(std::size_t count) {
    count = std::min(count, size_);
    std::vector<char> result(data_, data_ + count);
    data_ += count, size_ -= count;
    return result;
  }

 private:
  int next() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }

  const std::uint8_t* data_;
  std::size_t size_;
};

Settings make_settings(Bytes& bytes) {
  Settings s;
  s.n_fft = 64 << bytes.below(7);
  s.hop = 1 + bytes.below(bytes.flag() ? 700 : 20);
  s.n_bands = 1 + bytes.below(6);
  s.window.assign(1 + bytes.below(bytes.flag() ? 1500 : 90), 0.5f);
  const int n_bins = s.n_fft / 2 + 1;
  s.filters.assign(static_cast<std::size_t>(s.n_bands) * n_bins, 0.0f);
  for (int b = 0; b < s.n_bands; ++b) {
    const int from = bytes.below(n_bins);
    const int to = std::min(n_bins, from + bytes.below(40));
    std::fill(&s.filters[b * n_bins] + from, &s.filters[b * n_bins] + to, 0.5f);
  }
  const int kind = bytes.below(3);
  s.energy = kind == 0 ? Energy::none : kind == 1 ? Energy::raw : Energy::windowed;
  s.n_cepstra = bytes.below(7);
  s.dct.assign(s.n_cepstra * (s.n_bands + (kind != 0)), 0.25f);
  s.preemphasis = bytes.flag() ? 0.97f : 0.0f;
  s.per_frame = bytes.flag();
  s.remove_dc = bytes.flag();
  s.range = bytes.flag() ? 5.0f : 0.0f;
  return s;
}

std::int64_t first_bad(const Signal& signal) {
  for (std::int64_t i = 0; i < signal.length; ++i) {
    double value = 0;
    const char* at = signal.data + i * signal.stride;
    if (signal.type == Sample::float32) {
      float single;
      std::memcpy(&single, at, sizeof(single));
      value = single;
    } else if (signal.type == Sample::float64) {
      std::memcpy(&value, at, sizeof(value));
    }
    if (!(std::fabs(static_cast<float>(value)) <= kLargestSample)) return i;
  }
  return -1;
}

// A signal of exactly the memory it names, forwards or backwards, packed or not.
Signal make_signal(Bytes& bytes, std::vector<char>& memory) {
  constexpr Sample types[] = {Sample::int16, Sample::float32, Sample::float64};
  constexpr int sizes[] = {2, 4, 8};
  const int type = bytes.below(3);
  const int step = sizes[type] * (1 + bytes.below(2));
  const bool backwards = bytes.flag();
  const int repeats = 1 + bytes.below(40);
  const std::vector<char> once = bytes.take(1 + bytes.below(2000));
  for (int i = 0; i < repeats; ++i) memory.insert(memory.end(), once.begin(), once.end());
  const std::int64_t length = memory.size() < std::size_t(sizes[type])
                                  ? 0
                                  : (memory.size() - sizes[type]) / step + 1;
  memory.resize(length == 0 ? 0 : (length - 1) * step + sizes[type]);
  memory.shrink_to_fit();
  const char* first = memory.data() + (backwards && length > 0 ? (length - 1) * step : 0);
  return {first, types[type], length, backwards ? -step : step};
}

std::int64_t frame_count(const Plan& plan, std::int64_t length, std::int64_t origin) {
  const std::int64_t hop = plan.settings.hop;
  return 1 + std::max<std::int64_t>(0, (length - origin - plan.window_length() + hop - 1) / hop);
}

void check_agreement(const std::vector<float>& a, const std::vector<float>& b, int width) {
  for (std::size_t row = 0; row < a.size(); row += width) {
    const float largest = std::max(*std::max_element(&a[row], &a[row] + width), 0.0f);
    for (int i = 0; i < width; ++i) {
      const double difference = std::exp(double(a[row + i])) - std::exp(double(b[row + i]));
      require(std::fabs(difference) <= 1e-2 * std::exp(double(largest)), "paths agree");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  const Plan plan(make_settings(bytes));
  const std::int64_t origin = -bytes.below(50);
  std::vector<std::vector<char>> memory(3);
  std::vector<Signal> signals;
  std::vector<std::int64_t> frames;
  std::size_t total = 0;
  for (std::vector<char>& bytes_of_signal : memory) {
    signals.push_back(make_signal(bytes, bytes_of_signal));
    frames.push_back(frame_count(plan, signals.back().length, origin));
    total += frames.back() * plan.outputs();
  }
  BadSample expected;
  for (std::size_t i = 0; i < signals.size() && expected.signal < 0; ++i) {
    const std::int64_t index = first_bad(signals[i]);
    if (index >= 0) expected = {static_cast<std::int64_t>(i), index};
  }
  std::vector<float> reference;
  for (const Path& path : supported_paths()) {
    std::vector<float> one(total), three(total);
    const BadSample bad = extract_all(plan, path, signals, frames, origin, 1, one.data());
    extract_all(plan, path, signals, frames, origin, 3, three.data());
    require(bad.signal == expected.signal && bad.index == expected.index, "bad samples are named");
    if (bad.signal >= 0) continue;
    require(std::memcmp(one.data(), three.data(), total * sizeof(float)) == 0, "threads agree");
    for (float value : one) require(std::isfinite(value), "results are finite");
    if (reference.empty()) reference = one;
    if (plan.settings.n_cepstra == 0) check_agreement(reference, one, plan.outputs());
  }
  return 0;
}
