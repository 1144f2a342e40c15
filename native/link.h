#pragma once

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string>

namespace nsx {

// Where a task shows its namespace of one type.
struct LinkName {
  std::string name;    // net
  std::string prefix;  // net:[
};

// The inode of `net:[4026531840]`; 0 where the text is anything else.
inline uint32_t parseLink(const char* text, size_t size, const std::string& prefix) {
  if (size <= prefix.size() + 1 || text[size - 1] != ']') return 0;
  if (memcmp(text, prefix.data(), prefix.size()) != 0) return 0;
  uint32_t inum = 0;
  const char* end = text + size - 1;
  const auto [rest, error] = std::from_chars(text + prefix.size(), end, inum);
  return error == std::errc() && rest == end ? inum : 0;
}

// Reads a link of the directory `links`; 0 or an errno.
inline int readLink(int links, const LinkName& link, uint32_t* inum) {
  char text[64];
  const ssize_t size = readlinkat(links, link.name.c_str(), text, sizeof text);
  if (size < 0) return errno;
  // What Linux 5.10 shows to whoever may not trace the process: no error, but no text.
  if (size == 0) return EACCES;
  *inum = parseLink(text, static_cast<size_t>(size), link.prefix);
  return *inum == 0 ? EINVAL : 0;
}

}  // namespace nsx
