#include "handle_args.h"

#include "errors.h"
#include "proc.h"

namespace nsx {

std::vector<Handle> toHandles(const Napi::Object& columns) {
  const Napi::Uint8Array kinds = columns.Get("kinds").As<Napi::Uint8Array>();
  const Napi::Array paths = columns.Get("paths").As<Napi::Array>();
  const Napi::Uint32Array inums = columns.Get("inums").As<Napi::Uint32Array>();
  std::vector<Handle> handles;
  handles.reserve(kinds.ElementLength());
  for (uint32_t i = 0; i < kinds.ElementLength(); i++) {
    handles.push_back({static_cast<HandleKind>(kinds.Data()[i]),
                       paths.Get(i).As<Napi::String>().Utf8Value(), inums.Data()[i]});
  }
  return handles;
}

bool readHandleArgs(const Napi::CallbackInfo& info, HandleArgs* args) {
  args->procRoot = info[0].As<Napi::String>();
  args->place.procRoot = args->procRoot;
  args->handles = toHandles(info[1].As<Napi::Object>());
  const int error = nsfsDevice(args->procRoot, &args->place.nsfs);
  if (error != 0) throwErrno(info.Env(), error, "statx", args->procRoot + "/self/ns");
  return error == 0;
}

int openNamespace(const Place& place, const Handle& handle, Located* located) {
  const int error = locate(place, handle, located);
  return error != 0 ? error : makeReadable(place, located);
}

}  // namespace nsx
