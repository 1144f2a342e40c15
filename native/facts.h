#pragma once

#include <napi.h>

#include <cstdint>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "fd.h"
#include "nsid.h"

namespace nsx {

struct Facts {
  uint32_t inum = 0;
  uint32_t type = 0;  // CLONE_NEW* bit
  uint64_t id = 0;    // 0: the kernel has none
  uint32_t owner = 0;
  uint32_t parent = 0;
  uint32_t ownerUid = 0;
  int32_t nsid = -1;  // -1: none assigned, or not asked
  uint8_t ownerErrno = 0;
  uint8_t parentErrno = 0;
  uint8_t ownerUidErrno = 0;
  uint8_t nsidErrno = 0;
};

// Which namespaces some thread of this call describes already.
class Described {
 public:
  bool has(uint32_t inum);
  // True for the first who asks.
  bool claim(uint32_t inum);

 private:
  std::mutex mutex_;
  std::unordered_set<uint32_t> inums_;
};

// The inode of an open namespace file; 0 or an errno.
int namespaceInum(int ns, uint32_t* inum);

// Asks nsfs, on one thread.
class Describer {
 public:
  Describer(Described* described, bool wantNsid) : described_(described), wantNsid_(wantNsid) {}

  // Describes the namespace and all owners and parents that nobody has described. These are known
  // only by the descriptors that nsfs gives of them, so they are asked while these are open.
  void describe(Fd ns, uint32_t inum);

  const std::vector<Facts>& facts() const { return facts_; }

 private:
  struct Open {
    Fd ns;
    uint32_t inum = 0;
  };
  Facts ask(const Open& open);
  uint8_t askRelated(int ns, unsigned long request, Open* last, uint32_t* inum);

  Described* described_;
  bool wantNsid_;
  NsidSocket nsids_;
  std::vector<Open> pending_;
  // The last ones told. Nearly all namespaces have the same: while it is held open, nsfs need not
  // make its inode anew for each, nor need the other threads be asked whether they have it.
  Open lastOwner_;
  Open lastParent_;
  std::vector<Facts> facts_;
};

// {inums, types, ids, owners, parents, ownerUids, nsids, and an …Errnos for the last four},
// ascending by inode.
Napi::Object factColumns(Napi::Env env, std::vector<Facts> facts);

}  // namespace nsx
