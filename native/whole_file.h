#pragma once

#include <cstddef>
#include <string>

namespace nsx {

// Appends a file of the kernel's from its beginning to its end; 0 or an errno. EFBIG: it is longer
// than the limit.
int appendWhole(int directory, const char* name, size_t limit, std::string* bytes);

}  // namespace nsx
