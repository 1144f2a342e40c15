#pragma once

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/types.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "fd.h"

namespace nsx {

// A number as a file name, without allocation.
class DecimalName {
 public:
  explicit DecimalName(int32_t value) {
    *std::to_chars(text_, text_ + sizeof text_ - 1, value).ptr = '\0';
  }
  const char* get() const { return text_; }

 private:
  char text_[16];
};

// The number that a file name is, if it is one as the kernel writes it.
std::optional<int32_t> parseName(const char* name);

// Which file it is, whatever it is.
struct Identity {
  dev_t dev = 0;
  uint64_t inode = 0;
  dev_t rdev = 0;     // of a device
  uint64_t size = 0;  // as far as it is known without asking
  uint16_t mode = 0;
};

// Whether it is /dev/net/tun (Documentation/admin-guide/devices.txt).
bool isTun(const Identity& file);

// Identity of `name` below `dirFd` (the descriptor itself where `name` is empty); 0 or an errno.
//
// Always this, never stat(2): a descriptor of another process may be a file of a FUSE or NFS server
// that does not answer. AT_STATX_DONT_SYNC with an empty mask asks no server.
int identify(int dirFd, const char* name, Identity* identity);

// The device of all namespace files, from the reader's own links; 0 or an errno.
int nsfsDevice(const std::string& procRoot, dev_t* device);

// The device of all sockets, from one of our own; 0 or an errno.
int sockfsDevice(dev_t* device);

// Calls each(name) for the entries of a directory opened for reading; 0 or an errno.
// getdents64(2) itself, because opendir(3) allocates and calls fstat(2) for every directory.
template <class Each>
int forEachName(int dirFd, Each&& each) {
  struct Entry {
    uint64_t inode;
    int64_t offset;
    uint16_t size;
    uint8_t type;
    char name[1];
  };
  alignas(Entry) char buffer[16384];
  for (;;) {
    const long size = syscall(SYS_getdents64, dirFd, buffer, sizeof buffer);
    if (size < 0) return errno;
    if (size == 0) return 0;
    for (long at = 0; at < size;) {
      const Entry* entry = reinterpret_cast<const Entry*>(buffer + at);
      each(static_cast<const char*>(entry->name));
      at += entry->size;
    }
  }
}

}  // namespace nsx
