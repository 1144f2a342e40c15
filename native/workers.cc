#include "workers.h"

#include <sched.h>
#include <uv.h>

#include <vector>

namespace nsx {
namespace {

constexpr int kMaxWorkers = 32;
constexpr size_t kWorthAThread = 64;

struct Start {
  const std::function<void(unsigned)>* body;
  unsigned number;
};

void runBody(void* argument) {
  const Start* start = static_cast<const Start*>(argument);
  (*start->body)(start->number);
}

}  // namespace

unsigned availableCores() {
  cpu_set_t cores;
  // Fails on a machine with more than 1,024 possible cores: that is more than enough, too.
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return kMaxWorkers;
  return static_cast<unsigned>(std::clamp(CPU_COUNT(&cores), 1, kMaxWorkers));
}

unsigned workersFor(size_t items) {
  if (items < kWorthAThread) return 1;
  return static_cast<unsigned>(std::min<size_t>(availableCores(), items / (kWorthAThread / 2)));
}

// libuv's threads, which run no loop: std::thread would end the process where none can be started
// (EAGAIN), for it knows only exceptions; pthread_create itself asks for glibc 2.34 once it is
// built there.
unsigned runOnThreads(unsigned count, const std::function<void(unsigned)>& body,
                      const std::function<void()>& meanwhile) {
  std::vector<Start> starts(count);
  std::vector<uv_thread_t> threads;
  threads.reserve(count);
  for (unsigned i = 0; i < count; i++) {
    uv_thread_t thread;
    starts[i] = {&body, i};
    if (uv_thread_create(&thread, runBody, &starts[i]) != 0) break;
    threads.push_back(thread);
  }
  meanwhile();
  for (uv_thread_t& thread : threads) uv_thread_join(&thread);
  return static_cast<unsigned>(threads.size());
}

}  // namespace nsx
