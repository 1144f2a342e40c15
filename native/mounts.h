#pragma once

#include <cstdint>
#include <string>

namespace nsx {

// How listmount(2) and statmount(2) are told of which mount namespace: by a descriptor (Linux 6.18)
// or by its id (Linux 6.11); both 0: the caller's own.
struct MountNamespace {
  uint32_t fd;
  uint64_t id;
};

// Appends a `struct statmount` of each mount of a namespace file; 0 or an errno.
int readNsfsMounts(const MountNamespace& which, std::string* bytes);

// The mount point of one of these, empty where it cannot be reached from the root; moves `at` on to
// the next.
std::string nextMountPoint(const std::string& bytes, size_t* at);

}  // namespace nsx
