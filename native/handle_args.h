#pragma once

#include <napi.h>

#include <string>
#include <vector>

#include "handle.h"

namespace nsx {

// What each call on namespaces begins with: (procRoot, {kinds, pids, fds, names, inums, texts},
// ...).
struct HandleArgs {
  std::string procRoot;
  Fd root;
  Place place{-1, 0};
  std::vector<Handle> handles;
};

// False: an error was thrown to JavaScript.
bool readHandleArgs(const Napi::CallbackInfo& info, HandleArgs* args);

// One more list of handles.
std::vector<Handle> toHandles(const Napi::Object& columns);

// Opens a namespace file that is fit for ioctl_nsfs(2); 0 or an errno.
int openNamespace(const Place& place, const Handle& handle, Located* located);

}  // namespace nsx
