#include "handle_args.h"

#include "errors.h"
#include "proc.h"

namespace nsx {
namespace {

std::vector<std::string> toStrings(const Napi::Array& array) {
  std::vector<std::string> strings;
  strings.reserve(array.Length());
  for (uint32_t i = 0; i < array.Length(); i++) {
    strings.push_back(array.Get(i).As<Napi::String>().Utf8Value());
  }
  return strings;
}

}  // namespace

std::vector<Handle> toHandles(const Napi::Object& columns) {
  const Napi::Uint8Array kinds = columns.Get("kinds").As<Napi::Uint8Array>();
  const Napi::Int32Array pids = columns.Get("pids").As<Napi::Int32Array>();
  const Napi::Int32Array fds = columns.Get("fds").As<Napi::Int32Array>();
  const Napi::Uint32Array names = columns.Get("names").As<Napi::Uint32Array>();
  const Napi::Uint32Array inums = columns.Get("inums").As<Napi::Uint32Array>();
  const std::vector<std::string> texts = toStrings(columns.Get("texts").As<Napi::Array>());
  std::vector<Handle> handles;
  handles.reserve(kinds.ElementLength());
  for (size_t i = 0; i < kinds.ElementLength(); i++) {
    handles.push_back({static_cast<HandleKind>(kinds.Data()[i]), pids.Data()[i], fds.Data()[i],
                       texts[names.Data()[i]], inums.Data()[i]});
  }
  return handles;
}

bool readHandleArgs(const Napi::CallbackInfo& info, HandleArgs* args) {
  args->procRoot = info[0].As<Napi::String>();
  args->root = Fd(open(args->procRoot.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!args->root) {
    throwErrno(info.Env(), errno, "open", args->procRoot);
    return false;
  }
  args->place.procRoot = args->root.get();
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
