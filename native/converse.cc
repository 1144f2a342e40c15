#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "errors.h"
#include "exports.h"
#include "fd.h"

namespace nsx {
namespace {

struct Pipe {
  Fd read, write;

  bool open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read = Fd(ends[0]);
    write = Fd(ends[1]);
    return true;
  }
};

int64_t nowMs() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

// A child with these as its standard input and output, and without environment and errors.
int start(const std::string& program, int input, int output, pid_t* pid) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  char* const argv[] = {const_cast<char*>(program.c_str()), nullptr};
  char* const none[] = {nullptr};
  const int error = posix_spawn(pid, program.c_str(), &actions, nullptr, argv, none);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Gives what it takes, until all is given; then its input ends.
void give(Fd* to, const std::string& input, size_t* at) {
  const ssize_t put = write(to->get(), input.data() + *at, input.size() - *at);
  if (put > 0) *at += static_cast<size_t>(put);
  // It wants no more: what is missing in its answers says so.
  if (*at == input.size() || (put < 0 && errno != EAGAIN && errno != EINTR)) to->reset();
}

// 0: the output has ended. ETIMEDOUT: it was silent for too long, or took too long in all.
int exchange(Fd* to, const Fd& from, const std::string& input, int silenceMs, int mostMs,
             std::string* output) {
  const int64_t end = nowMs() + mostMs;
  size_t given = 0;
  char buffer[64 * 1024];
  for (;;) {
    pollfd polled[] = {{from.get(), POLLIN, 0}, {to->get(), POLLOUT, 0}};
    const int64_t left = std::min<int64_t>(silenceMs, end - nowMs());
    const int ready = left <= 0 ? 0 : poll(polled, 2, static_cast<int>(left));
    if (ready < 0 && errno == EINTR) continue;
    if (ready < 0) return errno;
    if (ready == 0) return ETIMEDOUT;
    if (*to && polled[1].revents != 0) give(to, input, &given);
    if (polled[0].revents == 0) continue;
    const ssize_t size = ::read(from.get(), buffer, sizeof buffer);
    if (size > 0) output->append(buffer, static_cast<size_t>(size));
    if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) return size < 0 ? errno : 0;
  }
}

// Whoever we become is not to inherit a dead child. One that hangs in the kernel does not even die:
// it is left to itself.
void endChild(pid_t pid) {
  constexpr int kDyingMs = 100;
  kill(pid, SIGKILL);
  for (int64_t end = nowMs() + kDyingMs;;) {
    const pid_t ended = waitpid(pid, nullptr, WNOHANG);
    if (ended == pid || (ended < 0 && errno != EINTR) || nowMs() > end) return;
    const timespec pause{0, 200000};
    nanosleep(&pause, nullptr);
  }
}

int converse(const std::string& program, const std::string& input, int silenceMs, int mostMs,
             std::string* output) {
  Pipe there, back;
  if (!there.open() || !back.open()) return errno;
  pid_t pid;
  const int error = start(program, there.read.get(), back.write.get(), &pid);
  if (error != 0) return error;
  there.read.reset();
  back.write.reset();
  fcntl(there.write.get(), F_SETFL, O_NONBLOCK);
  fcntl(back.read.get(), F_SETFL, O_NONBLOCK);
  const int result = exchange(&there.write, back.read, input, silenceMs, mostMs, output);
  endChild(pid);
  return result;
}

}  // namespace

// (program, input, silenceMs, mostMs) → {bytes, error}: runs it, gives it the input, and reads what
// it says until it has ended, was silent for so long, or took so long in all. It is gone then.
Napi::Value converse(const Napi::CallbackInfo& info) {
  const std::string program = info[0].As<Napi::String>();
  const auto input = info[1].As<Napi::Uint8Array>();
  const std::string bytes(reinterpret_cast<const char*>(input.Data()), input.ByteLength());
  std::string output;
  const int error = converse(program, bytes, info[2].As<Napi::Number>().Int32Value(),
                             info[3].As<Napi::Number>().Int32Value(), &output);
  Napi::Object answer = Napi::Object::New(info.Env());
  answer.Set("bytes", Napi::Buffer<char>::Copy(info.Env(), output.data(), output.size()));
  answer.Set("error", error);
  return answer;
}

}  // namespace nsx
