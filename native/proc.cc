#include "proc.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace nsx {

std::optional<int32_t> parseName(const char* name) {
  const char* end = name + strlen(name);
  int32_t value = 0;
  if (*name < '0' || *name > '9' || (*name == '0' && end - name > 1)) return std::nullopt;
  const auto [rest, error] = std::from_chars(name, end, value);
  if (error != std::errc() || rest != end) return std::nullopt;
  return value;
}

int identify(int dirFd, const char* name, Identity* identity) {
  struct statx found;
  const int flags = AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT | (*name == '\0' ? AT_EMPTY_PATH : 0);
  if (statx(dirFd, name, flags, 0, &found) != 0) return errno;
  *identity = {makedev(found.stx_dev_major, found.stx_dev_minor), found.stx_ino,
               makedev(found.stx_rdev_major, found.stx_rdev_minor), found.stx_size, found.stx_mode};
  return 0;
}

bool isTun(const Identity& file) {
  return S_ISCHR(file.mode) && major(file.rdev) == 10 && minor(file.rdev) == 200;
}

int nsfsDevice(const std::string& procRoot, dev_t* device) {
  int error = ENOENT;
  // Our own /proc does as well: there is one nsfs. A procfs of another PID namespace has no `self`.
  for (const std::string& root : {procRoot, std::string("/proc")}) {
    // Any of them: a kernel may be built without some types.
    for (const char* type : {"mnt", "net", "pid", "uts", "ipc", "user", "cgroup", "time"}) {
      Identity identity;
      error = identify(AT_FDCWD, (root + "/self/ns/" + type).c_str(), &identity);
      if (error == 0) {
        *device = identity.dev;
        return 0;
      }
    }
  }
  return error;
}

int sockfsDevice(dev_t* device) {
  const Fd own(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!own) return errno;
  Identity identity;
  const int error = identify(own.get(), "", &identity);
  if (error == 0) *device = identity.dev;
  return error;
}

}  // namespace nsx
