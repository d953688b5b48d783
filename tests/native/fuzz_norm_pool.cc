// Fuzz target: any bytes are maps, a mask and gradients, and norm_pool keeps its promises.
//
// Promises: nothing reads or writes out of bounds (the sanitizers watch), a winner counts, what a
// mask excludes gets zeros, threads do not change a bit, and all instruction sets agree. Built and
// run by tests/native/run.sh.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "norm_pool.h"

namespace {

using namespace sersnake;

void require(bool condition, const char* promise) {
  if (condition) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

// Reads the input round and round.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  int next() { return size_ == 0 ? 0 : data_[at_++ % size_]; }
  // A number that bfloat16 holds, from -4 to 4.
  float number() { return (next() - 128) / 32.0f; }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

// Numbers in exactly the memory that they need.
std::vector<char> make_elements(Bytes& bytes, Element element, std::size_t count) {
  std::vector<char> memory(count * (element == Element::float32 ? 4 : 2));
  for (std::size_t i = 0; i < count; ++i) {
    const float value = bytes.number();
    char parts[4];
    std::memcpy(parts, &value, 4);
    if (element == Element::float32) std::memcpy(&memory[4 * i], parts, 4);
    else std::memcpy(&memory[2 * i], parts + 2, 2);
  }
  return memory;
}

std::vector<float> to_floats(const std::vector<char>& memory, Element element) {
  const std::size_t size = element == Element::float32 ? 4 : 2;
  std::vector<float> values(memory.size() / size);
  for (std::size_t i = 0; i < values.size(); ++i)
    std::memcpy(reinterpret_cast<char*>(&values[i]) + 4 - size, &memory[size * i], size);
  return values;
}

struct Results {
  Moments moments;
  std::vector<char> out, gradient;
  std::vector<std::uint8_t> winner;
  std::vector<float> gammas, betas;
};

Results compute(const NormPoolPath& path, const Maps& y, const std::vector<char>& gradient,
                const std::vector<float>& vector, float floor, int threads) {
  const std::size_t values = y.strips * y.rows * y.columns * y.channels;
  const std::size_t pooled = y.strips * ((y.rows + 1) / 2) * (y.columns / 2) * y.channels;
  Results r{masked_moments(path, y, threads),
            std::vector<char>(pooled * y.element_size()),
            std::vector<char>(values * y.element_size()),
            std::vector<std::uint8_t>(pooled),
            std::vector<float>(y.channels),
            std::vector<float>(y.channels)};
  norm_pool(path, y, vector.data(), vector.data(), floor, r.out.data(), r.winner.data(),
            threads);
  const std::int64_t count = std::max<std::int64_t>(1, r.moments.count);
  norm_pool_backward(path, y, {gradient.data(), r.winner.data()},
                     {r.moments.mean.data(), vector.data(), vector.data(), count},
                     r.gradient.data(), r.gammas.data(), r.betas.data(), threads);
  return r;
}

bool same(const std::vector<float>& a, const std::vector<float>& b) {
  return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

void check_close(const std::vector<float>& a, const std::vector<float>& b, double tolerance) {
  double largest = 1;
  for (float value : a) largest = std::max(largest, std::fabs(double(value)));
  for (std::size_t i = 0; i < a.size(); ++i)
    require(std::fabs(double(a[i]) - b[i]) <= tolerance * largest, "instruction sets agree");
}

void check_mask(const Maps& y, const Results& r) {
  const std::vector<float> gradient = to_floats(r.gradient, y.element);
  const std::int64_t row = y.columns * y.channels;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const std::int64_t strip = i / (y.rows * row), column = i % row / y.channels;
    if (y.mask[strip * y.columns + column] == 0) require(gradient[i] == 0, "a gap has no gradient");
  }
  const std::int64_t pooled_row = row / 2;
  for (std::size_t i = 0; i < r.winner.size(); ++i) {
    if (r.winner[i] == kNoWinner) continue;
    const std::int64_t strip = i / ((y.rows + 1) / 2 * pooled_row);
    const std::int64_t f = i / pooled_row % ((y.rows + 1) / 2) * 2 + r.winner[i] / 2;
    const std::int64_t column = i % pooled_row / y.channels * 2 + r.winner[i] % 2;
    require(r.winner[i] < kNoWinner && f < y.rows, "a winner lies in its window");
    require(y.mask[strip * y.columns + column] != 0, "a winner counts");
  }
}

// Without a floor some position of every window that counts wins.
void check_winners(const Maps& y, const Results& r) {
  const std::int64_t half = y.columns / 2, rows = (y.rows + 1) / 2;
  for (std::size_t i = 0; i < r.winner.size(); ++i) {
    const std::int64_t window = i / y.channels, strip = window / (rows * half);
    const std::uint8_t* columns = y.mask + strip * y.columns + window % half * 2;
    require((r.winner[i] != kNoWinner) == (columns[0] || columns[1]), "a window has a winner");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(data, size);
  Maps y{};
  y.strips = 1 + bytes.next() % 4;
  y.rows = 1 + bytes.next() % 5;
  y.columns = 2 * (bytes.next() % 40);
  y.channels = 1 + bytes.next() % 70;
  y.element = bytes.next() % 2 == 0 ? Element::float32 : Element::bfloat16;
  const float floor = bytes.next() % 2 == 0 ? 0.0f : -INFINITY;
  std::vector<std::uint8_t> mask(y.strips * y.columns);
  for (std::uint8_t& column : mask) column = bytes.next() % 4 != 0;
  const std::size_t pooled = y.strips * ((y.rows + 1) / 2) * (y.columns / 2) * y.channels;
  const auto maps = make_elements(bytes, y.element, y.strips * y.rows * y.columns * y.channels);
  const auto gradient = make_elements(bytes, y.element, pooled);
  std::vector<float> vector(y.channels);
  for (float& value : vector) value = bytes.number();
  y.data = maps.data();
  y.mask = mask.data();

  std::vector<Results> all;
  for (const NormPoolPath& path : norm_pool_paths()) {
    Results one = compute(path, y, gradient, vector, floor, 1);
    const Results three = compute(path, y, gradient, vector, floor, 3);
    const bool moments = same(one.moments.mean, three.moments.mean) &&
                         same(one.moments.var, three.moments.var);
    const bool vectors = same(one.gammas, three.gammas) && same(one.betas, three.betas);
    require(moments && vectors && one.out == three.out && one.winner == three.winner &&
                one.gradient == three.gradient,
            "threads agree");
    check_mask(y, one);
    if (floor < 0) check_winners(y, one);
    all.push_back(std::move(one));
  }
  for (const Results& r : all) {
    require(r.moments.count == all[0].moments.count, "positions are counted");
    check_close(all[0].moments.mean, r.moments.mean, 1e-5);
    check_close(all[0].moments.var, r.moments.var, 1e-5);
    check_close(to_floats(all[0].out, y.element), to_floats(r.out, y.element), 1e-2);
  }
  return 0;
}
