// pairs BASE SPEC…: starts a prober for each SPEC, and tries every one on every other.
//
// A SPEC is a list of steps, taken one after the other:
//   mnt net uts ipc cgroup pid time   into a new namespace
//   private slave                     no mounts any more from or to the others
//   user                              into a new user namespace, our user as its root
//   user:INSIDE:OUTSIDE:COUNT         the same, mapped from the one around it
//   join:TYPE:INDEX                   into the namespace of an earlier one
//   uid:N keep:N ids:R:E:S gid:N      other users; keep: with all capabilities
//   drop:N lower                      without capability N (-1: all); none effective
//   undumpable nnp
//   exec:…                            the rest of the words is a command that runs `zoo prober`
// A line of JSON says each pid; after a line on stdin, one line says the outcome for each pair.
#include "pairs.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

enum { kMaxProbers = 64, kAll = -1, kNone = 64 };

static const unsigned long kGetPidInPidns = 0x8004b708;

static struct prober {
  int socket, memory, pidfd;
  pid_t child, pid;
  struct offer offer;
} probers[kMaxProbers];
static int count = 0;
static int base = 0;
static char folder[64];

static void write_to(const char *path, const char *text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) die(path);
  close(fd);
}

// The rest goes on in a child: only that is born into a new pid or time namespace.
static void go_on_in_child(void) {
  const pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    return;
  }
  close(kProberFd);
  while (waitpid(child, NULL, 0) < 0 && errno == EINTR) continue;
  _exit(0);
}

static void raise_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (ioctl(fd, SIOCSIFFLAGS, &request) != 0) die("lo");
  close(fd);
}

static void enter_type(const struct namespace_type *type, int index) {
  char text[64];
  if (unshare(type->flag) != 0) die("unshare");
  if (strcmp(type->name, "net") == 0) raise_loopback();
  if (strcmp(type->name, "uts") == 0) {
    snprintf(text, sizeof text, "host%d", index);
    if (sethostname(text, strlen(text)) != 0) die("sethostname");
  }
  if (strcmp(type->name, "time") == 0) {
    snprintf(text, sizeof text, "boottime %d 0\nmonotonic %d 0\n", 5000 + index, 5000 + index);
    write_to("/proc/self/timens_offsets", text);
  }
  if (strcmp(type->name, "time") == 0 || strcmp(type->name, "pid") == 0) go_on_in_child();
}

// The map of more than oneself is written from outside.
static void enter_mapped(unsigned inside, unsigned outside, unsigned length) {
  int ready[2];
  char go;
  if (pipe2(ready, O_CLOEXEC) != 0) die("pipe2");
  const pid_t self = getpid();
  const pid_t writer = fork();
  if (writer < 0) die("fork");
  if (writer == 0) {
    char path[64];
    char map[64];
    if (read(ready[0], &go, 1) != 1) _exit(1);
    snprintf(map, sizeof map, "%u %u %u", inside, outside, length);
    snprintf(path, sizeof path, "/proc/%d/uid_map", self);
    write_to(path, map);
    snprintf(path, sizeof path, "/proc/%d/gid_map", self);
    write_to(path, map);
    _exit(0);
  }
  if (unshare(CLONE_NEWUSER) != 0) die("unshare");
  int status;
  if (write(ready[1], "!", 1) != 1 || waitpid(writer, &status, 0) != writer || status != 0) {
    die("map");
  }
  if (setresgid(inside, inside, inside) != 0 || setresuid(inside, inside, inside) != 0) die("root");
  prctl(PR_SET_DUMPABLE, 1);
}

static void change_capabilities(int dropped, bool lower) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &header, data) != 0) die("capget");
  for (int i = 0; i < 2; i++) {
    unsigned mask = dropped == kAll ? ~0U : 0U;
    if (dropped != kAll && dropped / 32 == i) mask = 1U << (dropped % 32);
    if (!lower) data[i].permitted &= ~mask;
    data[i].effective = lower ? 0 : data[i].permitted;
    data[i].inheritable = 0;
  }
  if (syscall(SYS_capset, &header, data) != 0) die("capset");
}

// Into a namespace of an earlier prober.
static void join(const char *type_name, int index) {
  const struct namespace_type *type = type_of(type_name);
  const int fd = open_namespace(probers[index].pid, type->name);
  if (setns(fd, type->flag) != 0) die("setns");
  close(fd);
  if (type->flag == CLONE_NEWPID) go_on_in_child();
  if (type->flag != CLONE_NEWUSER) return;
  if (setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0) die("root");
  prctl(PR_SET_DUMPABLE, 1);
}

static void keep_as(uid_t uid) {
  prctl(PR_SET_KEEPCAPS, 1);
  become(uid);
  change_capabilities(kNone, false);  // Effective as permitted again.
  prctl(PR_SET_DUMPABLE, 1);
}

static void run_command(char *words, int index) {
  char *argv[64];
  char number[16];
  int length = 0;
  for (char *word = strtok(words, " "); word != NULL && length < 60; word = strtok(NULL, " ")) {
    argv[length++] = word;
  }
  snprintf(number, sizeof number, "%d", index);
  // runc's last word is the container; its bundle has the numbers already.
  if (strcmp(argv[0], "runc") != 0) argv[length++] = number;
  argv[length] = NULL;
  execvp(argv[0], argv);
  die(argv[0]);
}

static void take_step(char *step, int index) {
  unsigned a = 0, b = 0, c = 0;
  char type[16];
  if (strcmp(step, "user") == 0) {
    const uid_t uid = geteuid();
    unshare_user(uid, getegid());
  } else if (sscanf(step, "user:%u:%u:%u", &a, &b, &c) == 3) {
    enter_mapped(a, b, c);
  } else if (sscanf(step, "join:%15[a-z]:%u", type, &a) == 2) {
    join(type, (int)a);
  } else if (strcmp(step, "private") == 0 || strcmp(step, "slave") == 0) {
    const unsigned long flag = step[0] == 'p' ? MS_PRIVATE : MS_SLAVE;
    if (mount(NULL, "/", NULL, MS_REC | flag, NULL) != 0) die("propagation");
  } else if (sscanf(step, "uid:%u", &a) == 1) {
    become(a);
  } else if (sscanf(step, "keep:%u", &a) == 1) {
    keep_as(a);
  } else if (sscanf(step, "ids:%u:%u:%u", &a, &b, &c) == 3) {
    if (setresuid(a, b, c) != 0) die("setresuid");
    prctl(PR_SET_DUMPABLE, 1);
  } else if (sscanf(step, "gid:%u", &a) == 1) {
    if (setresgid(a, a, a) != 0) die("setresgid");
    prctl(PR_SET_DUMPABLE, 1);
  } else if (strncmp(step, "drop:", 5) == 0) {
    change_capabilities((int)strtol(step + 5, NULL, 10), false);
  } else if (strcmp(step, "lower") == 0) {
    change_capabilities(kNone, true);
  } else if (strcmp(step, "undumpable") == 0) {
    prctl(PR_SET_DUMPABLE, 0);
  } else if (strcmp(step, "nnp") == 0) {
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  } else {
    enter_type(type_of(step), index);
  }
}

static void live(char *spec, int index) {
  char *command = strstr(spec, "exec:");
  if (command != NULL) *command = '\0';
  char *rest = NULL;
  for (char *step = strtok_r(spec, " ", &rest); step != NULL; step = strtok_r(NULL, " ", &rest)) {
    take_step(step, index);
  }
  if (command != NULL) run_command(command + strlen("exec:"), index);
  _exit(prober_main(base, index));
}

static void start_prober(char *spec) {
  int ends[2];
  const int one = 1;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) die("socketpair");
  setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof one);
  const int index = count++;
  const pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (ends[1] == kProberFd) {
      fcntl(kProberFd, F_SETFD, 0);
    } else if (dup2(ends[1], kProberFd) < 0) {
      die("dup2");
    }
    close_range(kProberFd + 1, ~0U, 0);
    const int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (dup2(null_fd, 0) < 0 || dup2(null_fd, 1) < 0) die("/dev/null");
    live(spec, index);
  }
  close(ends[1]);
  struct prober *prober = &probers[index];
  *prober = (struct prober){.socket = ends[0], .child = child};
  int fds[2];
  prober->pid = receive_message(ends[0], &prober->offer, sizeof prober->offer, fds);
  if (prober->pid == 0) {
    fprintf(stderr, "zoo: prober %d ended early\n", index);
    exit(1);
  }
  prober->memory = fds[0];
  prober->pidfd = (int)syscall(SYS_pidfd_open, prober->pid, 0);
  if (prober->pidfd < 0) die("pidfd_open");
  printf("{\"prober\":%d,\"pid\":%d}\n", index, prober->pid);
}

// The pid by which one knows another; 0: by none.
static int pid_seen(const struct prober *a, const struct prober *b) {
  const int fd = open_namespace(a->pid, "pid");
  const int pid = ioctl(fd, kGetPidInPidns, (unsigned long)b->pid);
  close(fd);
  return pid < 0 ? 0 : pid;
}

static int has_mount(pid_t pid, const char *source) {
  char path[64];
  char line[4096];
  int found = 0;
  snprintf(path, sizeof path, "/proc/%d/mountinfo", pid);
  FILE *file = fopen(path, "re");
  if (file == NULL) die(path);
  while (fgets(line, sizeof line, file) != NULL) found |= strstr(line, source) != NULL;
  fclose(file);
  return found;
}

// Mounts something where one is, and looks who of the others has got it.
static void try_mount(const struct prober *a, int seen[kMaxProbers]) {
  char source[64];
  char place[80];
  int go[2], done[2];
  char answer = '-';
  snprintf(source, sizeof source, "nsx-pairs-source-%d-%d-", base, a->offer.index);
  snprintf(place, sizeof place, "%s/m", folder);
  if (pipe2(go, O_CLOEXEC) != 0 || pipe2(done, O_CLOEXEC) != 0) die("pipe2");
  const pid_t child = fork();
  if (child < 0) die("fork");
  if (child == 0) {
    close(go[1]);
    const int fd = open_namespace(a->pid, "mnt");
    if (setns(fd, CLONE_NEWNS) != 0) die("setns");
    const bool mounted = mount(source, place, "tmpfs", 0, NULL) == 0;
    if (write(done[1], mounted ? "+" : "-", 1) != 1) _exit(1);
    if (read(go[0], &answer, 1) < 0) _exit(1);
    if (mounted) umount2(place, MNT_DETACH);
    _exit(0);
  }
  close(done[1]);
  if (read(done[0], &answer, 1) != 1) die("mount");
  for (int i = 0; i < count; i++) {
    seen[i] = answer == '+' ? has_mount(probers[i].pid, source) : -1;
  }
  close(go[1]);
  close(go[0]);
  close(done[0]);
  waitpid(child, NULL, 0);
}

static void try_pair(const struct prober *a, const struct prober *b, int mounted) {
  const struct trial trial = {.pid = pid_seen(a, b), .other = b->offer};
  send_message(a->socket, &trial, sizeof trial, (int[2]){b->pidfd, b->memory});
  struct outcome outcome;
  int fds[2];
  if (receive_message(a->socket, &outcome, sizeof outcome, fds) == 0) die("a prober has died");
  printf(
      "{\"a\":%d,\"b\":%d,\"see\":%d,\"signal\":%d,\"trace\":%d,\"localhost\":%d,"
      "\"abstract\":%d,\"sysv\":%d,\"queue\":%d,\"shm\":%d,\"host\":%d,\"clock\":%d,"
      "\"uid\":%u,\"mount\":%d}\n",
      a->offer.index, b->offer.index, trial.pid, outcome.signal, outcome.trace, outcome.localhost,
      outcome.abstract, outcome.sysv, outcome.queue, outcome.shm, outcome.host, outcome.clock,
      outcome.uid, mounted);
}

static void wait_for_line(void) {
  char byte;
  while (read(0, &byte, 1) == 1 && byte != '\n') continue;
}

static void remove_folder(void) {
  umount2(folder, MNT_DETACH);
  rmdir(folder);
}

// A place whose mounts go to all that have not turned away from it.
static void make_shared_folder(void) {
  char inner[80];
  snprintf(folder, sizeof folder, "/tmp/nsx-pairs-%d", base);
  snprintf(inner, sizeof inner, "%s/m", folder);
  if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
    die("unshare");
  }
  if (mkdir(folder, 0755) != 0) die(folder);
  atexit(remove_folder);
  if (mount("nsx", folder, "tmpfs", 0, NULL) != 0 ||
      mount(NULL, folder, NULL, MS_SHARED, NULL) != 0 || mkdir(inner, 0755) != 0) {
    die(folder);
  }
}

int pairs_main(int argc, char **argv) {
  if (argc < 3 || argc - 2 > kMaxProbers) return 2;
  base = (int)strtol(argv[1], NULL, 10);
  close_range(STDERR_FILENO + 1, ~0U, 0);
  signal(SIGPIPE, SIG_IGN);
  make_shared_folder();
  for (int i = 2; i < argc; i++) start_prober(argv[i]);
  fflush(stdout);
  wait_for_line();
  int mounted[kMaxProbers][kMaxProbers];
  for (int i = 0; i < count; i++) try_mount(&probers[i], mounted[i]);
  for (int i = 0; i < count; i++) {
    for (int j = 0; j < count; j++) {
      if (i != j) try_pair(&probers[i], &probers[j], mounted[i][j]);
    }
  }
  fflush(stdout);
  wait_for_line();
  // The last first: the end of an init is the end of all in its pid namespace.
  for (int i = count - 1; i >= 0; i--) {
    close(probers[i].socket);
    waitpid(probers[i].child, NULL, 0);
  }
  return 0;
}
