// winograd.h for one strip. Included by every networks_*.cc.
#pragma once

#include "lanes.h"
#include "winograd.h"

namespace {

using sersnake::kColumnsBefore;
using sersnake::kPoints;
using sersnake::kTileColumns;
using sersnake::Tiles;

// B^T: eight inputs to the points 0, 1, -1, 2, -2, 1/2, -1/2, infinity.
inline void to_points(const Vec (&d)[kPoints], Vec (&v)[kPoints]) {
  v[0] = d[6] - d[0] + 5.25f * (d[2] - d[4]);
  v[7] = d[7] - d[1] + 5.25f * (d[3] - d[5]);
  const Vec even1 = d[2] + d[6] - 4.25f * d[4], odd1 = d[1] + d[5] - 4.25f * d[3];
  v[1] = even1 + odd1;
  v[2] = even1 - odd1;
  const Vec even2 = d[6] + 0.25f * d[2] - 1.25f * d[4];
  const Vec odd2 = 0.5f * d[1] - 2.5f * d[3] + 2.0f * d[5];
  v[3] = even2 + odd2;
  v[4] = even2 - odd2;
  const Vec even3 = d[6] + 4.0f * d[2] - 5.0f * d[4];
  const Vec odd3 = 2.0f * d[1] - 2.5f * d[3] + 0.5f * d[5];
  v[5] = even3 + odd3;
  v[6] = even3 - odd3;
}

// B: the gradient of the eight inputs.
inline void from_points(const Vec (&v)[kPoints], Vec (&d)[kPoints]) {
  const Vec even1 = v[1] + v[2], odd1 = v[1] - v[2];
  const Vec even2 = v[3] + v[4], odd2 = v[3] - v[4];
  const Vec even3 = v[5] + v[6], odd3 = v[5] - v[6];
  d[0] = -v[0];
  d[1] = odd1 + 0.5f * odd2 + 2.0f * odd3 - v[7];
  d[2] = even1 + 0.25f * even2 + 4.0f * even3 + 5.25f * v[0];
  d[3] = 5.25f * v[7] - 4.25f * odd1 - 2.5f * (odd2 + odd3);
  d[4] = -5.25f * v[0] - 4.25f * even1 - 1.25f * even2 - 5.0f * even3;
  d[5] = odd1 + 2.0f * odd2 + 0.5f * odd3 - 5.25f * v[7];
  d[6] = v[0] + even1 + even2 + even3;
  d[7] = v[7];
}

// A^T: the products at the points to four outputs.
inline void to_outputs(const Vec (&m)[kPoints], Vec (&y)[kTileColumns]) {
  const Vec even1 = m[1] + m[2], odd1 = m[1] - m[2];
  const Vec even2 = m[3] + m[4], odd2 = m[3] - m[4];
  const Vec even3 = m[5] + m[6], odd3 = m[5] - m[6];
  y[0] = m[0] + even1 + even2 + even3;
  y[1] = odd1 + 2.0f * odd2 + 0.5f * odd3;
  y[2] = even1 + 4.0f * even2 + 0.25f * even3;
  y[3] = odd1 + 8.0f * odd2 + 0.125f * odd3 + m[7];
}

// A: the gradient of the products.
inline void from_outputs(const Vec (&y)[kTileColumns], Vec (&m)[kPoints]) {
  const Vec even1 = y[0] + y[2], odd1 = y[1] + y[3];
  const Vec even2 = y[0] + 4.0f * y[2], odd2 = 2.0f * y[1] + 8.0f * y[3];
  const Vec even3 = y[0] + 0.25f * y[2], odd3 = 0.5f * y[1] + 0.125f * y[3];
  m[0] = y[0];
  m[1] = even1 + odd1;
  m[2] = even1 - odd1;
  m[3] = even2 + odd2;
  m[4] = even2 - odd2;
  m[5] = even3 + odd3;
  m[6] = even3 - odd3;
  m[7] = y[3];
}

// Calls visit(first column of the tile, where its row of maps begins, where its points begin) for
// every tile, row and register of channels.
template <class Visit>
inline void for_tiles(const Tiles& s, const Visit& visit) {
  const std::int64_t columns = s.count * kTileColumns;
  for (std::int64_t t = 0; t < s.count; ++t)
    for (std::int64_t f = 0; f < s.rows; ++f)
      for (std::int64_t c = 0; c < s.channels; c += kLanes)
        visit(t * kTileColumns, f * columns * s.channels + c, (t * s.rows + f) * s.channels + c);
}

void winograd_inputs(const Tiles& s, const float* maps, float* points) {
  const std::int64_t columns = s.count * kTileColumns;
  for_tiles(s, [&](std::int64_t column, std::int64_t row, std::int64_t at) {
    Vec d[kPoints], v[kPoints];
    for (int k = 0; k < kPoints; ++k) {
      const std::int64_t from = column - kColumnsBefore + k;
      d[k] = from < 0 || from >= columns ? zero() : load(maps + row + from * s.channels);
    }
    to_points(d, v);
    for (int p = 0; p < kPoints; ++p) store(points + at + p * s.between, v[p]);
  });
}

void winograd_outputs(const Tiles& s, const float* points, float* maps) {
  for_tiles(s, [&](std::int64_t column, std::int64_t row, std::int64_t at) {
    Vec m[kPoints], y[kTileColumns];
    for (int p = 0; p < kPoints; ++p) m[p] = load(points + at + p * s.between);
    to_outputs(m, y);
    for (int k = 0; k < kTileColumns; ++k) store(maps + row + (column + k) * s.channels, y[k]);
  });
}

// Tiles overlap: what a tile adds to the next one's first columns waits there for it.
void winograd_inputs_back(const Tiles& s, const float* points, float* maps) {
  const std::int64_t columns = s.count * kTileColumns;
  for_tiles(s, [&](std::int64_t column, std::int64_t row, std::int64_t at) {
    Vec v[kPoints], d[kPoints];
    for (int p = 0; p < kPoints; ++p) v[p] = load(points + at + p * s.between);
    from_points(v, d);
    for (int k = 0; k < kPoints; ++k) {
      const std::int64_t to = column - kColumnsBefore + k;
      if (to < 0 || to >= columns) continue;
      float* place = maps + row + to * s.channels;
      const bool waits = k < kTileColumns && column > 0;
      store(place, waits ? load(place) + d[k] : d[k]);
    }
  });
}

void winograd_outputs_back(const Tiles& s, const float* maps, float* points) {
  for_tiles(s, [&](std::int64_t column, std::int64_t row, std::int64_t at) {
    Vec y[kTileColumns], m[kPoints];
    for (int k = 0; k < kTileColumns; ++k) y[k] = load(maps + row + (column + k) * s.channels);
    from_outputs(y, m);
    for (int p = 0; p < kPoints; ++p) store(points + at + p * s.between, m[p]);
  });
}

constexpr sersnake::WinogradPath winograd_path(const char* name) {
  return {name, winograd_inputs, winograd_outputs, winograd_inputs_back, winograd_outputs_back};
}

}  // namespace
