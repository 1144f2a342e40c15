// Namespaces with a member, and those that are alive only because a relative is.
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "zoo.h"

enum { kGetUserNs = 0xb701, kGetParent = 0xb702 };  // ioctl_nsfs(2)

// process TYPE: a child in a new namespace.
void hold_process(const struct request *request, struct held *held) {
  const struct namespace_type *type = type_of(request->args[0]);
  held->pid = start_member((struct member){.flag = type->flag, .uid = request->uid});
  held->type = type->name;
  held->inum = inum_of(held->pid, type->name);
}

static void unshare_inner(void) { unshare_user(0, 0); }

static unsigned relative_of(pid_t pid, const char *type, unsigned long question) {
  const int fd = open_namespace(pid, type);
  const int relative = ioctl(fd, question);
  if (relative < 0) die("ioctl");
  const unsigned inum = inum_of_fd(relative);
  close(relative);
  close(fd);
  return inum;
}

// ancestor: a process in the inner of two nested user namespaces; what is held is the outer one.
void hold_ancestor(const struct request *request, struct held *held) {
  const struct member inner = {
      .flag = CLONE_NEWUSER, .uid = request->uid, .prepare = unshare_inner};
  held->pid = start_member(inner);
  held->type = "user";
  held->inum = relative_of(held->pid, "user", kGetParent);
  snprintf(held->extra, sizeof held->extra, ",\"inner\":%u", inum_of(held->pid, "user"));
}

static const struct namespace_type *owned_type;
static pid_t creator;

static void unshare_owned(void) {
  if (unshare(owned_type->flag) != 0) die("unshare");
}

static void join_owned(void) {
  const int fd = open_namespace(creator, owned_type->name);
  if (setns(fd, owned_type->flag) != 0) die("setns");
  close(fd);
}

// owner [TYPE]: a process in a namespace whose creator is dead, and was the only process in the
// user namespace that owns it. What is held is that user namespace.
void hold_owner(const struct request *request, struct held *held) {
  owned_type = type_of(request->args[0] == NULL ? "uts" : request->args[0]);
  creator = start_member(
      (struct member){.flag = CLONE_NEWUSER, .uid = request->uid, .prepare = unshare_owned});
  held->pid = start_member((struct member){.uid = request->uid, .prepare = join_owned});
  held->type = "user";
  held->inum = inum_of(creator, "user");
  end_member(creator);
  if (relative_of(held->pid, owned_type->name, kGetUserNs) != held->inum) die("owner");
  snprintf(held->extra, sizeof held->extra, ",\"owned\":%u,\"ownedType\":\"%s\"",
           inum_of(held->pid, owned_type->name), owned_type->name);
}
