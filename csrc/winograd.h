// Convolution over time by five weights, four outputs at once, after Winograd: F(4, 5).
//
// Four outputs take eight inputs d, and y = A^T [(G g) * (B^T d)] takes eight products in place of
// twenty; A, B and G belong to the points 0, 1, -1, 2, -2, 1/2, -1/2 and infinity (Lavin and Gray,
// "Fast Algorithms for Convolutional Neural Networks", 2016). Here are B^T and A^T, and what turns
// gradients back through them; the products are matrix products, which the caller makes.
//
// Maps are (strips, rows, columns, channels) as in norm_pool.h, with a multiple of four columns and
// of sixteen channels. A tile is four columns; the points of all tiles are (8, strips * tiles, rows,
// channels). An input tile begins two columns before its output's. Threads share the strips.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sersnake {

constexpr int kTileColumns = 4;
constexpr int kPoints = 8;
constexpr int kColumnsBefore = 2;
constexpr int kChannelUnit = 16;

// The tiles of one strip.
struct Tiles {
  std::int64_t rows, count, channels;
  std::int64_t between;  // values between two points of a tile
};

// What a build does with a strip.
struct WinogradPath {
  const char* name;  // that of a Path
  void (*inputs)(const Tiles&, const float* maps, float* points);
  void (*outputs)(const Tiles&, const float* points, float* maps);
  // Gradients: of the inputs of `inputs`, and of the points that `outputs` took.
  void (*inputs_back)(const Tiles&, const float* points, float* maps);
  void (*outputs_back)(const Tiles&, const float* maps, float* points);
};

// Best first, only those that this processor runs.
const std::vector<WinogradPath>& winograd_paths();

struct WinogradShape {
  std::int64_t strips, rows, columns, channels;
};

// Fills points from maps (inputs, outputs_back), or maps from points (outputs, inputs_back).
enum class Transform { inputs, outputs, inputs_back, outputs_back };
bool fills_points(Transform transform);
void winograd(const WinogradPath& path, Transform transform, const WinogradShape& shape,
              float* maps, float* points, int threads);

}  // namespace sersnake
