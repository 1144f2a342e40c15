#include "tasks.h"

#include <sys/stat.h>

#include <algorithm>

#include "proc.h"

namespace nsx {
namespace {

// All threads of a process have its PID and its user namespace: a thread cannot leave either alone
// (setns(2), unshare(2), clone(2)).
constexpr const char* kShared[] = {"pid", "user"};

// unshare(2) and setns(2) move only the children of a task into one of these.
constexpr const char* kWithChildren[] = {"pid", "time"};

// A task that is alive has it; one that is on its way out has let go of it.
const LinkName kOfTheLiving = {"mnt", "mnt:["};

constexpr size_t kMostTypes = 16;

template <size_t size>
bool isOneOf(const char* const (&names)[size], const std::string& name) {
  return std::any_of(names, names + size, [&](const char* each) { return name == each; });
}

bool isGone(int error) { return error == ENOENT || error == ESRCH; }

// A task that ends while its link is looked at seems to refuse (proc_ns_readlink()): asked once
// more, it is gone.
int readLinkOfTask(int links, const LinkName& link, uint32_t* inum) {
  const int error = readLink(links, link, inum);
  return error == EACCES ? readLink(links, link, inum) : error;
}

void note(int error, uint8_t* first) {
  if (error != 0 && !isGone(error) && *first == 0) *first = static_cast<uint8_t>(error);
}

// One process, while its tasks are looked at.
class Process {
 public:
  Process(const TaskRequest& request, int32_t pid, const uint32_t* inums,
          std::vector<TaskLink>* found)
      : request_(request), pid_(pid), inums_(inums), found_(found) {}

  void addLeader(int links) { addForChildren(links, pid_, inums_, forChildren_); }

  void addThread(int links, int32_t tid) {
    uint32_t inums[kMostTypes];
    const size_t count = std::min(request_.links->size(), kMostTypes);
    for (size_t i = 0; i < count; i++) {
      inums[i] = inums_[i];
      const LinkName& link = (*request_.links)[i];
      if (!request_.threads || isOneOf(kShared, link.name)) continue;
      // A thread that ends meanwhile refers to nothing.
      note(readLinkOfTask(links, link, &inums[i]), &errors_.threads);
      if (inums[i] != 0 && inums[i] != inums_[i]) {
        found_->push_back({pid_, tid, static_cast<uint8_t>(i), false, inums[i]});
      }
    }
    uint32_t ignored[kMostTypes] = {};
    addForChildren(links, tid, inums, ignored);
  }

  void fail(int error) { note(error, &errors_.threads); }
  const TaskErrors& errors() const { return errors_; }

 private:
  // `own` is what the task itself is in, `told` where to put what its children will be in.
  void addForChildren(int links, int32_t tid, const uint32_t* own, uint32_t* told) {
    if (!request_.forChildren) return;
    for (size_t i = 0; i < std::min(request_.childLinks.size(), kMostTypes); i++) {
      if (!request_.childLinks[i]) continue;
      const int error = readLinkOfTask(links, *request_.childLinks[i], &told[i]);
      note(error, &errors_.forChildren);
      // The first process that is made in a PID namespace makes it visible.
      const bool unborn = error == ENOENT && own[i] != 0 && !hasExited(links);
      const bool differs = told[i] != 0 && told[i] != own[i];
      if ((differs && (tid == pid_ || told[i] != forChildren_[i])) || unborn) {
        found_->push_back({pid_, tid, static_cast<uint8_t>(i), true, told[i]});
      }
    }
  }

  const TaskRequest& request_;
  int32_t pid_;
  const uint32_t* inums_;
  std::vector<TaskLink>* found_;
  uint32_t forChildren_[kMostTypes] = {};
  TaskErrors errors_;
};

// The directory has a link for each task beside those of any directory (proc_task_getattr()).
bool hasSeveralTasks(int links) {
  struct statx task;
  return statx(links, "../task", AT_STATX_DONT_SYNC, STATX_NLINK, &task) == 0 && task.stx_nlink > 3;
}

void addThreads(int links, int32_t pid, Process* process) {
  const Fd tasks(openat(links, "../task", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!tasks) return process->fail(errno);
  const int error = forEachName(tasks.get(), [&](const char* name) {
    const std::optional<int32_t> tid = parseName(name);
    if (!tid || *tid == pid) return;
    char path[32];
    stpcpy(stpcpy(path, DecimalName(*tid).get()), "/ns");
    const Fd directory(openat(tasks.get(), path, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!directory) return process->fail(errno);
    process->addThread(directory.get(), *tid);
  });
  process->fail(error);
}

}  // namespace

bool hasExited(int links) {
  uint32_t inum;
  return isGone(readLink(links, kOfTheLiving, &inum));
}

std::vector<std::optional<LinkName>> childLinksOf(const std::vector<LinkName>& links) {
  std::vector<std::optional<LinkName>> childLinks;
  for (const LinkName& link : links) {
    if (isOneOf(kWithChildren, link.name)) {
      childLinks.push_back(LinkName{link.name + "_for_children", link.prefix});
    } else {
      childLinks.push_back(std::nullopt);
    }
  }
  return childLinks;
}

TaskErrors scanTasks(const TaskRequest& request, int links, int32_t pid, const uint32_t* inums,
                     std::vector<TaskLink>* found) {
  Process process(request, pid, inums, found);
  process.addLeader(links);
  if (hasSeveralTasks(links)) addThreads(links, pid, &process);
  return process.errors();
}

}  // namespace nsx
