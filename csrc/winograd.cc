#include "winograd.h"

#include <cstring>

#include "extract.h"
#include "threads.h"

namespace sersnake {

#if defined(__x86_64__) || defined(_M_X64)
extern const WinogradPath kWinogradAvx512;
extern const WinogradPath kWinogradAvx2;
#endif
extern const WinogradPath kWinogradBaseline;

namespace {

std::vector<WinogradPath> find_paths() {
  std::vector<WinogradPath> paths;
  for (const Path& path : supported_paths()) {
#if defined(__x86_64__) || defined(_M_X64)
    if (std::strcmp(path.name, "avx512") == 0) paths.push_back(kWinogradAvx512);
    if (std::strcmp(path.name, "avx2") == 0) paths.push_back(kWinogradAvx2);
#endif
    if (std::strcmp(path.name, "baseline") == 0) paths.push_back(kWinogradBaseline);
  }
  return paths;
}

}  // namespace

const std::vector<WinogradPath>& winograd_paths() {
  static const std::vector<WinogradPath> paths = find_paths();
  return paths;
}

bool fills_points(Transform transform) {
  return transform == Transform::inputs || transform == Transform::outputs_back;
}

void winograd(const WinogradPath& path, Transform transform, const WinogradShape& shape,
              float* maps, float* points, int threads) {
  const std::int64_t tiles = shape.columns / kTileColumns;
  const std::int64_t row = shape.rows * shape.channels;
  const Tiles strip{shape.rows, tiles, shape.channels, shape.strips * tiles * row};
  for_each_piece(shape.strips, threads, [&](std::int64_t i) {
    float* map = maps + i * shape.columns * row;
    float* point = points + i * tiles * row;
    switch (transform) {
      case Transform::inputs: return path.inputs(strip, map, point);
      case Transform::outputs: return path.outputs(strip, point, map);
      case Transform::inputs_back: return path.inputs_back(strip, point, map);
      case Transform::outputs_back: return path.outputs_back(strip, map, point);
    }
  });
}

}  // namespace sersnake
