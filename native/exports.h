#pragma once

#include <napi.h>

namespace nsx {

Napi::Value listPids(const Napi::CallbackInfo& info);
Napi::Value scan(const Napi::CallbackInfo& info);
Napi::Value converse(const Napi::CallbackInfo& info);
Napi::Value read(const Napi::CallbackInfo& info);
Napi::Value describe(const Napi::CallbackInfo& info);
Napi::Value socketNamespaces(const Napi::CallbackInfo& info);
Napi::Value inside(const Napi::CallbackInfo& info);
Napi::Value peerNsids(const Napi::CallbackInfo& info);
Napi::Value statmounts(const Napi::CallbackInfo& info);
Napi::Value mountNamespaces(const Napi::CallbackInfo& info);
Napi::Value listNamespaces(const Napi::CallbackInfo& info);
Napi::Value pidIn(const Napi::CallbackInfo& info);
Napi::Value userName(const Napi::CallbackInfo& info);
Napi::Value sealedMemory(const Napi::CallbackInfo& info);
Napi::Value readOnlyMount(const Napi::CallbackInfo& info);
Napi::Value exec(const Napi::CallbackInfo& info);

}  // namespace nsx
