#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "fd.h"

namespace nsx {

// How a namespace file may be opened; the numbers are those of `HANDLE_KINDS` in
// src/host/handles.ts.
enum class HandleKind : uint8_t { kLink, kDescriptor, kMount, kPath, kForChildren };

struct Handle {
  HandleKind kind;
  int32_t pid;       // of a link, descriptor or for-children: the task
  int32_t fd;        // of a descriptor
  std::string name;  // of a link or for-children: its type; of a mount or path: where it is
  uint32_t inum;     // what it must turn out to be; 0: any
};

struct Place {
  int procRoot;
  dev_t nsfs;
  int ownFds = -1;  // /proc/self/fd, where that is out of sight
};

// A namespace that was found behind a handle. `file` is an O_PATH descriptor unless `readable`.
struct Located {
  Fd file;
  bool readable = false;
  uint32_t inum = 0;
};

// Finds out which namespace it is, without opening anything that is none; 0 or an errno.
// ESTALE: another namespace than expected, or none. EINVAL: none, where none was expected.
int locate(const Place& place, const Handle& handle, Located* located);

// Makes what was located fit for ioctl_nsfs(2); 0 or an errno.
int makeReadable(const Place& place, Located* located);

}  // namespace nsx
