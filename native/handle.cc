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
  return process + "/fd/" + DecimalName(handle.fd).get();
}

int openFile(int procRoot, const Handle& handle, bool readable) {
  if (handle.kind == HandleKind::kMount) return openCached(handle.name.c_str());
  // A file that is no namespace is never opened in earnest: a FIFO or a terminal would act on it,
  // or wait.
  const int flags = (readable ? O_RDONLY | O_NONBLOCK | O_NOCTTY : O_PATH) | O_CLOEXEC;
  if (handle.kind == HandleKind::kPath) return open(handle.name.c_str(), flags);
  return openat(procRoot, processFile(handle).c_str(), flags);
}

}  // namespace

int locate(const Place& place, const Handle& handle, Located* located) {
  // A link in PID/ns leads to nsfs and nowhere else.
  located->readable = handle.kind == HandleKind::kLink;
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
  const std::string path = "/proc/self/fd/" + std::to_string(located->file.get());
  Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return errno;
  located->file = std::move(file);
  located->readable = true;
  return 0;
}

}  // namespace nsx
