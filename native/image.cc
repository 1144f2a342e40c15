#include <fcntl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include "errors.h"
#include "exports.h"
#include "fd.h"

// Numbers that the headers of a build machine may be too old to have.
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

namespace nsx {
namespace {

constexpr unsigned kMfdCloexec = 0x1;
constexpr unsigned kMfdAllowSealing = 0x2;
constexpr unsigned kMfdNoexecSeal = 0x8;  // Linux 6.3
constexpr unsigned kMfdExec = 0x10;       // Linux 6.3
constexpr int kAddSeals = 1033;
constexpr int kEverySeal = 0x1 | 0x2 | 0x4 | 0x8;  // seal, shrink, grow, write

constexpr unsigned kOpenTreeClone = 0x1;
constexpr uint64_t kMountAttrRdonly = 0x1;

struct MountAttr {
  uint64_t set;
  uint64_t clear;
  uint64_t propagation;
  uint64_t userNamespace;
};

int createMemory(const char* name, bool executable) {
  constexpr unsigned flags = kMfdCloexec | kMfdAllowSealing;
  const unsigned more = executable ? kMfdExec : kMfdNoexecSeal;
  const long fd = syscall(SYS_memfd_create, name, flags | more);
  if (fd >= 0 || errno != EINVAL) return static_cast<int>(fd);
  return static_cast<int>(syscall(SYS_memfd_create, name, flags));
}

// The offset stays at the beginning.
int fill(int fd, const uint8_t* bytes, size_t size) {
  for (size_t done = 0; done < size;) {
    const ssize_t written = pwrite(fd, bytes + done, size - done, static_cast<off_t>(done));
    if (written < 0) return errno;
    done += static_cast<size_t>(written);
  }
  return 0;
}

Napi::Value failure(Napi::Env env, int error, const char* syscall, const std::string& path) {
  throwErrno(env, error, syscall, path);
  return env.Undefined();
}

Napi::Value numberOf(Napi::Env env, Fd file, int lowest, const std::string& path) {
  if (file.get() < lowest) {
    Fd higher(fcntl(file.get(), F_DUPFD_CLOEXEC, lowest));
    if (!higher) return failure(env, errno, "fcntl", path);
    file = std::move(higher);
  }
  return Napi::Number::New(env, file.release());
}

}  // namespace

// sealedMemory(name, bytes, executable, lowest): descriptor of a file in memory that nobody, not
// even root, can change any more. Its number is at least `lowest`.
Napi::Value sealedMemory(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string name = info[0].As<Napi::String>();
  const Napi::Uint8Array bytes = info[1].As<Napi::Uint8Array>();
  const bool executable = info[2].As<Napi::Boolean>();
  const int lowest = info[3].As<Napi::Number>();
  Fd memory(createMemory(name.c_str(), executable));
  if (!memory) return failure(env, errno, "memfd_create", name);
  const int error = fill(memory.get(), bytes.Data(), bytes.ByteLength());
  if (error != 0) return failure(env, error, "write", name);
  if (fcntl(memory.get(), kAddSeals, kEverySeal) != 0) return failure(env, errno, "fcntl", name);
  return numberOf(env, std::move(memory), lowest, name);
}

// readOnlyMount(path, lowest): descriptor of that file as a mount of its own, which nobody can
// write through. Its number is at least `lowest`.
Napi::Value readOnlyMount(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string path = info[0].As<Napi::String>();
  const int lowest = info[1].As<Napi::Number>();
  const unsigned flags = kOpenTreeClone | static_cast<unsigned>(O_CLOEXEC);
  Fd tree(static_cast<int>(syscall(SYS_open_tree, AT_FDCWD, path.c_str(), flags)));
  if (!tree) return failure(env, errno, "open_tree", path);
  const MountAttr readOnly = {kMountAttrRdonly, 0, 0, 0};
  if (syscall(SYS_mount_setattr, tree.get(), "", AT_EMPTY_PATH, &readOnly, sizeof readOnly) != 0) {
    return failure(env, errno, "mount_setattr", path);
  }
  return numberOf(env, std::move(tree), lowest, path);
}

}  // namespace nsx
