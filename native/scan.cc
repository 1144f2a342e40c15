#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <string>
#include <vector>

#include "columns.h"
#include "errors.h"
#include "exports.h"
#include "link.h"
#include "proc.h"
#include "tasks.h"
#include "workers.h"

namespace nsx {
namespace {

constexpr size_t kChunkSize = 32;

struct Found {
  int32_t pid;
  int32_t fd;
  uint64_t inode;
};

struct Findings {
  std::vector<Found> namespaces;
  std::vector<Found> sockets;
  std::vector<Found> devices;
  std::vector<Found> netFiles;
  std::vector<TaskLink> tasks;
};

// One process, and where to put what it shows.
struct Visit {
  int32_t pid;
  const uint8_t* only;  // of each link, whether it is asked for; null: all are
  uint32_t* inums;
  uint8_t* errnos;
  uint8_t* descriptorErrno;
  TaskErrors* taskErrors;

  bool asks(size_t link) const { return only == nullptr || only[link] != 0; }
};

struct Request {
  int procRoot = -1;
  std::vector<LinkName> links;
  std::optional<dev_t> nsfs;
  std::optional<dev_t> sockfs;
  bool descriptors = false;
  bool devices = false;
  bool netFiles = false;
  TaskRequest tasks;
};

// Whether it is named as the files of /proc/PID/net are: these, and a few others, are told apart
// later. All of them are empty files of a file system without a device.
bool mayBeNetFile(int directory, const char* name, const Identity& file) {
  if (!S_ISREG(file.mode) || file.size != 0 || major(file.dev) != 0) return false;
  char text[4096];
  const ssize_t size = readlinkat(directory, name, text, sizeof text - 1);
  if (size <= 0) return false;
  text[size] = '\0';
  return strstr(text, "/net/") != nullptr;
}

int scanDescriptors(const Request& request, int links, const char* path, int32_t pid,
                    Findings* findings) {
  const Fd directory(openat(links, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return errno;
  int failure = 0;
  const int error = forEachName(directory.get(), [&](const char* name) {
    const std::optional<int32_t> fd = parseName(name);
    if (!fd) return;
    Identity file;
    const int unknown = identify(directory.get(), name, &file);
    if (unknown != 0) {
      // ENOENT: closed meanwhile. Otherwise the directory may be listed, but not looked through.
      if (unknown != ENOENT && failure == 0) failure = unknown;
    } else if (file.dev == request.nsfs) {
      findings->namespaces.push_back({pid, *fd, file.inode});
    } else if (file.dev == request.sockfs) {
      findings->sockets.push_back({pid, *fd, file.inode});
    } else if (request.devices && isTun(file)) {
      findings->devices.push_back({pid, *fd, file.inode});
    } else if (request.netFiles && mayBeNetFile(directory.get(), name, file)) {
      findings->netFiles.push_back({pid, *fd, file.inode});
    }
  });
  return error != 0 ? error : failure;
}

// The other tasks of a process. One whose leader has exited shows its descriptors only by another.
void scanOthers(const Request& request, int links, const Visit& visit, Findings* findings) {
  const size_t before = findings->tasks.size();
  *visit.taskErrors = scanTasks(request.tasks, links, visit.pid, visit.inums, &findings->tasks);
  if (!request.descriptors || findings->tasks.size() == before || !hasExited(links)) return;
  const int32_t tid = findings->tasks[before].tid;
  char path[48];
  stpcpy(stpcpy(stpcpy(path, "../task/"), DecimalName(tid).get()), "/fd");
  *visit.descriptorErrno =
      static_cast<uint8_t>(scanDescriptors(request, links, path, tid, findings));
}

// One visit to one process. All is reached from one directory that is opened once, so that it is of
// the same process even where the pid is used again meanwhile. That is PID/ns and not PID, which
// saves each link a path component: 8 links and the descriptors of 10,077 processes in 158 instead
// of 167 ms (two threads).
void scanProcess(const Request& request, const Visit& visit, Findings* findings) {
  const size_t width = request.links.size();
  char path[32];
  stpcpy(stpcpy(path, DecimalName(visit.pid).get()), "/ns");
  const Fd links(openat(request.procRoot, path, O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!links) {
    const uint8_t error = static_cast<uint8_t>(errno);
    for (size_t i = 0; i < width; i++) {
      if (visit.asks(i)) visit.errnos[i] = error;
    }
    if (request.descriptors) *visit.descriptorErrno = error;
    if (request.tasks.asks()) *visit.taskErrors = {error, error};
    return;
  }
  for (size_t i = 0; i < width; i++) {
    if (!visit.asks(i)) continue;
    const int error = readLink(links.get(), request.links[i], &visit.inums[i]);
    visit.errnos[i] = static_cast<uint8_t>(error);
  }
  if (request.descriptors) {
    const int error = scanDescriptors(request, links.get(), "../fd", visit.pid, findings);
    *visit.descriptorErrno = static_cast<uint8_t>(error);
  }
  if (request.tasks.asks()) scanOthers(request, links.get(), visit, findings);
}

Napi::Object taskColumns(Napi::Env env, const std::vector<Findings>& chunks) {
  std::vector<TaskLink> all;
  for (const Findings& chunk : chunks) {
    all.insert(all.end(), chunk.tasks.begin(), chunk.tasks.end());
  }
  Napi::Object columns = Napi::Object::New(env);
  const auto add = [&](const char* name, auto array, auto TaskLink::*member) {
    using Array = decltype(array);
    columns.Set(name, column<Array>(env, all.size(), [&](size_t i) { return all[i].*member; }));
  };
  add("pids", Napi::Int32Array(), &TaskLink::pid);
  add("tids", Napi::Int32Array(), &TaskLink::tid);
  add("types", Napi::Uint8Array(), &TaskLink::type);
  add("forChildren", Napi::Uint8Array(), &TaskLink::forChildren);
  add("inums", Napi::Uint32Array(), &TaskLink::inum);
  return columns;
}

Napi::Object foundColumns(Napi::Env env, const std::vector<Findings>& chunks,
                          std::vector<Found> Findings::*member) {
  std::vector<Found> all;
  for (const Findings& chunk : chunks) {
    all.insert(all.end(), (chunk.*member).begin(), (chunk.*member).end());
  }
  Napi::Object columns = Napi::Object::New(env);
  columns.Set("pids",
              column<Napi::Int32Array>(env, all.size(), [&](size_t i) { return all[i].pid; }));
  columns.Set("fds",
              column<Napi::Int32Array>(env, all.size(), [&](size_t i) { return all[i].fd; }));
  // Exact: the inode numbers of both file systems are 32 bits wide.
  columns.Set("inodes", column<Napi::Float64Array>(env, all.size(), [&](size_t i) {
                return static_cast<double>(all[i].inode);
              }));
  return columns;
}

void readDeep(const Napi::Object& deep, Request* request) {
  const auto asked = [&](const char* name) { return deep.Get(name).ToBoolean().Value(); };
  request->devices = asked("devices");
  request->netFiles = asked("netFiles");
  request->descriptors = request->descriptors || request->devices || request->netFiles;
  request->tasks.threads = asked("threads");
  request->tasks.forChildren = asked("forChildren");
  request->tasks.links = &request->links;
  request->tasks.childLinks = childLinksOf(request->links);
}

}  // namespace

// scan(procRoot, pids: Int32Array, types: string[], only: Uint8Array | null, descriptors: boolean,
// sockets: boolean, deep?: {threads, forChildren, devices, netFiles: boolean})
// → {inums, errnos, descriptorErrnos, undecided: boolean, namespaces: {pids, fds, inodes},
// sockets: {pids, fds, inodes}}; with `deep` also {devices, netFiles: {pids, fds, inodes},
// threadErrnos, forChildrenErrnos, tasks: {pids, tids, types, forChildren, inums}}
Napi::Value scan(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const std::string procRoot = info[0].As<Napi::String>();
  const Napi::Int32Array pidArray = info[1].As<Napi::Int32Array>();
  const Napi::Array types = info[2].As<Napi::Array>();
  const bool wantDescriptors = info[4].As<Napi::Boolean>();
  const bool wantSockets = info[5].As<Napi::Boolean>();
  const Fd root(open(procRoot.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) {
    throwErrno(env, errno, "open", procRoot);
    return env.Undefined();
  }
  Request request;
  request.procRoot = root.get();
  request.descriptors = wantDescriptors || wantSockets;
  for (uint32_t i = 0; i < types.Length(); i++) {
    const std::string type = types.Get(i).As<Napi::String>();
    request.links.push_back({type, type + ":["});
  }
  dev_t device;
  const bool nsfsKnown = nsfsDevice(procRoot, &device) == 0;
  if (wantDescriptors && nsfsKnown) request.nsfs = device;
  const bool sockfsKnown = sockfsDevice(&device) == 0;
  if (wantSockets && sockfsKnown) request.sockfs = device;

  const bool deep = info[6].IsObject();
  if (deep) readDeep(info[6].As<Napi::Object>(), &request);

  const size_t count = pidArray.ElementLength();
  const size_t width = request.links.size();
  const int32_t* pids = pidArray.Data();
  const uint8_t* only = info[3].IsNull() ? nullptr : info[3].As<Napi::Uint8Array>().Data();
  Napi::Uint32Array inums = Napi::Uint32Array::New(env, count * width);
  Napi::Uint8Array errnos = Napi::Uint8Array::New(env, count * width);
  Napi::Uint8Array descriptorErrnos = Napi::Uint8Array::New(env, count);
  uint32_t* inumData = inums.Data();
  uint8_t* errnoData = errnos.Data();
  uint8_t* descriptorErrnoData = descriptorErrnos.Data();
  std::vector<TaskErrors> taskErrors(deep ? count : 0);
  std::vector<Findings> findings(chunkCount(count, kChunkSize));
  // Node's own thread only waits: what reads the links of others ends with this call.
  forEachChunk(
      count, kChunkSize, workersFor(count),
      [&](unsigned, const Chunk& chunk) {
        for (size_t i = chunk.begin; i < chunk.end; i++) {
          const size_t at = i * width;
          const Visit visit = {pids[i],
                               only == nullptr ? nullptr : only + at,
                               inumData + at,
                               errnoData + at,
                               descriptorErrnoData + i,
                               deep ? &taskErrors[i] : nullptr};
          scanProcess(request, visit, &findings[chunk.index]);
        }
      },
      Caller::kWaits);

  Napi::Object result = Napi::Object::New(env);
  result.Set("inums", inums);
  result.Set("errnos", errnos);
  result.Set("descriptorErrnos", descriptorErrnos);
  result.Set("undecided", Napi::Boolean::New(env, (wantDescriptors && !nsfsKnown) ||
                                                      (wantSockets && !sockfsKnown)));
  result.Set("namespaces", foundColumns(env, findings, &Findings::namespaces));
  result.Set("sockets", foundColumns(env, findings, &Findings::sockets));
  if (deep) {
    result.Set("devices", foundColumns(env, findings, &Findings::devices));
    result.Set("netFiles", foundColumns(env, findings, &Findings::netFiles));
    result.Set("tasks", taskColumns(env, findings));
    result.Set("threadErrnos", column<Napi::Uint8Array>(
                                   env, count, [&](size_t i) { return taskErrors[i].threads; }));
    result.Set("forChildrenErrnos", column<Napi::Uint8Array>(env, count, [&](size_t i) {
                 return taskErrors[i].forChildren;
               }));
  }
  return result;
}

}  // namespace nsx
