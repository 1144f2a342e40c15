#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>

namespace nsx {

// The cores that we may run on, 32 at the most: beyond that, procfs does not get faster.
unsigned availableCores();

// Runs body(0) ... body(count - 1), each on a thread of its own, and `meanwhile` on this one; waits
// for all. Returns how many could be started: a limit on tasks makes it fewer, and the others are
// not run.
unsigned runOnThreads(
    unsigned count, const std::function<void(unsigned)>& body,
    const std::function<void()>& meanwhile = [] {});

// How many workers `items` are worth: starting a thread costs as much as looking at some processes.
unsigned workersFor(size_t items);

struct Chunk {
  size_t index;
  size_t begin;
  size_t end;
};

constexpr size_t chunkCount(size_t items, size_t chunkSize) {
  return (items + chunkSize - 1) / chunkSize;
}

// Whether the calling thread takes its share. It is worker 0, so it works without any other, too.
enum class Caller { kWorks, kWaits };

// Calls body(worker, chunk) for all chunks; idle workers take the next one, for processes differ
// widely in what they cost.
template <class Body>
void forEachChunk(size_t items, size_t chunkSize, unsigned workers, Body&& body,
                  Caller caller = Caller::kWorks) {
  std::atomic<size_t> next{0};
  const auto work = [&](unsigned worker) {
    for (;;) {
      const size_t index = next.fetch_add(1, std::memory_order_relaxed);
      const size_t begin = index * chunkSize;
      if (begin >= items) return;
      body(worker, Chunk{index, begin, std::min(begin + chunkSize, items)});
    }
  };
  if (caller == Caller::kWaits) {
    if (runOnThreads(std::max(workers, 1U), work) == 0) work(0);
  } else if (workers <= 1) {
    work(0);
  } else {
    runOnThreads(
        workers - 1, [&](unsigned thread) { work(thread + 1); }, [&] { work(0); });
  }
}

}  // namespace nsx
