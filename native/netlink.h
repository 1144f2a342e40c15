#pragma once

#include <string>

namespace nsx {

// Sends one request to a netlink(7) family of the calling thread's network namespace and collects
// the messages of the answer, one after the other, each padded to NLMSG_ALIGNTO; NLMSG_DONE and
// acknowledgements are left out. 0 or an errno, which may be the kernel's answer.
int askNetlink(int protocol, const std::string& request, std::string* answer);

}  // namespace nsx
