#include "whole_file.h"

#include <fcntl.h>

#include <cerrno>

#include "fd.h"

namespace nsx {

int appendWhole(int directory, const char* name, size_t limit, std::string* bytes) {
  const Fd fd(openat(directory, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return errno;
  const size_t before = bytes->size();
  char buffer[16384];
  for (;;) {
    const ssize_t size = ::read(fd.get(), buffer, sizeof buffer);
    if (size < 0) return errno;
    if (size == 0) return 0;
    bytes->append(buffer, static_cast<size_t>(size));
    if (bytes->size() - before > limit) return EFBIG;
  }
}

}  // namespace nsx
