// Fuzz target: any bytes are maps and points, and the transforms keep their promises.
//
// Promises: nothing reads or writes out of bounds (the sanitizers watch), threads do not change a
// bit, all instruction sets agree, and each way back is the adjoint of its transform. Built and run
// by tests/native/run.sh.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "winograd.h"

namespace {

using namespace sersnake;
using Values = std::vector<float>;  // in exactly the memory that they need

void require(bool condition, const char* promise) {
  if (condition) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

struct Arrays {
  Values maps, points;
};

Arrays transformed(const WinogradPath& path, Transform transform, const WinogradShape& shape,
                   Arrays arrays, int threads) {
  winograd(path, transform, shape, arrays.maps.data(), arrays.points.data(), threads);
  return arrays;
}

double product(const Values& a, const Values& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double(a[i]) * b[i];
  return sum;
}

// Values stay below some hundreds, of which float32 leaves out less than this.
void check_close(const Values& a, const Values& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    require(std::fabs(a[i] - b[i]) <= 1e-3, "instruction sets agree");
}

// <B^T x, v> = <x, B v>, and the same of A.
void check_adjoint(const WinogradShape& shape, const Arrays& given, Transform there,
                   Transform back) {
  const WinogradPath& path = winograd_paths().front();
  const Arrays to = transformed(path, there, shape, given, 1);
  const Arrays from = transformed(path, back, shape, given, 1);
  const double left = fills_points(there) ? product(to.points, given.points)
                                          : product(to.maps, given.maps);
  const double right = fills_points(there) ? product(given.maps, from.maps)
                                           : product(given.points, from.points);
  const double size = std::sqrt(product(to.points, to.points) * product(from.maps, from.maps));
  require(std::fabs(left - right) <= 1e-4 * (1 + size), "a way back is the adjoint");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::size_t at = 0;
  const auto next = [&] { return size == 0 ? 0 : int(data[at++ % size]); };
  const WinogradShape shape{1 + next() % 4, 1 + next() % 5, kTileColumns * (next() % 8),
                            kChannelUnit * (1 + next() % 3)};
  const std::size_t values = shape.strips * shape.rows * shape.columns * shape.channels;
  Arrays given{Values(values), Values(kPoints / kTileColumns * values)};
  for (float& value : given.maps) value = (next() - 128) / 32.0f;
  for (float& value : given.points) value = (next() - 128) / 32.0f;
  const Transform all[] = {Transform::inputs, Transform::outputs, Transform::inputs_back,
                           Transform::outputs_back};
  for (Transform transform : all) {
    const Arrays first = transformed(winograd_paths().front(), transform, shape, given, 1);
    const Arrays threaded = transformed(winograd_paths().front(), transform, shape, given, 3);
    require(first.maps == threaded.maps && first.points == threaded.points,
            "threads do not change a bit");
    for (const WinogradPath& path : winograd_paths()) {
      const Arrays other = transformed(path, transform, shape, given, 1);
      check_close(first.maps, other.maps);
      check_close(first.points, other.points);
    }
  }
  check_adjoint(shape, given, Transform::inputs, Transform::inputs_back);
  check_adjoint(shape, given, Transform::outputs, Transform::outputs_back);
  return 0;
}
