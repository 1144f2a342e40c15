#include <vector>

#include "columns.h"
#include "exports.h"
#include "join.h"
#include "nsfs.h"
#include "nsid.h"

namespace nsx {

// peerNsids(procRoot, handles of one, {kinds, paths, inums})
// → {error, nsids: Int32Array, errnos: Uint8Array}: the number that the network namespace gives to
// each of the others, -1: none.
Napi::Value peerNsids(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  HandleArgs args;
  if (!readHandleArgs(info, &args)) return env.Undefined();
  const std::vector<Handle> candidates = toHandles(info[2].As<Napi::Object>());
  std::vector<int32_t> nsids(candidates.size(), -1);
  std::vector<int> errors(candidates.size(), 0);
  const int error = runInside(args, kCloneNewNet, [&] {
    // A netlink socket stays in the network namespace in which it was made.
    NsidSocket socket;
    for (size_t i = 0; i < candidates.size(); i++) {
      Located located;
      errors[i] = openNamespace(args.place, candidates[i], &located);
      if (errors[i] == 0) errors[i] = socket.ask(located.file.get(), &nsids[i]);
    }
  });
  Napi::Object result = Napi::Object::New(env);
  result.Set("error", Napi::Number::New(env, error));
  result.Set("nsids",
             column<Napi::Int32Array>(env, nsids.size(), [&](size_t i) { return nsids[i]; }));
  result.Set("errnos", column<Napi::Uint8Array>(env, errors.size(), [&](size_t i) {
               return static_cast<uint8_t>(errors[i]);
             }));
  return result;
}

}  // namespace nsx
