#pragma once

#include <string>

namespace nsx {

// The POSIX message queues of the calling thread's IPC namespace: `name\0status\0` for each.
// 0 or an errno.
int listMqueues(std::string* answer);

}  // namespace nsx
