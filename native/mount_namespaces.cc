#include <fcntl.h>
#include <sched.h>

#include <cerrno>
#include <string>
#include <vector>

#include "columns.h"
#include "errors.h"
#include "exports.h"
#include "facts.h"
#include "handle.h"
#include "mounts.h"
#include "nsfs.h"
#include "proc.h"
#include "workers.h"

namespace nsx {
namespace {

// A mount namespace with bind mounts of namespaces.
struct Mounts {
  Fd ns;
  uint32_t inum;
  int error;
  std::string bytes;
};

// Goes through all mount namespaces there are, in the order of their ids.
class Walk {
 public:
  Walk(const std::string& procRoot, const Place& place)
      : procRoot_(procRoot), place_(place), describer_(&described_, false) {}

  // 0 or an errno. EPERM: only root of the initial PID namespace may. ENOTTY: before Linux 6.12.
  int run() {
    Fd at(open((procRoot_ + "/self/ns/mnt").c_str(), O_RDONLY | O_CLOEXEC));
    if (!at) return errno;
    for (;;) {
      Fd previous(step(at, kNsMntGetPrev));
      if (!previous) break;
      at = std::move(previous);
    }
    if (errno != ENOENT) return errno;
    for (;;) {
      Fd next(step(at, kNsMntGetNext));
      const int error = next ? 0 : errno;
      add(std::move(at));
      if (error != 0) return error == ENOENT ? 0 : error;
      at = std::move(next);
    }
  }

  // What the mounts lead to, each from within its mount namespace: whoever goes by /proc/PID/root
  // needs a process there, and a path in it may hang.
  void describeMounted() {
    const Fd ownFds(open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!ownFds) return;
    const Place place = {place_.procRoot, place_.nsfs, ownFds.get()};
    for (const Mounts& each : mounts_) {
      // This thread sees its files from the root of that mount namespace from now on, so it ends.
      runOnThreads(1, [&](unsigned) {
        if (unshare(CLONE_FS) != 0 || setns(each.ns.get(), CLONE_NEWNS) != 0) return;
        for (size_t at = 0; at < each.bytes.size();) {
          describePath(place, nextMountPoint(each.bytes, &at));
        }
      });
    }
  }

  const std::vector<uint32_t>& inums() const { return inums_; }
  const std::vector<Mounts>& mounts() const { return mounts_; }
  std::vector<Facts> facts() const { return describer_.facts(); }

 private:
  static int step(const Fd& from, unsigned long request) {
    MountNsInfo info = {};
    info.size = sizeof info;
    return ioctl(from.get(), request, &info);
  }

  void add(Fd ns) {
    uint32_t inum;
    if (namespaceInum(ns.get(), &inum) != 0) return;
    inums_.push_back(inum);
    Mounts mounts;
    mounts.inum = inum;
    mounts.error = read(ns.get(), &mounts.bytes);
    if (mounts.error != 0 || !mounts.bytes.empty()) {
      mounts.ns = Fd(fcntl(ns.get(), F_DUPFD_CLOEXEC, 0));
      mounts_.push_back(std::move(mounts));
    }
    describer_.describe(std::move(ns), inum);
  }

  static int read(int ns, std::string* bytes) {
    uint64_t id;
    if (ioctl(ns, kNsGetMntnsId, &id) != 0) return errno;
    return readNsfsMounts({0, id}, bytes);
  }

  void describePath(const Place& place, const std::string& path) {
    const Handle handle = {HandleKind::kMount, 0, 0, path, 0};
    Located located;
    if (path.empty() || locate(place, handle, &located) != 0) return;
    if (described_.has(located.inum) || makeReadable(place, &located) != 0) return;
    describer_.describe(std::move(located.file), located.inum);
  }

  const std::string& procRoot_;
  Place place_;
  Described described_;
  Describer describer_;
  std::vector<uint32_t> inums_;
  std::vector<Mounts> mounts_;
};

}  // namespace

// mountNamespaces(procRoot) → errno | {inums: Uint32Array, mounts: {inums: Uint32Array,
// errnos: Uint8Array, bytes: Buffer[]}, facts}: all mount namespaces, the bind mounts of namespaces
// in them (of those that have any), and facts of both.
Napi::Value mountNamespaces(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string procRoot = info[0].As<Napi::String>();
  Place place = {AT_FDCWD, 0};
  if (const int error = nsfsDevice(procRoot, &place.nsfs)) {
    throwErrno(env, error, "statx", procRoot + "/self/ns");
    return env.Undefined();
  }
  Walk walk(procRoot, place);
  if (const int error = walk.run()) return Napi::Number::New(env, error);
  walk.describeMounted();
  const std::vector<Mounts>& mounts = walk.mounts();
  Napi::Object columns = Napi::Object::New(env);
  columns.Set("inums", column<Napi::Uint32Array>(env, mounts.size(),
                                                 [&](size_t i) { return mounts[i].inum; }));
  columns.Set("errnos", column<Napi::Uint8Array>(env, mounts.size(), [&](size_t i) {
                return static_cast<uint8_t>(mounts[i].error);
              }));
  Napi::Array bytes = Napi::Array::New(env, mounts.size());
  for (uint32_t i = 0; i < mounts.size(); i++) {
    bytes[i] = Napi::Buffer<char>::Copy(env, mounts[i].bytes.data(), mounts[i].bytes.size());
  }
  columns.Set("bytes", bytes);
  Napi::Object result = Napi::Object::New(env);
  const std::vector<uint32_t>& inums = walk.inums();
  result.Set("inums",
             column<Napi::Uint32Array>(env, inums.size(), [&](size_t i) { return inums[i]; }));
  result.Set("mounts", columns);
  result.Set("facts", factColumns(env, walk.facts()));
  return result;
}

}  // namespace nsx
