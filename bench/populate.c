// Fills the machine with idle processes to be looked at. Each has exactly three descriptors, all
// /dev/null. They live in sandboxes: one leader and its children, which share a mount, uts, ipc,
// pid and cgroup namespace of their own (with --plain: no namespaces, the same family tree).
// Prints "ready N" when all are up; takes all of them down when stdin closes or on a signal.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kMaxSandboxes = 1 << 16, kReadyFd = 3 };

static const unsigned long kSandboxFlags =
    CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWCGROUP;

static pid_t leaders[kMaxSandboxes];
static long leader_count = 0;

static void on_signal(int signal) { (void)signal; }

// What went wrong reaches the parent through the pipe whose end of file means "all are up".
_Noreturn static void give_up(const char *what) {
  dprintf(kReadyFd, "%s: %s\n", what, strerror(errno));
  _exit(1);
}

_Noreturn static void idle(void) {
  close(kReadyFd);
  for (;;) pause();
}

// A parent in another pid namespace has no pid here; a pipe without readers tells of its death.
static bool parent_is_gone(void) {
  struct pollfd ready = {.fd = kReadyFd, .events = POLLOUT};
  return poll(&ready, 1, 0) == 1 && (ready.revents & POLLERR) != 0;
}

_Noreturn static void lead(long members, bool plain, int null_fd, int ready_fd) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (dup2(null_fd, 0) < 0 || dup2(null_fd, 1) < 0 || dup2(null_fd, 2) < 0) _exit(1);
  if (ready_fd != kReadyFd && dup2(ready_fd, kReadyFd) < 0) _exit(1);
  close_range(kReadyFd + 1, ~0U, 0);
  if (parent_is_gone()) _exit(1);
  // Else the copies of shared mounts would be one peer group of a thousand namespaces.
  if (!plain && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) give_up("mount");

  const pid_t self = getpid();
  for (long i = 0; i < members; i++) {
    const pid_t pid = fork();
    if (pid < 0) give_up("fork");
    if (pid > 0) continue;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != self) _exit(1);
    idle();
  }
  idle();
}

static bool start(long processes, long sandbox_size, bool plain, int null_fd, int ready_fd) {
  const unsigned long flags = (plain ? 0 : kSandboxFlags) | SIGCHLD;
  for (long left = processes; left > 0; left -= sandbox_size) {
    const long size = left < sandbox_size ? left : sandbox_size;
    const long pid = syscall(SYS_clone, flags, NULL, NULL, NULL, 0UL);
    if (pid == 0) lead(size - 1, plain, null_fd, ready_fd);
    if (pid < 0) {
      perror("populate: clone");
      return false;
    }
    leaders[leader_count++] = (pid_t)pid;
  }
  return true;
}

static bool all_are_up(int ready_fd) {
  char complaint[256];
  const ssize_t length = read(ready_fd, complaint, sizeof complaint);
  if (length > 0) fprintf(stderr, "populate: %.*s", (int)length, complaint);
  return length == 0;
}

static void wait_for_the_end(const sigset_t *unblocked) {
  for (;;) {
    struct pollfd input = {.fd = 0, .events = POLLIN};
    if (ppoll(&input, 1, NULL, unblocked) < 0) return;
    char ignored[64];
    if (read(0, ignored, sizeof ignored) <= 0) return;
  }
}

// The kernel kills what is left of a pid namespace with its init, and plain members get their
// death signal; we are the subreaper of those, so that there is nobody left after the last wait.
static void take_down(void) {
  for (long i = 0; i < leader_count; i++) kill(leaders[i], SIGKILL);
  while (wait(NULL) > 0 || errno == EINTR) continue;
}

static long number(const char *text, long most) {
  char *end = NULL;
  const long value = strtol(text, &end, 10);
  if (*text != '\0' && *end == '\0' && value >= 1 && value <= most) return value;
  fprintf(stderr, "populate: '%s' is not a number from 1 to %ld\n", text, most);
  exit(2);
}

int main(int argc, char **argv) {
  static const struct option kOptions[] = {{"processes", required_argument, NULL, 'p'},
                                           {"sandbox", required_argument, NULL, 's'},
                                           {"plain", no_argument, NULL, 'n'},
                                           {NULL, 0, NULL, 0}};
  long processes = 1000;
  long sandbox_size = 10;
  bool plain = false;
  for (int option; (option = getopt_long(argc, argv, "", kOptions, NULL)) != -1;) {
    if (option == '?') return 2;
    if (option == 'p') processes = number(optarg, kMaxSandboxes);
    if (option == 's') sandbox_size = number(optarg, kMaxSandboxes);
    if (option == 'n') plain = true;
  }

  // Blocked from here on, so that a signal waits until everything that was started is known.
  sigset_t before;
  sigset_t ending;
  sigemptyset(&ending);
  const int kEnding[] = {SIGTERM, SIGINT, SIGHUP};
  for (size_t i = 0; i < sizeof kEnding / sizeof *kEnding; i++) {
    const struct sigaction action = {.sa_handler = on_signal};
    sigaction(kEnding[i], &action, NULL);
    sigaddset(&ending, kEnding[i]);
  }
  sigprocmask(SIG_BLOCK, &ending, &before);
  prctl(PR_SET_CHILD_SUBREAPER, 1);

  int ready[2];
  const int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null_fd < 0 || pipe2(ready, O_CLOEXEC) != 0) {
    perror("populate");
    return 1;
  }
  bool fine = start(processes, sandbox_size, plain, null_fd, ready[1]);
  close(ready[1]);
  fine = fine && all_are_up(ready[0]);
  if (fine) {
    printf("ready %ld\n", processes);
    fflush(stdout);
    wait_for_the_end(&before);
  }
  take_down();
  return fine ? 0 : 1;
}
