#include "exports.h"

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  exports.Set("listPids", Napi::Function::New(env, nsx::listPids, "listPids"));
  exports.Set("scan", Napi::Function::New(env, nsx::scan, "scan"));
  exports.Set("converse", Napi::Function::New(env, nsx::converse, "converse"));
  exports.Set("read", Napi::Function::New(env, nsx::read, "read"));
  exports.Set("describe", Napi::Function::New(env, nsx::describe, "describe"));
  exports.Set("socketNamespaces",
              Napi::Function::New(env, nsx::socketNamespaces, "socketNamespaces"));
  exports.Set("inside", Napi::Function::New(env, nsx::inside, "inside"));
  exports.Set("peerNsids", Napi::Function::New(env, nsx::peerNsids, "peerNsids"));
  exports.Set("statmounts", Napi::Function::New(env, nsx::statmounts, "statmounts"));
  exports.Set("mountNamespaces", Napi::Function::New(env, nsx::mountNamespaces, "mountNamespaces"));
  exports.Set("listNamespaces", Napi::Function::New(env, nsx::listNamespaces, "listNamespaces"));
  exports.Set("pidIn", Napi::Function::New(env, nsx::pidIn, "pidIn"));
  exports.Set("userName", Napi::Function::New(env, nsx::userName, "userName"));
  exports.Set("sealedMemory", Napi::Function::New(env, nsx::sealedMemory, "sealedMemory"));
  exports.Set("readOnlyMount", Napi::Function::New(env, nsx::readOnlyMount, "readOnlyMount"));
  exports.Set("exec", Napi::Function::New(env, nsx::exec, "exec"));
  return exports;
}

}  // namespace

NODE_API_MODULE(nsx, init)
