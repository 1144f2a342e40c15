#pragma once

#include <cstdint>

#include "fd.h"

namespace nsx {

// Asks rtnetlink(7) which number our network namespace gives to another one. One of these a thread.
class NsidSocket {
 public:
  // 0 or an errno; *nsid is -1 where none is assigned. Asking assigns none.
  int ask(int netNs, int32_t* nsid);

 private:
  Fd socket_;
};

}  // namespace nsx
