#include <deque>
#include <vector>

#include "exports.h"
#include "facts.h"
#include "handle_args.h"
#include "workers.h"

namespace nsx {
namespace {

constexpr size_t kChunkSize = 16;

int describeHandle(const Place& place, const Handle& handle, Described* described,
                   Describer* describer, uint32_t* inum) {
  Located located;
  int error = locate(place, handle, &located);
  // What is open for reading already is claimed at once.
  if (error == 0 && (located.readable || !described->has(located.inum))) {
    error = makeReadable(place, &located);
    if (error == 0) describer->describe(std::move(located.file), located.inum);
  }
  if (error == 0) *inum = located.inum;
  return error;
}

}  // namespace

// describe(procRoot, {kinds, pids, fds, names, inums, texts}, nsid: boolean) → {inums, errnos,
// facts}
Napi::Value describe(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  HandleArgs args;
  if (!readHandleArgs(info, &args)) return env.Undefined();
  const std::vector<Handle>& handles = args.handles;
  const bool wantNsid = info[2].As<Napi::Boolean>();
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
          describeHandle(args.place, handles[i], &described, &describers[worker], &inumData[i]));
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
