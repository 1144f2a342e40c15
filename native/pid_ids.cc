#include <cerrno>

#include "exports.h"
#include "handle_args.h"
#include "nsfs.h"

namespace nsx {

// pidIn(procRoot, handles of one, pids: Int32Array, from: boolean)
// → {error, pids: Int32Array}: 0 where there is none.
Napi::Value pidIn(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  HandleArgs args;
  if (!readHandleArgs(info, &args)) return env.Undefined();
  const Napi::Int32Array pids = info[2].As<Napi::Int32Array>();
  const unsigned long request =
      info[3].As<Napi::Boolean>() ? kNsGetTgidFromPidns : kNsGetTgidInPidns;
  const size_t count = pids.ElementLength();
  Napi::Int32Array found = Napi::Int32Array::New(env, count);
  Located located;
  int error = openNamespace(args.place, args.handles[0], &located);
  for (size_t i = 0; i < count && error == 0; i++) {
    // The pid is passed as a number, whatever the request's own number says (fs/nsfs.c).
    const int pid = ioctl(located.file.get(), request, pids.Data()[i]);
    if (pid < 0 && errno != ESRCH) error = errno;
    found.Data()[i] = pid < 0 ? 0 : pid;
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("error", Napi::Number::New(env, error));
  result.Set("pids", found);
  return result;
}

}  // namespace nsx
