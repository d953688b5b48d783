// Threads that share numbered pieces of work.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace sersnake {

// Calls work(i) for every i below count.
template <class Work>
void for_each_piece(std::int64_t count, int threads, const Work& work) {
  std::atomic<std::int64_t> next{0};
  const auto loop = [&] {
    for (std::int64_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::thread> pool;
  for (std::int64_t i = 1; i < std::min<std::int64_t>(threads, count); ++i) pool.emplace_back(loop);
  loop();
  for (std::thread& thread : pool) thread.join();
}

}  // namespace sersnake
