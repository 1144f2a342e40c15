#include "mounts.h"

#include <sys/syscall.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "exports.h"
#include "handle_args.h"
#include "nsfs.h"
#include "proc.h"

namespace nsx {
namespace {

// struct mnt_id_req of statmount(2) and listmount(2). Before Linux 6.11 it ends with `param`.
struct Request {
  uint32_t size;
  uint32_t namespaceFd;  // Linux 6.18; before, it must be 0
  uint64_t mount;
  uint64_t param;
  uint64_t namespaceId;  // Linux 6.11
};
static_assert(sizeof(Request) == 32);

constexpr uint64_t kRootMount = ~uint64_t{0};  // LSMT_ROOT
constexpr size_t kIdsAtOnce = 512;
constexpr size_t kMostBytes = 64 << 20;

// STATMOUNT_*: SB_BASIC, MNT_BASIC, PROPAGATE_FROM, MNT_ROOT, MNT_POINT, FS_TYPE, MNT_NS_ID,
// MNT_OPTS, FS_SUBTYPE, SB_SOURCE. What the kernel does not know, it leaves out of the answer's
// mask.
constexpr uint64_t kWanted = 0x3ff;
constexpr uint64_t kSuperBlock = 0x1;  // STATMOUNT_SB_BASIC

constexpr uint64_t kNsfsMagic = 0x6e736673;  // statfs(2)
// In struct statmount: f_type, where the mount point begins in the texts, and these.
constexpr size_t kMagicAt = 24, kMountPointAt = 108, kTextsAt = 512;

int listIds(const MountNamespace& which, std::vector<uint64_t>* ids) {
  ids->clear();
  for (;;) {
    uint64_t some[kIdsAtOnce];
    const Request request = {sizeof request, which.fd, kRootMount, ids->empty() ? 0 : ids->back(),
                             which.id};
    const long count = syscall(kSysListmount, &request, some, kIdsAtOnce, 0u);
    if (count < 0) return errno;
    ids->insert(ids->end(), some, some + count);
    if (static_cast<size_t>(count) < kIdsAtOnce) return 0;
  }
}

// Has the kernel say what is `wanted` of one mount.
int statMount(const MountNamespace& which, uint64_t id, uint64_t wanted,
              std::vector<char>* buffer) {
  const Request request = {sizeof request, which.fd, id, wanted, which.id};
  while (syscall(kSysStatmount, &request, buffer->data(), buffer->size(), 0u) != 0) {
    if (errno != EOVERFLOW || buffer->size() > kMostBytes) return errno;
    buffer->resize(buffer->size() * 2);
  }
  return 0;
}

// Appends what the kernel says of one mount; its first 32 bits are its size.
int appendMount(const MountNamespace& which, uint64_t id, std::vector<char>* buffer,
                std::string* bytes) {
  if (const int error = statMount(which, id, kWanted, buffer)) return error;
  uint32_t size;
  memcpy(&size, buffer->data(), sizeof size);
  if (size > buffer->size()) return EBADMSG;
  bytes->append(buffer->data(), size);
  return 0;
}

int readMounts(const MountNamespace& which, std::string* bytes) {
  std::vector<uint64_t> ids;
  if (const int error = listIds(which, &ids)) return error;
  std::vector<char> buffer(4096);
  for (const uint64_t id : ids) {
    const int error = appendMount(which, id, &buffer, bytes);
    // ENOENT: unmounted meanwhile.
    if (error != 0 && error != ENOENT) return error;
    if (bytes->size() > kMostBytes) return EFBIG;
  }
  return 0;
}

bool isOwn(const std::string& procRoot, int ns) {
  Identity own, other;
  const std::string path = procRoot + "/self/ns/mnt";
  return identify(AT_FDCWD, path.c_str(), &own) == 0 && identify(ns, "", &other) == 0 &&
         own.inode == other.inode;
}

int readMountsOf(const std::string& procRoot, int ns, std::string* bytes) {
  if (ioctl(ns, kNsGetNsType) != static_cast<int>(kCloneNewNs)) return EINVAL;
  // Our own needs no name, which every kernel understands that has these calls.
  if (isOwn(procRoot, ns)) return readMounts({0, 0}, bytes);
  int error = readMounts({static_cast<uint32_t>(ns), 0}, bytes);
  if (error != EINVAL) return error;
  uint64_t id;
  if (ioctl(ns, kNsGetMntnsId, &id) != 0) return ENOSYS;
  bytes->clear();
  error = readMounts({0, id}, bytes);
  // The kernel knows no namespaceId (before 6.11).
  if (error == E2BIG) return ENOSYS;
  // It says that there is none to whoever may not look at it; but we hold it open.
  return error == ENOENT ? EPERM : error;
}

bool isNsfs(const std::vector<char>& mount) {
  uint64_t magic;
  memcpy(&magic, mount.data() + kMagicAt, sizeof magic);
  return magic == kNsfsMagic;
}

}  // namespace

int readNsfsMounts(const MountNamespace& which, std::string* bytes) {
  std::vector<uint64_t> ids;
  if (const int error = listIds(which, &ids)) return error;
  std::vector<char> buffer(4096);
  for (const uint64_t id : ids) {
    int error = statMount(which, id, kSuperBlock, &buffer);
    if (error == 0 && isNsfs(buffer)) error = appendMount(which, id, &buffer, bytes);
    // ENOENT: unmounted meanwhile.
    if (error != 0 && error != ENOENT) return error;
    if (bytes->size() > kMostBytes) return EFBIG;
  }
  return 0;
}

std::string nextMountPoint(const std::string& bytes, size_t* at) {
  uint32_t size, point;
  memcpy(&size, bytes.data() + *at, sizeof size);
  memcpy(&point, bytes.data() + *at + kMountPointAt, sizeof point);
  const size_t text = *at + kTextsAt + point;
  *at += size;
  return text < *at ? std::string(bytes.c_str() + text) : std::string();
}

// statmounts(procRoot, handles of one) → Buffer | errno
Napi::Value statmounts(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  HandleArgs args;
  if (!readHandleArgs(info, &args)) return env.Undefined();
  Located located;
  std::string bytes;
  int error = openNamespace(args.place, args.handles[0], &located);
  if (error == 0) error = readMountsOf(args.procRoot, located.file.get(), &bytes);
  if (error != 0) return Napi::Number::New(env, error);
  return Napi::Buffer<char>::Copy(env, bytes.data(), bytes.size());
}

}  // namespace nsx
