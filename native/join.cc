#include "join.h"

#include <sched.h>

#include <cerrno>

#include "nsfs.h"
#include "proc.h"
#include "workers.h"

namespace nsx {
namespace {

struct Type {
  uint32_t bit;
  const char* name;
};

constexpr Type kTypes[] = {{kCloneNewCgroup, "cgroup"},
                           {kCloneNewUts, "uts"},
                           {kCloneNewIpc, "ipc"},
                           {kCloneNewNet, "net"}};

bool isOwn(const std::string& procRoot, const Type& type, int ns) {
  Identity own, other;
  const std::string path = procRoot + "/thread-self/ns/" + type.name;
  return identify(AT_FDCWD, path.c_str(), &own) == 0 && identify(ns, "", &other) == 0 &&
         own.dev == other.dev && own.inode == other.inode;
}

int join(const std::string& procRoot, uint32_t types, int ns) {
  const int bit = ioctl(ns, kNsGetNsType);
  if (bit < 0) return errno;
  for (const Type& type : kTypes) {
    if (type.bit != static_cast<uint32_t>(bit) || (type.bit & types) == 0) continue;
    // Whoever may not join any may still ask in their own.
    if (isOwn(procRoot, type, ns)) return 0;
    return setns(ns, bit) == 0 ? 0 : errno;
  }
  return EINVAL;
}

}  // namespace

const uint32_t kJoinable = kCloneNewCgroup | kCloneNewUts | kCloneNewIpc | kCloneNewNet;

// Never on the main thread or on one of libuv's pool, where all that follows would run inside, too;
// nor back again by setns(2): that can fail.
int runInside(const HandleArgs& args, uint32_t types, const std::function<void()>& body) {
  int error = 0;
  const unsigned started = runOnThreads(1, [&](unsigned) {
    Located located;
    error = openNamespace(args.place, args.handles[0], &located);
    if (error == 0) error = join(args.procRoot, types, located.file.get());
    if (error == 0) body();
  });
  return started == 0 ? EAGAIN : error;
}

}  // namespace nsx
