// Everything that is known before the first sample: tables, sizes and switches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sersnake {

// Energy of a frame in the time domain, appended to the log-mel rows of the frame.
enum class Energy { none, raw, windowed };

// What the caller decides. All tables are row-major.
struct Settings {
  int n_fft = 512;             // power of two, 64 to 4096
  int hop = 192;               // samples
  int n_bands = 0;             // rows of `filters`
  int n_cepstra = 0;           // rows of `dct`; 0 gives the log bands themselves
  std::vector<float> window;   // (window length); longer than n_fft: the frame is cut
  std::vector<float> filters;  // (n_bands, n_fft / 2 + 1)
  std::vector<float> dct;      // (n_cepstra, n_bands, and one more with a time-domain energy)
  float scale = 1;             // multiplies every sample
  float preemphasis = 0;       // 0 switches it off
  bool per_frame = false;      // pre-emphasis restarts in every frame
  bool remove_dc = false;      // subtract the mean of every frame
  Energy energy = Energy::none;
  float log_floor = 1e-10f;  // smallest value under the logarithm
  float log_scale = 1;       // multiplies the natural logarithm
  float range = 0;           // logs lie at most this far below the signal's largest; 0: no limit
};

// A mel band: weights of the bins first, first + 1, ..., first + count - 1.
struct Band {
  int first;
  int count;
  const float* weights;
};

// One radix pass of a complex transform over blocks of `length` points.
struct Pass {
  int radix;
  int length;
  std::vector<float> twiddles;  // (length / radix, radix - 1, 2); empty in the last pass
};

// A complex transform of a power-of-two length, decimation in frequency.
struct ComplexTransform {
  std::vector<Pass> passes;
  std::vector<int> order;  // (length); frequency that the last pass leaves at each position
};

// One step of the real transform of `length` = 8 q points: see fft.h.
struct RealStep {
  int length;
  std::vector<float> twiddles;           // (q, 3, 2); powers 1 to 3
  std::vector<float> half_twiddles;      // (q / 2, 2); rotate the odd half-spectrum
  const ComplexTransform* sub = nullptr;       // q points
  const ComplexTransform* half_sub = nullptr;  // q / 2 points
};

// Immutable once made, so that any number of threads can use one plan.
class Plan {
 public:
  explicit Plan(Settings settings);
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  int window_length() const { return static_cast<int>(settings.window.size()); }
  // Samples of a frame that the transform sees.
  int used_length() const;
  // A frame needs work of its own before the window (else the window is all there is).
  bool prepares_frames() const;
  int log_rows() const { return settings.n_bands + (settings.energy != Energy::none); }
  int outputs() const { return settings.n_cepstra > 0 ? settings.n_cepstra : log_rows(); }

  const Settings settings;
  std::vector<float> padded_window;  // the window up to n_fft, and zeros to a multiple of four
  std::vector<Band> bands;
  std::vector<RealStep> steps;  // n_fft, n_fft / 8, ... points, down to 1, 2 or 4
  std::vector<int> bins;        // bin of every power, in the order in which fft.h makes them

 private:
  void make_bands();
  void make_steps();
  void append_bins(const ComplexTransform& transform, int base, int stride);
  const ComplexTransform* transform(int length);

  std::vector<ComplexTransform> transforms_;  // by log2 of the length
};

}  // namespace sersnake
