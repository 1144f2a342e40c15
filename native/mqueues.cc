#include "mqueues.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>

#include "fd.h"
#include "nsfs.h"
#include "proc.h"
#include "whole_file.h"

namespace nsx {
namespace {

// A line (ipc/mqueue.c).
constexpr size_t kMostStatusBytes = 4096;

// A mount of its mqueue file system that is in no mount namespace, so it takes no setns(2) into
// one.
int mountDetached(Fd* mount) {
  const Fd context(static_cast<int>(syscall(kSysFsopen, "mqueue", kFsopenCloexec)));
  if (!context) return errno;
  if (syscall(kSysFsconfig, context.get(), kFsconfigCmdCreate, nullptr, nullptr, 0) != 0) {
    return errno;
  }
  *mount = Fd(static_cast<int>(syscall(kSysFsmount, context.get(), kFsmountCloexec, 0u)));
  return *mount ? 0 : errno;
}

}  // namespace

int listMqueues(std::string* answer) {
  Fd mount;
  if (const int error = mountDetached(&mount)) return error;
  const Fd directory(openat(mount.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return errno;
  int failure = 0;
  const int error = forEachName(directory.get(), [&](const char* name) {
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) return;
    const size_t before = answer->size();
    answer->append(name, strlen(name) + 1);
    const int status = appendWhole(directory.get(), name, kMostStatusBytes, answer);
    answer->push_back('\0');
    if (status == 0) return;
    answer->resize(before);
    // Removed meanwhile.
    if (status != ENOENT && failure == 0) failure = status;
  });
  return error != 0 ? error : failure;
}

}  // namespace nsx
