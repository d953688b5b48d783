// The kernel's face: signals in, cepstra (or log bands) out, with threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "plan.h"

namespace sersnake {

enum class Sample { int16, float32, float64 };

// Someone else's samples; int16 counts as [-1, 1).
struct Signal {
  const char* data;
  Sample type;
  std::int64_t length;
  std::ptrdiff_t stride;  // bytes
};

// Frames first, first + 1, ..., first + count - 1 of a signal.
// Frame i begins at sample origin + i * hop; samples outside the signal are zero.
struct Range {
  const Signal* signal;
  std::int64_t origin;
  std::int64_t first;
  std::int64_t count;
  bool last;    // no frames of the signal follow
  float* out;   // (count, plan.outputs())
};

constexpr std::int64_t kAllFinite = -1;

// Samples beyond this, and NaN, are refused: floats lie in [-1, 1], and resampling or adding two
// signals leaves them below 2. What is beyond was never scaled.
constexpr float kLargestSample = 2;

// Handles one range; gives the index of the first bad sample, or kAllFinite.
using Extract = std::int64_t (*)(const Plan&, const Range&, float* scratch);
// Floats of scratch that one thread needs; at most `frames` frames in a range.
using ScratchSize = std::size_t (*)(const Plan&, std::int64_t frames);

// A build of the kernel for one instruction set.
struct Path {
  const char* name;
  Extract extract;
  ScratchSize scratch_size;
};

// Best first, only those that this processor runs.
const std::vector<Path>& supported_paths();

struct BadSample {
  std::int64_t signal = -1;  // -1: there is none
  std::int64_t index = 0;
};

// Fills out (all frames of all signals, plan.outputs()) with `threads` threads.
// frames[i] frames are made of signals[i].
BadSample extract_all(const Plan& plan, const Path& path, const std::vector<Signal>& signals,
                      const std::vector<std::int64_t>& frames, std::int64_t origin, int threads,
                      float* out);

}  // namespace sersnake
