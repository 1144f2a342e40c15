#include <algorithm>
#include <vector>

#include "errors.h"
#include "exports.h"
#include "proc.h"

namespace nsx {

// listPids(procRoot): Int32Array of all thread groups, ascending.
Napi::Value listPids(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string procRoot = info[0].As<Napi::String>();
  const Fd root(open(procRoot.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!root) {
    throwErrno(env, errno, "open", procRoot);
    return env.Undefined();
  }
  std::vector<int32_t> pids;
  const int error = forEachName(root.get(), [&](const char* name) {
    const std::optional<int32_t> pid = parseName(name);
    if (pid && *pid > 0) pids.push_back(*pid);
  });
  if (error != 0) {
    throwErrno(env, error, "getdents64", procRoot);
    return env.Undefined();
  }
  // procfs gives them in this order, another directory in any.
  std::sort(pids.begin(), pids.end());
  Napi::Int32Array result = Napi::Int32Array::New(env, pids.size());
  std::copy(pids.begin(), pids.end(), result.Data());
  return result;
}

}  // namespace nsx
