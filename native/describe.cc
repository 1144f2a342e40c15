#include <deque>
#include <string>
#include <vector>

#include "errors.h"
#include "exports.h"
#include "facts.h"
#include "handle.h"
#include "proc.h"
#include "workers.h"

namespace nsx {
namespace {

constexpr size_t kChunkSize = 16;

int describeHandle(const Place& place, const Handle& handle, Described* described,
                   Describer* describer, uint32_t* inum) {
  Located located;
  int error = locate(place, handle, &located);
  if (error == 0 && !described->has(located.inum)) {
    error = makeReadable(place, &located);
    if (error == 0) describer->describe(std::move(located.file), located.inum);
  }
  if (error == 0) *inum = located.inum;
  return error;
}

std::vector<Handle> toHandles(const Napi::CallbackInfo& info) {
  const Napi::Uint8Array kinds = info[1].As<Napi::Uint8Array>();
  const Napi::Array paths = info[2].As<Napi::Array>();
  const Napi::Uint32Array inums = info[3].As<Napi::Uint32Array>();
  std::vector<Handle> handles;
  handles.reserve(kinds.ElementLength());
  for (uint32_t i = 0; i < kinds.ElementLength(); i++) {
    handles.push_back({static_cast<HandleKind>(kinds.Data()[i]),
                       paths.Get(i).As<Napi::String>().Utf8Value(), inums.Data()[i]});
  }
  return handles;
}

}  // namespace

// describe(procRoot, kinds: Uint8Array, paths: string[], inums: Uint32Array, nsid: boolean)
// → {inums, errnos, facts}
Napi::Value describe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Place place{info[0].As<Napi::String>(), 0};
  const std::vector<Handle> handles = toHandles(info);
  const bool wantNsid = info[4].As<Napi::Boolean>();
  const int error = nsfsDevice(place.procRoot, &place.nsfs);
  if (error != 0) {
    throwErrno(env, error, "statx", place.procRoot + "/self/ns");
    return env.Undefined();
  }
  Napi::Uint32Array inums = Napi::Uint32Array::New(env, handles.size());
  Napi::Uint8Array errnos = Napi::Uint8Array::New(env, handles.size());
  uint32_t* inumData = inums.Data();
  uint8_t* errnoData = errnos.Data();
  const unsigned workers = workersFor(handles.size());
  Described described;
  std::deque<Describer> describers;
  for (unsigned i = 0; i < workers; i++) describers.emplace_back(&described, wantNsid);
  forEachChunk(handles.size(), kChunkSize, workers, [&](unsigned worker, const Chunk& chunk) {
    for (size_t i = chunk.begin; i < chunk.end; i++) {
      errnoData[i] = static_cast<uint8_t>(
          describeHandle(place, handles[i], &described, &describers[worker], &inumData[i]));
    }
  });

  std::vector<Facts> facts;
  for (const Describer& describer : describers) {
    facts.insert(facts.end(), describer.facts().begin(), describer.facts().end());
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("inums", inums);
  result.Set("errnos", errnos);
  result.Set("facts", factColumns(env, std::move(facts)));
  return result;
}

}  // namespace nsx
