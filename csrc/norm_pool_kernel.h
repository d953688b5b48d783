// norm_pool.h for one strip. Included by every networks_*.cc.
//
// A block is two registers of channels. Those of float32 lie in the registers as in memory. A
// register of bfloat16 pairs becomes float32 by a shift for the even channels of the block and by
// a mask for the odd ones, on processors that store the low byte first.
#pragma once

#include "lanes.h"
#include "norm_pool.h"

namespace {

using sersnake::kNoWinner;
using sersnake::Pooled;
using sersnake::Slopes;
using sersnake::Strip;

constexpr int kBlock = 2 * kLanes;

typedef std::uint8_t Bytes __attribute__((vector_size(kLanes)));
typedef std::uint8_t BlockBytes __attribute__((vector_size(kBlock)));
typedef std::uint16_t BlockShorts __attribute__((vector_size(2 * kBlock)));
typedef Bits BitsView __attribute__((aligned(1), may_alias));
typedef Bytes BytesView __attribute__((aligned(1), may_alias));
typedef BlockBytes BlockBytesView __attribute__((aligned(1), may_alias));

struct Pair {
  Vec a, b;
};
struct Codes {
  Ints a, b;
};

inline Vec as_floats(Bits bits) { return reinterpret_cast<Vec>(bits); }

struct Float32 {
  using Value = float;

  static Pair load(const float* p) { return {::load(p), ::load(p + kLanes)}; }
  static void store(float* p, Pair v) {
    ::store(p, v.a);
    ::store(p + kLanes, v.b);
  }
  static Codes load_codes(const std::uint8_t* p) {
    return {__builtin_convertvector(*reinterpret_cast<const BytesView*>(p), Ints),
            __builtin_convertvector(*reinterpret_cast<const BytesView*>(p + kLanes), Ints)};
  }
  static void store_codes(std::uint8_t* p, Codes codes) {
    *reinterpret_cast<BytesView*>(p) = __builtin_convertvector(codes.a, Bytes);
    *reinterpret_cast<BytesView*>(p + kLanes) = __builtin_convertvector(codes.b, Bytes);
  }
};

struct Bfloat16 {
  using Value = std::uint16_t;

  static Pair load(const std::uint16_t* p) {
    const Bits both = *reinterpret_cast<const BitsView*>(p);
    return {as_floats(both << 16), as_floats(both & 0xffff0000u)};
  }
  static void store(std::uint16_t* p, Pair v) {
    *reinterpret_cast<BitsView*>(p) = rounded(v.a) >> 16 | (rounded(v.b) & 0xffff0000u);
  }
  static Codes load_codes(const std::uint8_t* p) {
    const auto shorts =
        __builtin_convertvector(*reinterpret_cast<const BlockBytesView*>(p), BlockShorts);
    const Bits both = reinterpret_cast<Bits>(shorts);
    return {reinterpret_cast<Ints>(both & 0xffffu), reinterpret_cast<Ints>(both >> 16)};
  }
  static void store_codes(std::uint8_t* p, Codes codes) {
    const Ints both = codes.a | codes.b << 16;
    *reinterpret_cast<BlockBytesView*>(p) =
        __builtin_convertvector(reinterpret_cast<BlockShorts>(both), BlockBytes);
  }

 private:
  // To nearest, ties to even. The carry must not run through a NaN into the sign.
  static Bits rounded(Vec v) {
    const Bits bits = reinterpret_cast<Bits>(v);
    const Bits sum = bits + (0x7fffu + (bits >> 16 & 1u));
    return v == v ? sum : bits | 0x00400000u;
  }
};

// The same for the `count` channels that are left, of which there may be less than a block.
template <class Element, class Value>
inline Pair load_some(const Value* p, std::int64_t count) {
  if (count >= kBlock) return Element::load(p);
  Value copy[kBlock] = {};
  std::memcpy(copy, p, count * sizeof(Value));
  return Element::load(copy);
}

template <class Element, class Value>
inline void store_some(Value* p, Pair v, std::int64_t count) {
  if (count >= kBlock) return Element::store(p, v);
  Value copy[kBlock];
  Element::store(copy, v);
  std::memcpy(p, copy, count * sizeof(Value));
}

template <class Element>
inline Codes load_some_codes(const std::uint8_t* p, std::int64_t count) {
  if (count >= kBlock) return Element::load_codes(p);
  std::uint8_t copy[kBlock] = {};
  std::memcpy(copy, p, count);
  return Element::load_codes(copy);
}

template <class Element>
inline void store_some_codes(std::uint8_t* p, Codes codes, std::int64_t count) {
  if (count >= kBlock) return Element::store_codes(p, codes);
  std::uint8_t copy[kBlock];
  Element::store_codes(copy, codes);
  std::memcpy(p, copy, count);
}

inline std::int64_t spread_size(const Strip& s) {
  return (s.channels + kBlock - 1) / kBlock * kBlock;
}

// Adds float32 sums to double ones and clears them.
inline void drain(std::int64_t size, float* sums, double* totals) {
  for (std::int64_t c = 0; c < size; ++c) totals[c] += sums[c];
  for (std::int64_t c = 0; c < size; ++c) sums[c] = 0;
}

// Float32 sums are taken over about so many positions.
constexpr std::int64_t kPositionsPerSum = 128;
// Columns whose sums stay in registers before the next block of channels is looked at.
constexpr std::int64_t kColumnsAtOnce = 16;

// Moments of a strip as they grow. Deviations are taken from a pivot near the mean, so that a
// mean that is large beside the deviation costs no digits: the mean so far, at first a value.
struct Growing {
  std::int64_t size;
  double* mean;
  double* squares;
  float* pivot;
  float* sum;
  float* square;
  std::int64_t count = 0;    // of positions in mean and squares
  std::int64_t pending = 0;  // of positions in sum and square

  // Chan, Golub and LeVeque's formula for joining two sets.
  void join() {
    if (pending == 0) return;
    const double each = 1.0 / pending;
    const double share = static_cast<double>(pending) / (count + pending);
    for (std::int64_t c = 0; c < size; ++c) {
      const double excess = sum[c] * each;
      const double distance = pivot[c] + excess - mean[c];
      squares[c] += square[c] - sum[c] * excess + distance * distance * share * count;
      mean[c] += distance * share;
      pivot[c] = static_cast<float>(mean[c]);
      sum[c] = square[c] = 0;
    }
    count += pending;
    pending = 0;
  }
};

template <class Element, class Value>
inline void add_columns(const Value* from, std::int64_t channels, std::int64_t columns,
                        Growing& g) {
  for (std::int64_t c = 0; c < channels; c += kBlock) {
    const Pair pivot = Float32::load(g.pivot + c);
    Pair sum = Float32::load(g.sum + c);
    Pair square = Float32::load(g.square + c);
    for (std::int64_t t = 0; t < columns; ++t) {
      const Pair y = load_some<Element>(from + t * channels + c, channels - c);
      const Vec a = y.a - pivot.a, b = y.b - pivot.b;
      sum.a += a, sum.b += b;
      square.a += a * a, square.b += b * b;
    }
    Float32::store(g.sum + c, sum);
    Float32::store(g.square + c, square);
  }
  g.pending += columns;
  if (g.pending >= kPositionsPerSum) g.join();
}

// The first column from `first` on that counts (or, for Valid = false, that does not).
template <bool Valid>
inline std::int64_t find_column(const Strip& s, std::int64_t first) {
  while (first < s.columns && (s.mask[first] != 0) != Valid) ++first;
  return first;
}

template <class Element>
std::int64_t moments(const Strip& s, double* mean, double* squares, float* scratch) {
  using Value = typename Element::Value;
  const std::int64_t size = spread_size(s);
  const std::int64_t start = find_column<true>(s, 0);
  if (start == s.columns) return 0;
  Growing g{size, mean, squares, scratch, scratch + size, scratch + 2 * size};
  const auto* y = static_cast<const Value*>(s.data);
  for (std::int64_t c = 0; c < s.channels; c += kBlock)
    Float32::store(g.pivot + c, load_some<Element>(y + start * s.channels + c, s.channels - c));
  for (std::int64_t f = 0; f < s.rows; ++f, y += s.columns * s.channels) {
    for (std::int64_t t = start; t < s.columns;) {
      const std::int64_t end = find_column<false>(s, t);
      for (; t < end; t += kColumnsAtOnce)
        add_columns<Element>(y + t * s.channels, s.channels, std::min(end - t, kColumnsAtOnce), g);
      t = find_column<true>(s, end);
    }
  }
  g.join();
  return g.count;
}

// The positions of a window that count: how far each lies from the window's first one, and its
// code 2 * row + column.
struct Window {
  int count = 0;
  std::int64_t offset[4];
  int code[4];
};

// Windows by their rows (1 or 2) and by which of their two columns count (bits).
class Windows {
 public:
  explicit Windows(const Strip& s) {
    for (int rows = 1; rows <= 2; ++rows)
      for (int columns = 0; columns < 4; ++columns)
        for (int code = 0; code < 2 * rows; ++code)
          if (columns >> code % 2 & 1) {
            Window& w = windows_[rows - 1][columns];
            w.offset[w.count] = (code / 2 * s.columns + code % 2) * s.channels;
            w.code[w.count++] = code;
          }
  }
  const Window& at(std::int64_t rows, const std::uint8_t* mask) const {
    return windows_[rows - 1][(mask[0] != 0) + 2 * (mask[1] != 0)];
  }

 private:
  Window windows_[2][4];
};

// Calls visit(window, first position, pooled position, rows, mask of the columns) for every
// window; the positions count values.
template <class Visit>
inline void for_windows(const Strip& s, const Visit& visit) {
  const Windows windows(s);
  std::int64_t pooled = 0;
  for (std::int64_t f = 0; f < s.rows; f += 2) {
    const std::int64_t rows = std::min<std::int64_t>(2, s.rows - f);
    for (std::int64_t t = 0; t < s.columns; t += 2, pooled += s.channels)
      visit(windows.at(rows, s.mask + t), (f * s.columns + t) * s.channels, pooled, rows,
            s.mask + t);
  }
}

// Calls work with the window's count as a constant, which unrolls the loops over its positions.
template <class Work>
inline void with_count(const Window& window, const Work& work) {
  if (window.count == 4) work(std::integral_constant<int, 4>());
  if (window.count == 2) work(std::integral_constant<int, 2>());
  if (window.count == 1) work(std::integral_constant<int, 1>());
}

// Takes v where it is larger; once NaN came, it stays.
inline void take_larger(Vec v, int code, Vec& best, Ints& winner) {
  const Ints taken = ~(v <= best) & (best == best);
  best = taken ? v : best;
  winner = taken ? Ints{} + code : winner;
}

template <class Element>
void pool(const Strip& s, const float* scale, const float* shift, float floor, void* out_memory,
          std::uint8_t* winner) {
  using Value = typename Element::Value;
  const auto* y = static_cast<const Value*>(s.data);
  auto* out = static_cast<Value*>(out_memory);
  const auto visit = [&](const Window& w, std::int64_t first, std::int64_t pooled, std::int64_t,
                         const std::uint8_t*) {
    if (w.count == 0) {
      std::memset(out + pooled, 0, s.channels * sizeof(Value));
      std::memset(winner + pooled, kNoWinner, s.channels);
    }
    with_count(w, [&](auto count) {
      for (std::int64_t c = 0; c < s.channels; c += kBlock) {
        const Pair scales = Float32::load(scale + c), shifts = Float32::load(shift + c);
        Pair best{Vec{} + floor, Vec{} + floor};
        Codes codes{Ints{} + kNoWinner, Ints{} + kNoWinner};
        for (int k = 0; k < count; ++k) {
          const Pair v = load_some<Element>(y + first + w.offset[k] + c, s.channels - c);
          take_larger(v.a * scales.a + shifts.a, w.code[k], best.a, codes.a);
          take_larger(v.b * scales.b + shifts.b, w.code[k], best.b, codes.b);
        }
        store_some<Element>(out + pooled + c, best, s.channels - c);
        store_some_codes<Element>(winner + pooled + c, codes, s.channels - c);
      }
    });
  };
  for_windows(s, visit);
}

template <class Element>
void sums(const Strip& s, const Pooled& in, const float* mean, double* plain, double* centred,
          float* scratch) {
  using Value = typename Element::Value;
  const auto* y = static_cast<const Value*>(s.data);
  const auto* gradient = static_cast<const Value*>(in.gradient);
  const std::int64_t size = spread_size(s);
  float* plain_part = scratch;
  float* centred_part = scratch + size;
  std::int64_t pending = 0;
  const auto visit = [&](const Window& w, std::int64_t first, std::int64_t pooled, std::int64_t,
                         const std::uint8_t*) {
    with_count(w, [&](auto count) {
      for (std::int64_t c = 0; c < s.channels; c += kBlock) {
        const Pair means = Float32::load(mean + c);
        const Codes codes = load_some_codes<Element>(in.winner + pooled + c, s.channels - c);
        const Pair dz = load_some<Element>(gradient + pooled + c, s.channels - c);
        Pair won = means;
        for (int k = 0; k < count; ++k) {
          const Pair v = load_some<Element>(y + first + w.offset[k] + c, s.channels - c);
          won.a = codes.a == w.code[k] ? v.a : won.a;
          won.b = codes.b == w.code[k] ? v.b : won.b;
        }
        const Vec a = codes.a == kNoWinner ? Vec{} : dz.a;
        const Vec b = codes.b == kNoWinner ? Vec{} : dz.b;
        const Pair p = Float32::load(plain_part + c), q = Float32::load(centred_part + c);
        Float32::store(plain_part + c, {p.a + a, p.b + b});
        Float32::store(centred_part + c,
                       {q.a + a * (won.a - means.a), q.b + b * (won.b - means.b)});
      }
    });
    if (++pending < kPositionsPerSum) return;
    drain(size, plain_part, plain);
    drain(size, centred_part, centred);
    pending = 0;
  };
  for_windows(s, visit);
  drain(size, plain_part, plain);
  drain(size, centred_part, centred);
}

// Zeros in the columns of a window that do not count.
template <class Value>
inline void clear_rest(const Strip& s, std::int64_t rows, const std::uint8_t* mask, Value* out) {
  for (std::int64_t column = 0; column < 2; ++column)
    for (std::int64_t row = 0; row < rows && mask[column] == 0; ++row)
      std::memset(out + (row * s.columns + column) * s.channels, 0, s.channels * sizeof(Value));
}

template <class Element>
void gradient(const Strip& s, const Pooled& in, const Slopes& line, void* out_memory) {
  using Value = typename Element::Value;
  const auto* y = static_cast<const Value*>(s.data);
  const auto* gradient = static_cast<const Value*>(in.gradient);
  auto* out = static_cast<Value*>(out_memory);
  const auto visit = [&](const Window& w, std::int64_t first, std::int64_t pooled,
                         std::int64_t rows, const std::uint8_t* mask) {
    if (w.count < 2 * rows) clear_rest(s, rows, mask, out + first);
    with_count(w, [&](auto count) {
      for (std::int64_t c = 0; c < s.channels; c += kBlock) {
        const Pair means = Float32::load(line.mean + c), slopes = Float32::load(line.slope + c);
        const Pair offsets = Float32::load(line.offset + c);
        const Pair factors = Float32::load(line.factor + c);
        const Codes codes = load_some_codes<Element>(in.winner + pooled + c, s.channels - c);
        const Pair dz = load_some<Element>(gradient + pooled + c, s.channels - c);
        const Pair more{dz.a * factors.a, dz.b * factors.b};
        for (int k = 0; k < count; ++k) {
          const std::int64_t at = first + w.offset[k] + c;
          const Pair v = load_some<Element>(y + at, s.channels - c);
          Pair d{(v.a - means.a) * slopes.a + offsets.a, (v.b - means.b) * slopes.b + offsets.b};
          d.a = codes.a == w.code[k] ? d.a + more.a : d.a;
          d.b = codes.b == w.code[k] ? d.b + more.b : d.b;
          store_some<Element>(out + at, d, s.channels - c);
        }
      }
    });
  };
  for_windows(s, visit);
}

template <class Element>
constexpr sersnake::NormPoolOperations kOperations{moments<Element>, pool<Element>, sums<Element>,
                                                   gradient<Element>};

}  // namespace
