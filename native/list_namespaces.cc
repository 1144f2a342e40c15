#include <fcntl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "columns.h"
#include "exports.h"
#include "facts.h"
#include "fd.h"
#include "nsfs.h"

namespace nsx {
namespace {

constexpr size_t kIdsAtOnce = 4096;

// struct ns_id_req of listns(2).
struct Request {
  uint32_t size;
  uint32_t spare;
  uint64_t after;  // those with a greater id
  uint32_t types;  // 0: all
  uint32_t spare2;
  uint64_t userNamespace;  // 0: of any
};
static_assert(sizeof(Request) == 32);

// struct file_handle with a struct nsfs_file_handle.
struct NsHandle {
  uint32_t bytes = 16;
  int32_t type = kFileIdNsfs;
  uint64_t id;
  uint32_t nsType = 0;  // 0: any (Linux 6.19)
  uint32_t inum = 0;
};
static_assert(sizeof(NsHandle) == 24);

// ENOSYS: before Linux 6.19.
int listIds(std::vector<uint64_t>* ids) {
  for (;;) {
    uint64_t some[kIdsAtOnce];
    const Request request = {sizeof request, 0, ids->empty() ? 0 : ids->back(), 0, 0, 0};
    const long count = syscall(kSysListns, &request, some, kIdsAtOnce, 0u);
    // So it says that there are no more.
    if (count < 0) return errno == ENOENT ? 0 : errno;
    if (count == 0) return 0;
    ids->insert(ids->end(), some, some + count);
  }
}

int describeId(uint64_t id, Describer* describer, uint32_t* inum) {
  NsHandle handle;
  handle.id = id;
  Fd ns(
      static_cast<int>(syscall(SYS_open_by_handle_at, kFdNsfsRoot, &handle, O_RDONLY | O_CLOEXEC)));
  if (!ns) return errno;
  const int error = namespaceInum(ns.get(), inum);
  if (error == 0) describer->describe(std::move(ns), *inum);
  return error;
}

}  // namespace

// listNamespaces() → errno | {inums, errnos, facts}: one for each namespace that the kernel lists.
Napi::Value listNamespaces(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::vector<uint64_t> ids;
  if (const int error = listIds(&ids)) return Napi::Number::New(env, error);
  Described described;
  Describer describer(&described, false);
  std::vector<uint32_t> inums(ids.size(), 0);
  std::vector<int> errors(ids.size(), 0);
  for (size_t i = 0; i < ids.size(); i++) {
    errors[i] = describeId(ids[i], &describer, &inums[i]);
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("inums",
             column<Napi::Uint32Array>(env, inums.size(), [&](size_t i) { return inums[i]; }));
  result.Set("errnos", column<Napi::Uint8Array>(env, errors.size(), [&](size_t i) {
               return static_cast<uint8_t>(errors[i]);
             }));
  result.Set("facts", factColumns(env, describer.facts()));
  return result;
}

}  // namespace nsx
