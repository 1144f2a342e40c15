#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "columns.h"
#include "errors.h"
#include "exports.h"
#include "facts.h"
#include "nsfs.h"
#include "proc.h"
#include "workers.h"

namespace nsx {
namespace {

// Duplicates that one thread may hold at a time, well below our limit of descriptors.
size_t socketsPerThread() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 16;
  return std::clamp<size_t>(limit.rlim_cur / 2, 1, 256);
}

struct Answer {
  uint32_t inum = 0;
  int error = 0;
};

struct Socket {
  int32_t pid;
  int32_t fd;
  uint64_t inode;
};

// What the threads of one call have found out. A cookie is never reused, so one answer per cookie
// is enough (SO_NETNS_COOKIE, socket(7)).
class Resolved {
 public:
  bool find(uint64_t cookie, Answer* answer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = answers_.find(cookie);
    if (found == answers_.end()) return false;
    *answer = found->second;
    return true;
  }
  void add(uint64_t cookie, const Answer& answer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    answers_.emplace(cookie, answer);
  }
  void addFacts(const std::vector<Facts>& facts) {
    const std::lock_guard<std::mutex> lock(mutex_);
    facts_.insert(facts_.end(), facts.begin(), facts.end());
  }
  const std::vector<Facts>& facts() const { return facts_; }
  Described described;

 private:
  std::mutex mutex_;
  std::unordered_map<uint64_t, Answer> answers_;
  std::vector<Facts> facts_;
};

// Gives the calling thread a table of descriptors of its own, with nothing above 2 in it.
int takeOwnDescriptorTable() {
  if (syscall(kSysCloseRange, 3u, ~0u, kCloseRangeUnshare) == 0) return 0;
  return unshare(CLONE_FILES) == 0 ? 0 : errno;  // before Linux 5.9
}

// Examines sockets of other processes by duplicates (pidfd_getfd(2)), on a thread that must end
// afterwards.
//
// The duplicates are never closed here. Where the owner has closed the socket meanwhile, ours is
// the last reference, and close(2) of it can wait for hours (SO_LINGER, socket(7)). The kernel does
// not linger in a task that is exiting (PF_EXITING in inet_release()): so the thread takes them
// into a table of its own, and its end closes them. pthread_join(3) and the end of the process do
// not wait for that.
class Examiner {
 public:
  // Without the device of sockets, tun devices are expected.
  Examiner(const std::string& procRoot, std::optional<dev_t> sockfs, Resolved* resolved)
      : procRoot_(procRoot),
        sockfs_(sockfs),
        resolved_(resolved),
        describer_(&resolved->described, false) {}

  Answer examine(const Socket& socket) {
    // What became another file meanwhile is not touched: to close even a duplicate of a FUSE file
    // calls its server.
    const std::string path =
        procRoot_ + "/" + std::to_string(socket.pid) + "/fd/" + std::to_string(socket.fd);
    if (const int error = expect(AT_FDCWD, path.c_str(), socket.inode)) return {0, error};
    if (const int error = openProcess(socket.pid)) return {0, error};
    const int duplicate = static_cast<int>(syscall(kSysPidfdGetfd, process_.get(), socket.fd, 0u));
    if (duplicate < 0) return {0, errno};
    if (const int error = expect(duplicate, "", socket.inode)) return {0, error};
    return resolve(duplicate);
  }

  const std::vector<Facts>& facts() const { return describer_.facts(); }

 private:
  int expect(int dirFd, const char* name, uint64_t inode) {
    Identity file;
    if (const int error = identify(dirFd, name, &file)) return error;
    const bool expected = sockfs_ ? file.dev == *sockfs_ : isTun(file);
    return expected && file.inode == inode ? 0 : ESTALE;
  }

  int openProcess(int32_t pid) {
    if (pid == pid_) return pidError_;
    process_ = Fd(static_cast<int>(syscall(kSysPidfdOpen, pid, 0u)));
    // A thread whose leader has exited shows the descriptors of both.
    if (!process_ && errno != ESRCH) {
      process_ = Fd(static_cast<int>(syscall(kSysPidfdOpen, pid, kPidfdThread)));
    }
    pid_ = pid;
    pidError_ = process_ ? 0 : errno;
    return pidError_;
  }

  Answer resolve(int duplicate) {
    uint64_t cookie = 0;
    socklen_t size = sizeof cookie;
    const bool known = getsockopt(duplicate, SOL_SOCKET, kSoNetnsCookie, &cookie, &size) == 0;
    Answer answer;
    if (known && resolved_->find(cookie, &answer)) return answer;
    Fd ns(ioctl(duplicate, kSiocGSkNs));
    // EPERM: takes CAP_NET_ADMIN in the user namespace that owns the network namespace.
    answer.error = ns ? namespaceInum(ns.get(), &answer.inum) : errno;
    if (answer.error == 0) describer_.describe(std::move(ns), answer.inum);
    // What depends on the moment (EMFILE) is no answer for the other sockets.
    if (known && (answer.error == 0 || answer.error == EPERM)) resolved_->add(cookie, answer);
    return answer;
  }

  const std::string& procRoot_;
  std::optional<dev_t> sockfs_;
  Resolved* resolved_;
  Describer describer_;
  Fd process_;
  int32_t pid_ = -1;
  int pidError_ = 0;
};

}  // namespace

// socketNamespaces(procRoot, pids: Int32Array, fds: Int32Array, inodes: Float64Array, tun: boolean)
// → {inums, errnos, facts}
Napi::Value socketNamespaces(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string procRoot = info[0].As<Napi::String>();
  const Napi::Int32Array pids = info[1].As<Napi::Int32Array>();
  const Napi::Int32Array fds = info[2].As<Napi::Int32Array>();
  const Napi::Float64Array inodes = info[3].As<Napi::Float64Array>();
  const size_t count = pids.ElementLength();
  std::vector<Socket> sockets(count);
  for (size_t i = 0; i < count; i++) {
    sockets[i] = {pids.Data()[i], fds.Data()[i], static_cast<uint64_t>(inodes.Data()[i])};
  }
  std::optional<dev_t> sockfs;
  if (!info[4].ToBoolean().Value()) {
    dev_t device;
    if (const int error = sockfsDevice(&device)) {
      throwErrno(env, error, "socket", "");
      return env.Undefined();
    }
    sockfs = device;
  }

  std::vector<Answer> answers(count);
  Resolved resolved;
  const size_t slice = socketsPerThread();
  const auto examineSlice = [&](size_t begin) {
    const size_t end = std::min(begin + slice, count);
    const int error = takeOwnDescriptorTable();
    Examiner examiner(procRoot, sockfs, &resolved);
    for (size_t i = begin; i < end; i++) {
      answers[i] = error != 0 ? Answer{0, error} : examiner.examine(sockets[i]);
    }
    resolved.addFacts(examiner.facts());
  };
  for (size_t begin = 0; begin < count;) {
    const size_t slices = chunkCount(count - begin, slice);
    const unsigned wanted = static_cast<unsigned>(std::min<size_t>(availableCores(), slices));
    const unsigned started =
        runOnThreads(wanted, [&](unsigned thread) { examineSlice(begin + thread * slice); });
    if (started == 0) {
      std::fill(answers.begin() + static_cast<ptrdiff_t>(begin), answers.end(), Answer{0, EAGAIN});
      break;
    }
    begin += started * slice;
  }

  Napi::Object result = Napi::Object::New(env);
  result.Set("inums",
             column<Napi::Uint32Array>(env, count, [&](size_t i) { return answers[i].inum; }));
  result.Set("errnos", column<Napi::Uint8Array>(env, count, [&](size_t i) {
               return static_cast<uint8_t>(answers[i].error);
             }));
  result.Set("facts", factColumns(env, resolved.facts()));
  return result;
}

}  // namespace nsx
