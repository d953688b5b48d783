#include "extract.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <new>
#include <thread>

namespace sersnake {

#if defined(__x86_64__) || defined(_M_X64)
extern const Path kPathAvx512;
extern const Path kPathAvx2;
#endif
extern const Path kPathBaseline;

namespace {

constexpr std::int64_t kFramesPerRange = 2048;  // a multiple of every lane count

struct AlignedDelete {
  void operator()(float* p) const { ::operator delete(p, std::align_val_t{64}); }
};
using Scratch = std::unique_ptr<float, AlignedDelete>;

Scratch make_scratch(std::size_t floats) {
  auto* p = static_cast<float*>(::operator new(floats * sizeof(float), std::align_val_t{64}));
  std::fill(p, p + floats, 0.0f);
  return Scratch(p);
}

std::vector<Path> find_paths() {
  std::vector<Path> paths;
#if defined(__x86_64__) || defined(_M_X64)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw");
  if (avx2 && avx512) paths.push_back(kPathAvx512);
  if (avx2) paths.push_back(kPathAvx2);
#endif
  paths.push_back(kPathBaseline);
  return paths;
}

// Splits the signals so that threads can share a long one. A limit on the range of the logs
// needs the whole signal in one piece.
std::vector<Range> make_ranges(const Plan& plan, const std::vector<Signal>& signals,
                               const std::vector<std::int64_t>& frames, std::int64_t origin,
                               float* out) {
  std::vector<Range> ranges;
  for (std::size_t i = 0; i < signals.size(); ++i) {
    const std::int64_t piece = plan.settings.range > 0 ? frames[i] : kFramesPerRange;
    for (std::int64_t first = 0; first < frames[i]; first += piece) {
      const std::int64_t count = std::min(piece, frames[i] - first);
      const bool last = first + count == frames[i];
      ranges.push_back({&signals[i], origin, first, count, last, out});
      out += count * plan.outputs();
    }
  }
  return ranges;
}

}  // namespace

const std::vector<Path>& supported_paths() {
  static const std::vector<Path> paths = find_paths();
  return paths;
}

BadSample extract_all(const Plan& plan, const Path& path, const std::vector<Signal>& signals,
                      const std::vector<std::int64_t>& frames, std::int64_t origin, int threads,
                      float* out) {
  const std::vector<Range> ranges = make_ranges(plan, signals, frames, origin, out);
  std::int64_t longest = 0;
  for (const Range& range : ranges) longest = std::max(longest, range.count);
  const std::size_t size = path.scratch_size(plan, longest);

  const int workers = static_cast<int>(std::clamp<std::size_t>(ranges.size(), 1, threads));
  std::vector<Scratch> scratch;
  for (int i = 0; i < workers; ++i) scratch.push_back(make_scratch(size));
  std::vector<std::int64_t> bad(ranges.size(), kAllFinite);
  std::atomic<std::size_t> next{0};
  const auto work = [&](int worker) {
    for (std::size_t i = next++; i < ranges.size(); i = next++)
      bad[i] = path.extract(plan, ranges[i], scratch[worker].get());
  };
  std::vector<std::thread> pool;
  for (int i = 1; i < workers; ++i) pool.emplace_back(work, i);
  work(0);
  for (std::thread& thread : pool) thread.join();

  for (std::size_t i = 0; i < ranges.size(); ++i)
    if (bad[i] != kAllFinite) return {ranges[i].signal - signals.data(), bad[i]};
  return {};
}

}  // namespace sersnake
