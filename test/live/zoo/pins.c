// Namespaces without any member, held by a descriptor, a mount or a socket; and descriptors that
// hold none.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "zoo.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#define OPEN_TREE_CLOEXEC O_CLOEXEC
#endif

// Starts a process in a new namespace; when it has been ended, only what was made of its link in
// /proc keeps the namespace.
static pid_t start_in_new(const char *type_name, struct held *held, char path[static 64]) {
  const struct namespace_type *type = type_of(type_name);
  const pid_t pid = start_member((struct member){.flag = type->flag});
  held->pid = getpid();
  held->type = type->name;
  held->inum = inum_of(pid, type->name);
  snprintf(path, 64, "/proc/%d/ns/%s", pid, type->name);
  return pid;
}

// descriptor TYPE: an open file.
void hold_descriptor(const struct request *request, struct held *held) {
  char path[64];
  const pid_t pid = start_in_new(request->args[0], held, path);
  held->fd = open_namespace(pid, held->type);
  end_member(pid);
}

// detached TYPE: a descriptor of a mount that is attached nowhere; its link text is "/".
void hold_detached(const struct request *request, struct held *held) {
  char path[64];
  const pid_t pid = start_in_new(request->args[0], held, path);
  held->fd = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
  if (held->fd < 0) die("open_tree");
  end_member(pid);
}

static const char *mount_point;

// mount TYPE PATH: a bind mount on a new file, in the mount namespace of the caller.
void hold_mount(const struct request *request, struct held *held) {
  char path[64];
  errno = EINVAL;
  if (request->args[0] == NULL || request->args[1] == NULL) die("mount TYPE PATH");
  if (request->uid != 0) die("mount has no process that --uid could be for");
  const pid_t pid = start_in_new(request->args[0], held, path);
  const int fd = open(request->args[1], O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0600);
  if (fd < 0) die(request->args[1]);
  close(fd);
  if (mount(path, request->args[1], NULL, MS_BIND, NULL) != 0) {
    const int why = errno;
    unlink(request->args[1]);
    errno = why;
    die("mount");
  }
  mount_point = request->args[1];
  end_member(pid);
}

void release_mount(void) {
  if (umount2(mount_point, MNT_DETACH) != 0 || unlink(mount_point) != 0) die(mount_point);
}

static const struct family {
  const char *name;
  int domain, type, protocol;
} kFamilies[] = {
    {"tcp", AF_INET, SOCK_STREAM, 0},
    {"udp", AF_INET, SOCK_DGRAM, 0},
    {"netlink", AF_NETLINK, SOCK_RAW, 0},
    {"unix", AF_UNIX, SOCK_STREAM, 0},
};

static int open_socket(const char *name) {
  for (size_t i = 0; i < sizeof kFamilies / sizeof *kFamilies; i++) {
    const struct family *family = &kFamilies[i];
    if (strcmp(name, family->name) != 0) continue;
    const int fd = socket(family->domain, family->type | SOCK_CLOEXEC, family->protocol);
    if (fd < 0) die("socket");
    return fd;
  }
  errno = EINVAL;
  die(name);
}

// socket [tcp|udp|netlink|unix]: made in a new network namespace, which we then left.
void hold_socket(const struct request *request, struct held *held) {
  const char *family = request->args[0] == NULL ? "tcp" : request->args[0];
  const int home = open_namespace(getpid(), "net");
  if (unshare(CLONE_NEWNET) != 0) die("unshare");
  held->pid = getpid();
  held->type = "net";
  held->inum = inum_of(held->pid, "net");
  held->fd = open_socket(family);
  if (setns(home, CLONE_NEWNET) != 0) die("setns");
  close(home);
  struct stat facts;
  uint64_t cookie = 0;  // Where the kernel has no cookies (before Linux 5.14).
  socklen_t size = sizeof cookie;
  if (fstat(held->fd, &facts) != 0) die("fstat");
  getsockopt(held->fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size);
  snprintf(held->extra, sizeof held->extra,
           ",\"family\":\"%s\",\"socket\":%lu,\"cookie\":\"%" PRIu64 "\"", family,
           (unsigned long)facts.st_ino, cookie);
}

static void open_null(void) {
  if (open("/dev/null", O_RDWR | O_CLOEXEC) < 0) die("/dev/null");
}

static void open_pipe(void) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) die("pipe2");
  close(ends[1]);
}

static void open_fifo(void) {
  char path[] = "/tmp/zoo-fifo-XXXXXX";
  const int placeholder = mkstemp(path);
  if (placeholder < 0) die(path);
  close(placeholder);
  if (unlink(path) != 0 || mkfifo(path, 0600) != 0) die(path);
  const int fd = open(path, O_RDWR | O_CLOEXEC);
  unlink(path);
  if (fd < 0) die(path);
}

static void open_unix(void) { open_socket("unix"); }
static void open_tcp(void) { open_socket("tcp"); }

static const struct kind {
  const char *name;
  void (*open)(void);
} kKinds[] = {{"null", open_null},
              {"pipe", open_pipe},
              {"fifo", open_fifo},
              {"unix", open_unix},
              {"tcp", open_tcp}};

enum { kKindCount = sizeof kKinds / sizeof *kKinds };

// descriptors null|pipe|fifo|unix|tcp|mixed N: N descriptors that hold no other namespace.
void hold_descriptors(const struct request *request, struct held *held) {
  const char *name = request->args[0];
  errno = EINVAL;
  if (name == NULL || request->args[1] == NULL) die("descriptors KIND N");
  const unsigned long count = strtoul(request->args[1], NULL, 10);
  const struct rlimit enough = {.rlim_cur = count + 64, .rlim_max = count + 64};
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) die("getrlimit");
  if (limit.rlim_cur < enough.rlim_cur && setrlimit(RLIMIT_NOFILE, &enough) != 0) die("setrlimit");
  size_t first = 0;
  size_t kinds = kKindCount;
  if (strcmp(name, "mixed") != 0) {
    while (first < kKindCount && strcmp(kKinds[first].name, name) != 0) first++;
    errno = EINVAL;
    if (first == kKindCount) die(name);
    kinds = 1;
  }
  for (unsigned long i = 0; i < count; i++) kKinds[first + i % kinds].open();
  held->pid = getpid();
  snprintf(held->extra, sizeof held->extra, ",\"count\":%lu", count);
}
