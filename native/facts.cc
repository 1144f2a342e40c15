#include "facts.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "columns.h"
#include "nsfs.h"
#include "proc.h"

namespace nsx {

bool Described::has(uint32_t inum) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return inums_.count(inum) != 0;
}

bool Described::claim(uint32_t inum) {
  const std::lock_guard<std::mutex> lock(mutex_);
  return inums_.insert(inum).second;
}

int namespaceInum(int ns, uint32_t* inum) {
  Identity file;
  const int error = identify(ns, "", &file);
  *inum = static_cast<uint32_t>(file.inode);
  return error;
}

void Describer::describe(Fd ns, uint32_t inum) {
  if (!described_->claim(inum)) return;
  pending_.push_back({std::move(ns), inum});
  while (!pending_.empty()) {
    const Open open = std::move(pending_.back());
    pending_.pop_back();
    facts_.push_back(ask(open));
  }
}

Facts Describer::ask(const Open& open) {
  const int ns = open.ns.get();
  Facts facts;
  facts.inum = open.inum;
  const int type = ioctl(ns, kNsGetNsType);
  if (type > 0) facts.type = static_cast<uint32_t>(type);
  // Fails on a kernel without ids only (ENOTTY).
  if (ioctl(ns, kNsGetId, &facts.id) != 0) facts.id = 0;
  facts.ownerErrno = askRelated(ns, kNsGetUserns, &lastOwner_, &facts.owner);
  if (facts.type == kCloneNewPid || facts.type == kCloneNewUser) {
    facts.parentErrno = askRelated(ns, kNsGetParent, &lastParent_, &facts.parent);
  }
  if (facts.type == kCloneNewUser && ioctl(ns, kNsGetOwnerUid, &facts.ownerUid) != 0) {
    facts.ownerUidErrno = static_cast<uint8_t>(errno);
  }
  if (facts.type == kCloneNewNet && wantNsid_) {
    facts.nsidErrno = static_cast<uint8_t>(nsids_.ask(ns, &facts.nsid));
  }
  return facts;
}

uint8_t Describer::askRelated(int ns, unsigned long request, Open* last, uint32_t* inum) {
  Fd related(ioctl(ns, request));
  if (!related) return static_cast<uint8_t>(errno);
  const int error = namespaceInum(related.get(), inum);
  if (error != 0 || *inum == last->inum) return static_cast<uint8_t>(error);
  *last = {Fd(fcntl(related.get(), F_DUPFD_CLOEXEC, 0)), *inum};
  if (described_->claim(*inum)) pending_.push_back({std::move(related), *inum});
  return 0;
}

Napi::Object factColumns(Napi::Env env, std::vector<Facts> facts) {
  std::sort(facts.begin(), facts.end(),
            [](const Facts& a, const Facts& b) { return a.inum < b.inum; });
  Napi::Object columns = Napi::Object::New(env);
  const auto add = [&](const char* name, auto array, auto Facts::*member) {
    using Array = decltype(array);
    columns.Set(name, column<Array>(env, facts.size(), [&](size_t i) { return facts[i].*member; }));
  };
  add("inums", Napi::Uint32Array(), &Facts::inum);
  add("types", Napi::Uint32Array(), &Facts::type);
  add("ids", Napi::BigUint64Array(), &Facts::id);
  add("owners", Napi::Uint32Array(), &Facts::owner);
  add("ownerErrnos", Napi::Uint8Array(), &Facts::ownerErrno);
  add("parents", Napi::Uint32Array(), &Facts::parent);
  add("parentErrnos", Napi::Uint8Array(), &Facts::parentErrno);
  add("ownerUids", Napi::Uint32Array(), &Facts::ownerUid);
  add("ownerUidErrnos", Napi::Uint8Array(), &Facts::ownerUidErrno);
  add("nsids", Napi::Int32Array(), &Facts::nsid);
  add("nsidErrnos", Napi::Uint8Array(), &Facts::nsidErrno);
  return columns;
}

}  // namespace nsx
