#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "link.h"

namespace nsx {

// A namespace that one task refers to, but its process does not: a thread by its own link, or any
// task by what its children will be in.
struct TaskLink {
  int32_t pid;
  int32_t tid;
  uint8_t type;  // index in TaskRequest::links
  bool forChildren;
  uint32_t inum;  // 0: it has one that no link shows, for no process is in it yet
};

struct TaskRequest {
  bool threads = false;
  bool forChildren = false;
  // The types asked for, and of each the link of a task's children; null: it has none.
  const std::vector<LinkName>* links = nullptr;
  std::vector<std::optional<LinkName>> childLinks;

  bool asks() const { return threads || forChildren; }
};

// For the links of all types: which type has a link for children, and how it is called.
std::vector<std::optional<LinkName>> childLinksOf(const std::vector<LinkName>& links);

// Whether the task that the directory is of has exited: then it refers to nothing but its PID and
// its user namespace.
bool hasExited(int links);

struct TaskErrors {
  uint8_t threads = 0;
  uint8_t forChildren = 0;
};

// The tasks of one process: `links` is its directory ns, `inums` what its own links name (0: not
// read). Appends what differs from these.
TaskErrors scanTasks(const TaskRequest& request, int links, int32_t pid, const uint32_t* inums,
                     std::vector<TaskLink>* found);

}  // namespace nsx
