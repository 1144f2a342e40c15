#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

enum { kReadyFd = 3, kMaxMembers = 64 };

static const struct namespace_type kTypes[] = {
    {"mnt", CLONE_NEWNS},        {"net", CLONE_NEWNET},   {"pid", CLONE_NEWPID},
    {"uts", CLONE_NEWUTS},       {"ipc", CLONE_NEWIPC},   {"user", CLONE_NEWUSER},
    {"cgroup", CLONE_NEWCGROUP}, {"time", CLONE_NEWTIME},
};

static pid_t members[kMaxMembers];
static bool is_member = false;

// A member that fails says so on the pipe whose end of file means "ready".
void die(const char *what) {
  fprintf(stderr, "zoo: %s: %s\n", what, strerror(errno));
  if (is_member && write(kReadyFd, "!", 1) < 0) _exit(2);
  if (!is_member) end_members();
  _exit(1);
}

void idle(void) {
  for (;;) pause();
}

const struct namespace_type *type_of(const char *name) {
  for (size_t i = 0; name != NULL && i < sizeof kTypes / sizeof *kTypes; i++) {
    if (strcmp(kTypes[i].name, name) == 0) return &kTypes[i];
  }
  errno = EINVAL;
  die("namespace type");
}

unsigned inum_of(pid_t pid, const char *type) {
  char path[64];
  char text[64];
  snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, type);
  const ssize_t length = readlink(path, text, sizeof text - 1);
  if (length < 0) die(path);
  text[length] = '\0';
  return (unsigned)strtoul(strchr(text, '[') + 1, NULL, 10);
}

unsigned inum_of_fd(int fd) {
  struct stat facts;
  if (fstat(fd, &facts) != 0) die("fstat");
  return (unsigned)facts.st_ino;
}

int open_namespace(pid_t pid, const char *type) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, type);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) die(path);
  return fd;
}

void become(uid_t uid) {
  if (uid == 0) return;
  if (setgroups(0, NULL) != 0 || setresgid(uid, uid, uid) != 0 || setresuid(uid, uid, uid) != 0) {
    die("setresuid");
  }
  // Both are lost with a change of credentials (prctl(2)).
  prctl(PR_SET_DUMPABLE, 1);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void write_file(const char *path, const char *text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) die(path);
  close(fd);
}

void unshare_user(uid_t uid, gid_t gid) {
  char map[32];
  if (unshare(CLONE_NEWUSER) != 0) die("unshare");
  write_file("/proc/self/setgroups", "deny");
  snprintf(map, sizeof map, "0 %u 1", uid);
  write_file("/proc/self/uid_map", map);
  snprintf(map, sizeof map, "0 %u 1", gid);
  write_file("/proc/self/gid_map", map);
}

static void live(const struct member *member, int ready) {
  is_member = true;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  if (dup2(ready, kReadyFd) < 0 || fcntl(kReadyFd, F_SETFD, FD_CLOEXEC) != 0) die("dup2");
  close_range(kReadyFd + 1, ~0U, 0);
  const int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null_fd < 0 || dup2(null_fd, 0) < 0 || dup2(null_fd, 1) < 0) die("/dev/null");
  close(null_fd);

  if (member->flag == CLONE_NEWUSER) {
    // Made by the user itself, as in a rootless container: it is the owner of the namespace too.
    become(member->uid);
    unshare_user(member->uid, member->uid);
    if (member->prepare != NULL) member->prepare();
  } else {
    const int flag = member->flag & ~(CLONE_NEWPID | CLONE_NEWTIME);
    if (flag != 0 && unshare(flag) != 0) die("unshare");
    if (member->prepare != NULL) member->prepare();
    become(member->uid);
  }
  if (member->finish != NULL) member->finish();
  close(kReadyFd);
  idle();
}

static void remember(pid_t pid) {
  for (size_t i = 0; i < kMaxMembers; i++) {
    if (members[i] != 0) continue;
    members[i] = pid;
    return;
  }
  errno = ENOSPC;
  die("members");
}

pid_t begin_member(struct member member, int *ready) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) die("pipe2");
  // A new pid namespace takes in our next child, and a new time namespace likewise; but from the
  // latter we can take our other children out again.
  const bool timed = member.flag == CLONE_NEWTIME;
  const int own_time = timed ? open_namespace(getpid(), "time") : -1;
  if (timed && unshare(CLONE_NEWTIME) != 0) die("unshare");
  const unsigned long flags = (unsigned long)(member.flag & CLONE_NEWPID) | SIGCHLD;
  const pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, 0UL);
  if (pid == 0) live(&member, ends[1]);
  if (pid < 0) die("clone");
  remember(pid);
  if (timed) {
    if (setns(own_time, CLONE_NEWTIME) != 0) die("setns");
    close(own_time);
  }
  close(ends[1]);
  *ready = ends[0];
  return pid;
}

void await_member(int ready) {
  char failure;
  errno = ECHILD;
  if (read(ready, &failure, 1) != 0) die("a member could not be started");
  close(ready);
}

pid_t start_member(struct member member) {
  int ready;
  const pid_t pid = begin_member(member, &ready);
  await_member(ready);
  return pid;
}

void end_member(pid_t pid) {
  for (size_t i = 0; i < kMaxMembers; i++) {
    if (members[i] != pid) continue;
    members[i] = 0;
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
    return;
  }
}

void end_members(void) {
  for (size_t i = 0; i < kMaxMembers; i++) {
    if (members[i] != 0) end_member(members[i]);
  }
}
