// Processes that mislead those who look at them. Each leads a new uts namespace, to be listed.
#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "zoo.h"

static void hold_with(void (*finish)(void), uid_t uid, struct held *held) {
  held->pid = start_member((struct member){.flag = CLONE_NEWUTS, .uid = uid, .finish = finish});
  held->type = "uts";
  held->inum = inum_of(held->pid, "uts");
}

static const char *comm;

static void set_comm(void) { prctl(PR_SET_NAME, comm); }

// comm TEXT: the kernel keeps the first 15 bytes.
void hold_comm(const struct request *request, struct held *held) {
  comm = request->args[0];
  errno = EINVAL;
  if (comm == NULL) die("comm TEXT");
  hold_with(set_comm, request->uid, held);
}

// Escape sequences (colour, window title, alternate screen), line breaks, a C1 control, a bidi
// override, a line separator, bytes that are no UTF-8, quotes; NUL ends an argument.
static const char kHostile[] =
    "\x1b[31m red \x1b]0;title\x07 \x1b[?1049h\r\n\t\xc2\x9b"
    "2J \xe2\x80\xae txet \xe2\x80\xa8 \xff\xfe \"'`$(reboot) %s";

// One argument may have up to 128 KiB (execve(2)).
enum { kMaxArgument = 100000 };

static unsigned long cmdline_size;

static void exec_with_long_cmdline(void) {
  unsigned long left = cmdline_size - sizeof IDLE_NAME;
  char **args = calloc(left / kMaxArgument + 3, sizeof *args);
  char name[] = IDLE_NAME;
  if (args == NULL) die("calloc");
  args[0] = name;
  for (size_t count = 1; left > 0; count++) {
    const unsigned long size = left < kMaxArgument ? left : kMaxArgument;
    args[count] = calloc(size, 1);
    if (args[count] == NULL) die("calloc");
    for (unsigned long i = 0; i + 1 < size; i++) {
      args[count][i] = kHostile[i % (sizeof kHostile - 1)];
    }
    left -= size;
  }
  execv("/proc/self/exe", args);
  die("execv");
}

// cmdline N: /proc/PID/cmdline has N bytes.
void hold_cmdline(const struct request *request, struct held *held) {
  cmdline_size = request->args[0] == NULL ? 0 : strtoul(request->args[0], NULL, 10);
  errno = EINVAL;
  if (cmdline_size < sizeof IDLE_NAME) die("cmdline N");
  hold_with(exec_with_long_cmdline, request->uid, held);
  snprintf(held->extra, sizeof held->extra, ",\"bytes\":%lu", cmdline_size);
}

static void become_nondumpable(void) { prctl(PR_SET_DUMPABLE, 0); }

// nondumpable: even processes of its own user may not look at it.
void hold_nondumpable(const struct request *request, struct held *held) {
  hold_with(become_nondumpable, request->uid, held);
}

// forge INODE: the name of a unix socket makes a line of its own in /proc/net/unix, which claims
// that the socket of this inode is one of our network namespace.
void hold_forge(const struct request *request, struct held *held) {
  errno = EINVAL;
  if (request->args[0] == NULL) die("forge INODE");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  const int length =
      snprintf(address.sun_path + 1, sizeof address.sun_path - 1,
               "x\n0: 00000002 00000000 00000000 0001 01 %s forged", request->args[0]);
  const socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
  held->pid = getpid();
  held->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (held->fd < 0 || bind(held->fd, (struct sockaddr *)&address, size) != 0) die("bind");
}

// --- churn MS: processes in new namespaces that live for a few milliseconds, each second one
// execs. ---

enum { kAlive = 8, kTickMs = 1 };

static pid_t alive[kAlive];
static unsigned long started;
static struct timespec churn_end;

static void exec_idle(void) {
  cmdline_size = sizeof IDLE_NAME;
  exec_with_long_cmdline();
}

void hold_churn(const struct request *request, struct held *held) {
  const long ms = request->args[0] == NULL ? 0 : strtol(request->args[0], NULL, 10);
  errno = EINVAL;
  if (ms <= 0) die("churn MS");
  clock_gettime(CLOCK_MONOTONIC, &churn_end);
  churn_end.tv_sec += ms / 1000;
  churn_end.tv_nsec += ms % 1000 * 1000000;
  held->pid = getpid();
}

// Returns in how many milliseconds it wants to be called again; -1: never.
int tick_churn(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  const long left_ms =
      (churn_end.tv_sec - now.tv_sec) * 1000 + (churn_end.tv_nsec - now.tv_nsec) / 1000000;
  if (left_ms <= 0) {
    end_members();
    return -1;
  }
  pid_t *slot = &alive[started % kAlive];
  if (*slot != 0) end_member(*slot);
  *slot = start_member(
      (struct member){.flag = CLONE_NEWUTS, .finish = started % 2 == 0 ? NULL : exec_idle});
  started++;
  return kTickMs;
}
