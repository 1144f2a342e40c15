// capable NAMESPACE… -- ACTOR…: asks the kernel which credentials have CAP_NET_ADMIN in which user
// namespaces.
//
// A NAMESPACE is PARENT:UID: a user namespace (with a network namespace of its own) below the one
// of that number, created by that user; 0 is the initial one, and those that are made are numbered
// from 1. Each maps all ids to themselves.
//
// An ACTOR is NAMESPACE:REAL:EFFECTIVE:CAPS: a process there with these users, and of the
// capabilities all, none, net (CAP_NET_ADMIN alone), but (all but that), admin (CAP_SYS_ADMIN
// alone), or lowered (all are permitted, none is effective).
//
// A line of JSON says the pid of each namespace, then one for each actor and namespace what the
// kernel allows: SIOCGSKNS on a socket in its network namespace (CAP_NET_ADMIN in its owner), and
// setns(2) into its network namespace, its user namespace, and both at once. All stay until
// standard input ends.
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kMost = 16, kSocketNamespace = 0x894c };

static struct place {
  pid_t pid;
  int user, net, pidfd, socket;
} places[kMost];
static int place_count = 0;
static pid_t children[256];
static int child_count = 0;

static _Noreturn void die(const char *what) {
  perror(what);
  exit(1);
}

static void check(int result, const char *what) {
  if (result < 0) die(what);
}

static int open_of(pid_t pid, const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, name);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) die(path);
  return fd;
}

// Ends with us, and with nobody else.
static pid_t fork_bound(void) {
  const pid_t child = fork();
  check(child, "fork");
  if (child == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
  return child;
}

static void write_map(pid_t pid, const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  static const char kMap[] = "0 0 4294967295\n";
  if (fd < 0 || write(fd, kMap, sizeof kMap - 1) < 0) die(path);
  close(fd);
}

static void enter_user(int index) {
  if (index > 0) check(setns(places[index].user, CLONE_NEWUSER), "setns user");
  // Other credentials have cleared it.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
}

// Whoever is left of our children, and of theirs.
static void end_all(void) {
  for (int i = 1; i < place_count; i++) kill(places[i].pid, SIGKILL);
  for (int i = 0; i < child_count; i++) kill(children[i], SIGKILL);
  while (wait(NULL) > 0 || errno == EINTR) continue;
}

// Its middle process stands in the parent, from where alone maps can be written.
static pid_t make_namespace(int parent, uid_t owner) {
  int ready[2];
  check(pipe2(ready, O_CLOEXEC), "pipe");
  const pid_t middle = fork_bound();
  if (middle == 0) {
    enter_user(parent);
    int made[2];
    check(pipe2(made, O_CLOEXEC), "pipe");
    const pid_t inner = fork_bound();
    if (inner == 0) {
      check(setresuid(owner, owner, owner), "setresuid");
      check(unshare(CLONE_NEWUSER), "unshare user");
      check(unshare(CLONE_NEWNET), "unshare net");
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      prctl(PR_SET_DUMPABLE, 1);
      check((int)write(made[1], "", 1), "write");
      for (;;) pause();
    }
    char byte;
    close(made[1]);
    if (read(made[0], &byte, 1) != 1) exit(1);
    write_map(inner, "uid_map");
    write_map(inner, "gid_map");
    check((int)write(ready[1], &inner, sizeof inner), "write");
    for (;;) pause();
  }
  children[child_count++] = middle;
  close(ready[1]);
  pid_t pid;
  if (read(ready[0], &pid, sizeof pid) != sizeof pid) die("a namespace");
  close(ready[0]);
  return pid;
}

static void add_place(pid_t pid, int own_net) {
  struct place *place = &places[place_count++];
  place->pid = pid;
  place->user = open_of(pid, "user");
  place->net = open_of(pid, "net");
  place->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
  check(place->pidfd, "pidfd_open");
  check(setns(place->net, CLONE_NEWNET), "setns net");
  place->socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  check(place->socket, "socket");
  check(setns(own_net, CLONE_NEWNET), "setns net");
}

static void set_capabilities(const char *word) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2] = {0};
  check((int)syscall(SYS_capget, &header, data), "capget");
  const uint32_t net = 1u << CAP_NET_ADMIN;
  const uint32_t admin = 1u << CAP_SYS_ADMIN;
  for (int half = 0; half < 2; half++) {
    uint32_t set = data[half].permitted;
    if (strcmp(word, "none") == 0) set = 0;
    if (strcmp(word, "net") == 0) set &= half == 0 ? net : 0;
    if (strcmp(word, "admin") == 0) set &= half == 0 ? admin : 0;
    if (strcmp(word, "but") == 0 && half == 0) set &= ~net;
    data[half].permitted = set;
    data[half].effective = strcmp(word, "lowered") == 0 ? 0 : set;
    data[half].inheritable = 0;
  }
  check((int)syscall(SYS_capset, &header, data), "capset");
}

static int try_socket(const struct place *place) {
  const int fd = ioctl(place->socket, kSocketNamespace);
  if (fd < 0 && errno != EPERM) die("SIOCGSKNS");
  if (fd >= 0) close(fd);
  return fd >= 0;
}

// In a child that is nobody's business afterwards.
static int try_enter(int fd, int flags) {
  const pid_t child = fork_bound();
  if (child == 0) _exit(setns(fd, flags) == 0 ? 1 : 0);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WEXITSTATUS(status);
}

static void act(int index, const char *spec) {
  int space = 0;
  unsigned real = 0;
  unsigned effective = 0;
  char word[16] = "";
  if (sscanf(spec, "%d:%u:%u:%15s", &space, &real, &effective, word) != 4) die(spec);
  int done[2];
  check(pipe2(done, O_CLOEXEC), "pipe");
  const pid_t actor = fork_bound();
  if (actor == 0) {
    enter_user(space);
    check(prctl(PR_SET_KEEPCAPS, 1), "keepcaps");
    check(setgroups(0, NULL), "setgroups");
    check(setresgid(effective, effective, effective), "setresgid");
    check(setresuid(real, effective, effective), "setresuid");
    set_capabilities(word);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_DUMPABLE, 1);
    for (int i = 0; i < place_count; i++) {
      const struct place *place = &places[i];
      printf(
          "{\"actor\":%d,\"pid\":%d,\"namespace\":%d,\"socket\":%d,\"net\":%d,\"user\":%d,\"both\":"
          "%d}\n",
          index, getpid(), i, try_socket(place), try_enter(place->net, CLONE_NEWNET),
          try_enter(place->user, CLONE_NEWUSER),
          try_enter(place->pidfd, CLONE_NEWUSER | CLONE_NEWNET));
      fflush(stdout);
    }
    close(done[1]);
    for (;;) pause();
  }
  children[child_count++] = actor;
  close(done[1]);
  char byte;
  while (read(done[0], &byte, 1) > 0) continue;
  close(done[0]);
}

int main(int argc, char **argv) {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  const int own_net = open_of(getpid(), "net");
  add_place(getpid(), own_net);
  int at = 1;
  for (; at < argc && strcmp(argv[at], "--") != 0; at++) {
    int parent = 0;
    unsigned owner = 0;
    if (sscanf(argv[at], "%d:%u", &parent, &owner) != 2 || place_count == kMost) die(argv[at]);
    add_place(make_namespace(parent, owner), own_net);
  }
  for (int i = 0; i < place_count; i++) printf("{\"namespace\":%d,\"pid\":%d}\n", i, places[i].pid);
  fflush(stdout);
  for (int actor = 0; ++at < argc; actor++) act(actor, argv[at]);
  printf("{\"ready\":true}\n");
  fflush(stdout);
  char byte;
  while (read(0, &byte, 1) > 0) continue;
  end_all();
  return 0;
}
