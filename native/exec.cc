#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uv.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>
#include <utility>
#include <vector>

#include "errors.h"
#include "exports.h"
#include "fd.h"
#include "proc.h"

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

namespace nsx {
namespace {

constexpr unsigned kCloseRangeCloexec = 0x4;  // Linux 5.11

// O_NONBLOCK belongs to the open file, which whoever started us has, too. It is taken away only
// where it has come since the addon was loaded: by a stream of Node's, then.
using StatusFlags = std::array<int, 3>;
const StatusFlags kAtLoad = {fcntl(0, F_GETFL), fcntl(1, F_GETFL), fcntl(2, F_GETFL)};

int setDescriptorFlag(int fd, bool closeOnExec) {
  return fcntl(fd, F_SETFD, closeOnExec ? FD_CLOEXEC : 0) == 0 ? 0 : errno;
}

int closeRestOnExec() {
  if (syscall(SYS_close_range, 3u, ~0u, kCloseRangeCloexec) == 0) return 0;
  const Fd descriptors(open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!descriptors) return errno;
  return forEachName(descriptors.get(), [](const char* name) {
    const std::optional<int32_t> fd = parseName(name);
    if (fd && *fd > 2) setDescriptorFlag(*fd, true);
  });
}

// What Node did to the process and exec does not undo by itself. What is changed for that is put
// back at the end, which is reached only where exec failed: Node is to tell of it.
//
// Handlers go with exec; only what is ignored would stay so. Node had set all signals to default
// when it started, so whatever its parent had ignored is not known any more.
class Undoing {
 public:
  Undoing() = default;
  Undoing(const Undoing&) = delete;
  Undoing& operator=(const Undoing&) = delete;
  ~Undoing();

  // 0 or an errno; all of `inherited` are open.
  int undo(const std::vector<int>& inherited);

 private:
  int pass(int fd);
  void block(int fd);
  void heed(int signal);

  std::vector<int> passed_;
  std::vector<std::pair<int, int>> unblocked_;
  std::vector<int> heeded_;
  sigset_t mask_;
  bool unmasked_ = false;
};

int Undoing::undo(const std::vector<int>& inherited) {
  if (const int error = closeRestOnExec()) return error;
  for (const int fd : {0, 1, 2}) {
    if (const int error = pass(fd); error != 0 && error != EBADF) return error;
    block(fd);
  }
  for (const int fd : inherited) {
    if (const int error = pass(fd)) return error;
  }
  // As Node's own end would do.
  uv_tty_reset_mode();
  for (int signal = 1; signal <= SIGRTMAX; signal++) heed(signal);
  sigset_t none;
  sigemptyset(&none);
  // Of this thread alone, whose mask is the one that exec keeps.
  unmasked_ = sigprocmask(SIG_SETMASK, &none, &mask_) == 0;
  return unmasked_ ? 0 : errno;
}

Undoing::~Undoing() {
  if (unmasked_) sigprocmask(SIG_SETMASK, &mask_, nullptr);
  for (const int number : heeded_) signal(number, SIG_IGN);
  for (const auto& [fd, flags] : unblocked_) fcntl(fd, F_SETFL, flags);
  for (const int fd : passed_) setDescriptorFlag(fd, true);
}

int Undoing::pass(int fd) {
  const int flags = fcntl(fd, F_GETFD);
  if (flags < 0) return errno;
  if ((flags & FD_CLOEXEC) == 0) return 0;
  passed_.push_back(fd);
  return setDescriptorFlag(fd, false);
}

void Undoing::block(int fd) {
  const int before = kAtLoad[static_cast<size_t>(fd)];
  const int now = fcntl(fd, F_GETFL);
  if (before < 0 || now < 0 || (now & ~before & O_NONBLOCK) == 0) return;
  if (fcntl(fd, F_SETFL, now & ~O_NONBLOCK) == 0) unblocked_.emplace_back(fd, now);
}

void Undoing::heed(int number) {
  struct sigaction action;
  if (sigaction(number, nullptr, &action) != 0 || action.sa_handler != SIG_IGN) return;
  if (signal(number, SIG_DFL) != SIG_ERR) heeded_.push_back(number);
}

std::vector<int> descriptorsOf(const Napi::Int32Array& array) {
  return std::vector<int>(array.Data(), array.Data() + array.ElementLength());
}

}  // namespace

// exec(program, plan, keep): runs the program that the descriptor `program` is in place of this
// process, with the number of the descriptor `plan` as its only argument and no environment. It has
// descriptors 0 to 2, `plan` and `keep`. Throws, or never comes back.
Napi::Value exec(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int program = info[0].As<Napi::Number>();
  const int plan = info[1].As<Napi::Number>();
  std::vector<int> inherited = descriptorsOf(info[2].As<Napi::Int32Array>());
  inherited.push_back(plan);
  for (const int fd : inherited) {
    if (fcntl(fd, F_GETFD) >= 0) continue;
    throwErrno(env, errno, "fcntl", "descriptor " + std::to_string(fd));
    return env.Undefined();
  }
  std::string name = "nsx-exec";
  std::string number = std::to_string(plan);
  char* arguments[] = {name.data(), number.data(), nullptr};
  char* environment[] = {nullptr};
  const char* syscall = "fcntl";
  int error = 0;
  {
    Undoing node;
    error = node.undo(inherited);
    if (error == 0) {
      syscall = "execveat";
      ::syscall(SYS_execveat, program, "", arguments, environment, AT_EMPTY_PATH);
      error = errno;
    }
  }
  throwErrno(env, error, syscall, name);
  return env.Undefined();
}

}  // namespace nsx
