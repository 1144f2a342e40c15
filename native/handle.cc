#include "handle.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include <cerrno>

#include "nsfs.h"
#include "proc.h"

namespace nsx {
namespace {

// A mount point may lie below a dead NFS or FUSE server. RESOLVE_CACHED goes no further than the
// kernel's memory: EAGAIN instead of a wait that may have no end.
int openCached(const char* path) {
  struct {
    uint64_t flags, mode, resolve;
  } how = {O_PATH | O_CLOEXEC, 0, kResolveCached};
  // It also gives up when something else is renamed or mounted meanwhile; that passes.
  for (int attempt = 0;; attempt++) {
    const int fd = static_cast<int>(syscall(kSysOpenat2, AT_FDCWD, path, &how, sizeof how));
    if (fd >= 0) return fd;
    // The kernel is older than openat2 (5.6) or RESOLVE_CACHED (5.12).
    if (errno == ENOSYS || errno == EINVAL) return open(path, O_PATH | O_CLOEXEC);
    if (errno != EAGAIN || attempt == 2) return -1;
  }
}

// Where a process shows the namespace.
std::string processFile(const Handle& handle) {
  const std::string process = DecimalName(handle.pid).get();
  if (handle.kind == HandleKind::kLink) return process + "/ns/" + handle.name;
  if (handle.kind == HandleKind::kForChildren) {
    return process + "/ns/" + handle.name + "_for_children";
  }
  return process + "/fd/" + DecimalName(handle.fd).get();
}

// Whether the pids of this procfs are those that system calls take.
bool isOwnProcfs(int procRoot) {
  char text[16];
  const ssize_t size = readlinkat(procRoot, "self", text, sizeof text - 1);
  if (size <= 0) return false;
  text[size] = '\0';
  return parseName(text) == getpid();
}

// A PID namespace that no process is in yet is shown by no link (pidns_for_children_get()), but a
// pidfd gives it (Linux 6.11).
int openUnborn(int procRoot, int32_t tid) {
  errno = ENOENT;
  if (!isOwnProcfs(procRoot)) return -1;
  const Fd task(static_cast<int>(syscall(kSysPidfdOpen, tid, kPidfdThread)));
  return task ? ioctl(task.get(), kPidfdGetPidForChildren, 0) : -1;
}

int openFile(int procRoot, const Handle& handle, bool readable) {
  if (handle.kind == HandleKind::kMount) return openCached(handle.name.c_str());
  // A file that is no namespace is never opened in earnest: a FIFO or a terminal would act on it,
  // or wait.
  const int flags = (readable ? O_RDONLY | O_NONBLOCK | O_NOCTTY : O_PATH) | O_CLOEXEC;
  if (handle.kind == HandleKind::kPath) return open(handle.name.c_str(), flags);
  const int fd = openat(procRoot, processFile(handle).c_str(), flags);
  const bool unborn = fd < 0 && errno == ENOENT && handle.kind == HandleKind::kForChildren;
  return unborn && handle.name == "pid" ? openUnborn(procRoot, handle.pid) : fd;
}

}  // namespace

int locate(const Place& place, const Handle& handle, Located* located) {
  // A link in PID/ns leads to nsfs and nowhere else.
  located->readable = handle.kind == HandleKind::kLink || handle.kind == HandleKind::kForChildren;
  located->file = Fd(openFile(place.procRoot, handle, located->readable));
  if (!located->file) return errno;
  Identity file;
  const int error = identify(located->file.get(), "", &file);
  if (error != 0) return error;
  if (handle.inum == 0 && file.dev != place.nsfs) return EINVAL;
  if (file.dev != place.nsfs || (handle.inum != 0 && file.inode != handle.inum)) return ESTALE;
  located->inum = static_cast<uint32_t>(file.inode);
  return 0;
}

int makeReadable(const Place& place, Located* located) {
  if (located->readable) return 0;
  // ioctl(2) on an O_PATH descriptor is EBADF, so it is opened again, through our own procfs: still
  // that file.
  const std::string number = std::to_string(located->file.get());
  const std::string path = place.ownFds >= 0 ? number : "/proc/self/fd/" + number;
  Fd file(openat(place.ownFds >= 0 ? place.ownFds : AT_FDCWD, path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return errno;
  located->file = std::move(file);
  located->readable = true;
  return 0;
}

}  // namespace nsx
