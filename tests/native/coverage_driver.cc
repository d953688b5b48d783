// A small coverage-guided fuzzer, for compilers without libFuzzer (GCC).
//
// Usage: program seconds. The target is compiled with -fsanitize-coverage=trace-pc, so that
// every basic block calls __sanitizer_cov_trace_pc(); inputs that reach new blocks are kept and
// mutated further. A failing input is written to crash-input before the program aborts.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kMapSize = 1 << 16;
using Input = std::vector<std::uint8_t>;

std::uint8_t reached[kMapSize];
thread_local bool tracing = false;
Input current;

void save_and_abort(int) {
  if (FILE* file = std::fopen("crash-input", "wb")) {
    std::fwrite(current.data(), 1, current.size(), file);
    std::fclose(file);
  }
  std::_Exit(1);
}

Input mutate(Input input, std::mt19937& random) {
  const auto below = [&](std::size_t n) { return random() % n; };
  for (std::size_t changes = 1 + below(6); changes > 0; --changes) {
    const std::size_t at = input.empty() ? 0 : below(input.size());
    switch (below(5)) {
      case 0: if (!input.empty()) input[at] = static_cast<std::uint8_t>(random()); break;
      case 1: if (!input.empty()) input[at] ^= 1u << below(8); break;
      case 2: input.insert(input.begin() + at, 1 + below(64), static_cast<std::uint8_t>(random())); break;
      case 3: for (std::size_t i = below(64); i > 0; --i) input.push_back(static_cast<std::uint8_t>(random())); break;
      default: if (input.size() > 1) input.resize(at);
    }
  }
  if (input.size() > 8192) input.resize(8192);
  return input;
}

// Runs the input; whether it reached a block that none did before.
bool finds_new_blocks(const Input& input) {
  static std::uint8_t known[kMapSize];
  current = input;
  tracing = true;
  LLVMFuzzerTestOneInput(input.data(), input.size());
  tracing = false;
  bool found = false;
  for (std::size_t i = 0; i < kMapSize; ++i) {
    found |= reached[i] && !known[i];
    known[i] |= reached[i];
    reached[i] = 0;
  }
  return found;
}

}  // namespace

extern "C" __attribute__((no_sanitize_coverage)) void __sanitizer_cov_trace_pc() {
  if (!tracing) return;
  const auto place = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  reached[(place ^ (place >> 16)) % kMapSize] = 1;
}

int main(int argc, char** argv) {
  const int seconds = argc > 1 ? std::atoi(argv[1]) : 60;
  std::signal(SIGABRT, save_and_abort);
  std::mt19937 random(1);
  std::vector<Input> corpus(1, Input(64, 7));
  long runs = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  for (; std::chrono::steady_clock::now() < end; ++runs) {
    const Input input = mutate(corpus[random() % corpus.size()], random);
    if (finds_new_blocks(input)) corpus.push_back(input);
  }
  std::printf("%ld inputs, %zu kept, no failure\n", runs, corpus.size());
}
