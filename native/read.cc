#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "columns.h"
#include "errors.h"
#include "exports.h"
#include "proc.h"
#include "workers.h"

namespace nsx {
namespace {

constexpr size_t kChunkSize = 16;

struct Text {
  uint32_t size;
  uint8_t error;
};

// The texts of one chunk, one after the other, in the order of `texts`.
struct Texts {
  std::vector<Text> texts;
  std::string bytes;
};

struct File {
  const char* name;
  size_t limit;
};

// Appends the first `limit` bytes of a file. Reads until there is no more: how much procfs gives in
// one go is its own affair.
int appendFile(int directory, const File& file, std::string* bytes) {
  const Fd fd(openat(directory, file.name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) return errno;
  char buffer[4096];
  for (size_t left = file.limit; left > 0;) {
    const ssize_t size = ::read(fd.get(), buffer, std::min(left, sizeof buffer));
    if (size < 0) return errno;
    if (size == 0) break;
    bytes->append(buffer, static_cast<size_t>(size));
    left -= static_cast<size_t>(size);
  }
  return 0;
}

void readProcess(int procRoot, int32_t pid, const std::vector<File>& files, Texts* texts) {
  const Fd process(openat(procRoot, DecimalName(pid).get(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  const int opened = process ? 0 : errno;
  for (const File& file : files) {
    const size_t before = texts->bytes.size();
    const int error = opened != 0 ? opened : appendFile(process.get(), file, &texts->bytes);
    if (error != 0) texts->bytes.resize(before);
    texts->texts.push_back(
        {static_cast<uint32_t>(texts->bytes.size() - before), static_cast<uint8_t>(error)});
  }
}

}  // namespace

// read(procRoot, pids: Int32Array, status: boolean, cmdlineBytes: number, cgroup: boolean)
//   → {bytes, sizes, errnos}
// For each pid `stat`, then `status`, `cmdline` and `cgroup` where asked: their bytes in one
// Buffer, one after the other, and the size or errno of each.
Napi::Value read(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string procRoot = info[0].As<Napi::String>();
  const Napi::Int32Array pidArray = info[1].As<Napi::Int32Array>();
  const bool wantStatus = info[2].As<Napi::Boolean>();
  const uint32_t cmdlineBytes = info[3].As<Napi::Number>().Uint32Value();
  const bool wantCgroup = info[4].As<Napi::Boolean>();
  const Fd root(open(procRoot.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) {
    throwErrno(env, errno, "open", procRoot);
    return env.Undefined();
  }
  constexpr size_t kWhole = std::numeric_limits<size_t>::max();
  std::vector<File> files = {{"stat", kWhole}};
  if (wantStatus) files.push_back({"status", kWhole});
  if (cmdlineBytes > 0) files.push_back({"cmdline", cmdlineBytes});
  if (wantCgroup) files.push_back({"cgroup", kWhole});

  const size_t count = pidArray.ElementLength();
  const int32_t* pids = pidArray.Data();
  std::vector<Texts> chunks(chunkCount(count, kChunkSize));
  forEachChunk(count, kChunkSize, workersFor(count), [&](unsigned, const Chunk& chunk) {
    for (size_t i = chunk.begin; i < chunk.end; i++) {
      readProcess(root.get(), pids[i], files, &chunks[chunk.index]);
    }
  });

  size_t total = 0;
  std::vector<Text> texts;
  texts.reserve(count * files.size());
  for (const Texts& chunk : chunks) {
    total += chunk.bytes.size();
    texts.insert(texts.end(), chunk.texts.begin(), chunk.texts.end());
  }
  Napi::Buffer<char> bytes = Napi::Buffer<char>::New(env, total);
  char* at = bytes.Data();
  for (const Texts& chunk : chunks) at = std::copy(chunk.bytes.begin(), chunk.bytes.end(), at);
  Napi::Object result = Napi::Object::New(env);
  result.Set("bytes", bytes);
  result.Set("sizes",
             column<Napi::Uint32Array>(env, texts.size(), [&](size_t i) { return texts[i].size; }));
  result.Set("errnos",
             column<Napi::Uint8Array>(env, texts.size(), [&](size_t i) { return texts[i].error; }));
  return result;
}

}  // namespace nsx
