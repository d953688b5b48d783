// Batch norm, ReLU and 2x2 max pooling in one pass over the maps, forwards and backwards.
// Without the ReLU it leaves what a leaky one can be applied to.
//
// Maps are (strips, rows, columns, channels), channels innermost. Utterances lie one after the
// other on a strip, with gaps; a mask (strips, columns) says which columns count. Pooling halves
// the columns, of which there is an even number, and the rows, of which an odd last one stands
// alone. Threads share the strips, and sums are added strip by strip, so that the number of
// threads changes no bit.
#pragma once

#include <cstdint>
#include <vector>

namespace sersnake {

enum class Element { float32, bfloat16 };

struct Maps {
  const void* data;
  const std::uint8_t* mask;  // (strips, columns); 1: the column counts
  std::int64_t strips, rows, columns, channels;
  Element element;

  std::int64_t element_size() const { return element == Element::float32 ? 4 : 2; }
};

// Statistics of each channel over the positions that count; zeros where there are none.
struct Moments {
  std::int64_t count;  // of positions
  std::vector<float> mean;
  std::vector<float> var;  // biased
};

// What arrives at the output of norm_pool, and what it left there:
// (strips, (rows + 1) / 2, columns / 2, channels).
struct Pooled {
  const void* gradient;
  const std::uint8_t* winner;
};

// How y was normalised, with its own mean and deviation over `count` positions; (channels).
struct Normalisation {
  const float* mean;
  const float* inverse_deviation;
  const float* gamma;
  std::int64_t count;
};

// Winner of a window in which nothing is above the floor.
constexpr std::uint8_t kNoWinner = 4;

// The gradient of y: factor * gradient + slope * (y - mean) + offset; all spread.
struct Slopes {
  const float* mean;
  const float* factor;
  const float* slope;
  const float* offset;
};

// One strip of maps.
struct Strip {
  const void* data;
  const std::uint8_t* mask;
  std::int64_t rows, columns, channels;
};

// What a build does with a strip. Arrays of one value a channel are spread: in the order in which
// registers hold the channels, filled up to whole blocks of two registers.
struct NormPoolOperations {
  // Number of positions; their mean, and the sum of the squares of what differs from it.
  // Scratch: three spread arrays.
  std::int64_t (*moments)(const Strip&, double* mean, double* squares, float* scratch);
  void (*pool)(const Strip&, const float* scale, const float* shift, float floor, void* out,
               std::uint8_t* winner);
  // Sums of the gradients that reach a position, and of these times (y - mean).
  // Scratch: two spread arrays.
  void (*sums)(const Strip&, const Pooled&, const float* mean, double* plain, double* centred,
               float* scratch);
  void (*gradient)(const Strip&, const Pooled&, const Slopes&, void* out);
};

// A build for one instruction set; the name is that of a Path.
struct NormPoolPath {
  const char* name;
  int lanes;  // floats in a register
  NormPoolOperations float32;
  NormPoolOperations bfloat16;
};

// Best first, only those that this processor runs.
const std::vector<NormPoolPath>& norm_pool_paths();

Moments masked_moments(const NormPoolPath& path, const Maps& y, int threads);

// Fills out and winner, both shaped as in Pooled: the largest y * scale + shift of a window where
// it is above the floor, else the floor (0 is ReLU, minus infinity none); and its position,
// 2 * (parity of the row) + parity of the column, the first one of several, or kNoWinner. NaN is
// above everything. Where nothing counts, out is zero.
void norm_pool(const NormPoolPath& path, const Maps& y, const float* scale, const float* shift,
               float floor, void* out, std::uint8_t* winner, int threads);

// Fills the gradients of y (shaped like y, zero where a column does not count), gamma and beta.
void norm_pool_backward(const NormPoolPath& path, const Maps& y, const Pooled& pooled,
                        const Normalisation& norm, void* out, float* gamma_gradient,
                        float* beta_gradient, int threads);

}  // namespace sersnake
