// Stops a command at every system call that it makes between joining a container and executing the
// container's program, and has another process of the container's root attack it each time.
//
//   assail TARGET MODE -- COMMAND...
//
// MODE: `as-it-is`, or `dumpable`: then the prctl(2) that protects it is skipped, to show that the
// attacks are real. The attacker has the capabilities of TARGET. Standard output: `stops N`, `seen
// N` (process and stop), `executed 1` once the program was, then a line for each kind of attack
// that succeeded, with its number.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kPidfdOpen = 434, kPidfdGetfd = 438, kMostFds = 24, kMostPids = 4096 };

static const char *const kAttacks[] = {"exe",    "cwd",     "root", "fd",    "descriptor",
                                       "memory", "environ", "maps", "beyond"};
enum attack {
  kExe,
  kCwd,
  kRoot,
  kFd,
  kDescriptor,
  kMemory,
  kEnviron,
  kMaps,
  kBeyond,
  kAttackCount
};

struct answer {
  uint32_t seen;
  uint32_t succeeded[kAttackCount];
};

_Noreturn static void die(const char *what) {
  fprintf(stderr, "assail: %s: %s\n", what, strerror(errno));
  exit(1);
}

// ---- the attacker, root within the container

static pid_t known[kMostPids];
static int known_count;

static bool is_known(pid_t pid) {
  for (int i = 0; i < known_count; i++) {
    if (known[i] == pid) return true;
  }
  return false;
}

static void learn(void) {
  DIR *proc = opendir("/proc");
  if (proc == NULL) die("opendir /proc");
  for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
    const pid_t pid = atoi(entry->d_name);
    if (pid > 0 && known_count < kMostPids) known[known_count++] = pid;
  }
  closedir(proc);
}

static bool can_open(pid_t pid, const char *file, int flags) {
  char path[128];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, file);
  const int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return false;
  char byte;
  // environ and maps are checked again when they are read; those of a zombie are empty.
  const bool reads = (flags & O_PATH) != 0 || flags == O_RDWR || read(fd, &byte, 1) > 0;
  close(fd);
  return reads;
}

static bool can_follow(pid_t pid, const char *link) {
  char path[64], text[256];
  snprintf(path, sizeof path, "/proc/%d/%s", pid, link);
  return readlink(path, text, sizeof text) >= 0;
}

static bool can_take_descriptor(pid_t pid) {
  const int pidfd = (int)syscall(kPidfdOpen, pid, 0);
  bool taken = false;
  for (int fd = 0; pidfd >= 0 && fd < kMostFds; fd++) {
    const int copy = (int)syscall(kPidfdGetfd, pidfd, fd, 0);
    if (copy < 0) continue;
    taken = true;
    close(copy);
  }
  if (pidfd >= 0) close(pidfd);
  return taken;
}

static bool has_descriptors(pid_t pid) {
  char path[64], text[256];
  snprintf(path, sizeof path, "/proc/%d/fd", pid);
  DIR *fds = opendir(path);
  if (fds == NULL) return false;
  bool followed = false;
  for (struct dirent *entry; (entry = readdir(fds)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    if (readlinkat(dirfd(fds), entry->d_name, text, sizeof text) >= 0) followed = true;
  }
  closedir(fds);
  return followed;
}

// More than the standard streams and pipes: a directory of the host's would be the way out.
static bool holds_more(pid_t pid) {
  for (int fd = 3; fd < kMostFds; fd++) {
    char path[64], text[256];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, fd);
    const ssize_t size = readlink(path, text, sizeof text);
    if (size > 0 && (size < 5 || memcmp(text, "pipe:", 5) != 0)) return true;
  }
  return false;
}

// ptrace(2) asks for the same right as mem; itself it would be refused while we trace the process.
static bool can_read_memory(pid_t pid) {
  char byte;
  struct iovec here = {&byte, 1}, there = {(void *)0x400000, 1};
  // EFAULT: permitted, only nothing is there.
  return process_vm_readv(pid, &here, 1, &there, 1, 0) >= 0 || errno == EFAULT ||
         can_open(pid, "mem", O_RDWR);
}

static void attack(pid_t pid, struct answer *answer) {
  answer->seen++;
  answer->succeeded[kExe] += can_follow(pid, "exe") || can_open(pid, "exe", O_RDONLY);
  answer->succeeded[kCwd] += can_follow(pid, "cwd") || can_open(pid, "cwd", O_PATH);
  answer->succeeded[kRoot] += can_follow(pid, "root") || can_open(pid, "root", O_PATH);
  answer->succeeded[kFd] += has_descriptors(pid);
  answer->succeeded[kDescriptor] += can_take_descriptor(pid);
  answer->succeeded[kMemory] += can_read_memory(pid);
  answer->succeeded[kEnviron] += can_open(pid, "environ", O_RDONLY);
  answer->succeeded[kMaps] += can_open(pid, "maps", O_RDONLY);
  answer->succeeded[kBeyond] += holds_more(pid);
}

static void attack_all(struct answer *answer) {
  DIR *proc = opendir("/proc");
  if (proc == NULL) die("opendir /proc");
  for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
    const pid_t pid = atoi(entry->d_name);
    if (pid > 0 && !is_known(pid)) attack(pid, answer);
  }
  closedir(proc);
}

static uint64_t capabilities_of(pid_t pid) {
  char path[64], line[256];
  unsigned long long set = 0;
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  FILE *status = fopen(path, "re");
  if (status == NULL) die(path);
  while (fgets(line, sizeof line, status) != NULL && sscanf(line, "CapEff: %llx", &set) != 1) {
  }
  fclose(status);
  return set;
}

static void have_no_more_than(uint64_t set) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &header, data) != 0) die("capget");
  for (int i = 0; i < 2; i++) {
    data[i].permitted &= (uint32_t)(set >> (32 * i));
    data[i].effective = data[i].permitted;
    data[i].inheritable = 0;
  }
  if (syscall(SYS_capset, &header, data) != 0) die("capset");
}

static void join(pid_t target) {
  static const struct {
    const char *name;
    int flag;
  } kTypes[] = {{"user", CLONE_NEWUSER}, {"mnt", CLONE_NEWNS},  {"pid", CLONE_NEWPID},
                {"uts", CLONE_NEWUTS},   {"ipc", CLONE_NEWIPC}, {"net", CLONE_NEWNET}};
  int flags = 0;
  for (size_t i = 0; i < sizeof kTypes / sizeof *kTypes; i++) {
    char path[64], own[64], theirs[64];
    ssize_t a, b;
    snprintf(path, sizeof path, "/proc/self/ns/%s", kTypes[i].name);
    a = readlink(path, own, sizeof own);
    snprintf(path, sizeof path, "/proc/%d/ns/%s", target, kTypes[i].name);
    b = readlink(path, theirs, sizeof theirs);
    if (a < 0 || b < 0) die("readlink");
    if (a != b || memcmp(own, theirs, (size_t)a) != 0) flags |= kTypes[i].flag;
  }
  const uint64_t capabilities = capabilities_of(target);
  const int pidfd = (int)syscall(kPidfdOpen, target, 0);
  if (pidfd < 0 || setns(pidfd, flags) != 0) die("setns");
  close(pidfd);
  if ((flags & CLONE_NEWUSER) != 0 && (setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0))
    die("root of the container");
  have_no_more_than(capabilities);
}

_Noreturn static void be_attacker(int questions, int answers) {
  char byte;
  learn();
  if (write(answers, "", 1) != 1) die("write");
  while (read(questions, &byte, 1) == 1) {
    struct answer answer = {0};
    attack_all(&answer);
    if (write(answers, &answer, sizeof answer) != sizeof answer) break;
  }
  _exit(0);
}

static void start_attacker(pid_t target, int *ask, int *hear) {
  int questions[2], answers[2];
  char byte;
  if (pipe2(questions, O_CLOEXEC) != 0 || pipe2(answers, O_CLOEXEC) != 0) die("pipe2");
  const pid_t joiner = fork();
  if (joiner < 0) die("fork");
  if (joiner == 0) {
    close(questions[1]);
    close(answers[0]);
    join(target);
    const pid_t inside = fork();
    if (inside < 0) die("fork");
    if (inside == 0) be_attacker(questions[0], answers[1]);
    _exit(0);
  }
  if (waitpid(joiner, NULL, 0) != joiner) die("waitpid");
  close(questions[0]);
  close(answers[1]);
  if (read(answers[0], &byte, 1) != 1) die("the attacker did not start");
  *ask = questions[1];
  *hear = answers[0];
}

// ---- the tracer, root of the host

static struct answer total;
static uint32_t stops;
static bool executed;

static void have_attacked(int ask, int hear) {
  struct answer answer;
  if (write(ask, "", 1) != 1 || read(hear, &answer, sizeof answer) != sizeof answer)
    die("the attacker has gone");
  stops++;
  total.seen += answer.seen;
  for (int i = 0; i < kAttackCount; i++) total.succeeded[i] += answer.succeeded[i];
}

static bool runs_helper(pid_t pid) {
  char path[64], text[256];
  snprintf(path, sizeof path, "/proc/%d/exe", pid);
  const ssize_t size = readlink(path, text, sizeof text - 1);
  if (size < 0) return false;
  text[size] = '\0';
  return strncmp(text, "/memfd:", 7) == 0;
}

// Before the call is made: the number of a call that there is none of.
static void skip_call(pid_t pid, const char *mode) {
#if defined(__x86_64__)
  struct user_regs_struct regs;
  if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) != 0) return;
  const bool protects = regs.orig_rax == SYS_prctl && regs.rdi == PR_SET_DUMPABLE;
  if (protects && strcmp(mode, "dumpable") == 0) {
    regs.orig_rax = SYS_getpid;
    ptrace(PTRACE_SETREGS, pid, NULL, &regs);
  }
#else
  (void)pid;
  (void)mode;
#endif
}

// Whether it has stopped where it begins a call, and which.
static bool begins_call(pid_t pid, uint64_t *number) {
  struct __ptrace_syscall_info info;
  if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof info, &info) < 0)
    die("PTRACE_GET_SYSCALL_INFO");
  *number = info.op == PTRACE_SYSCALL_INFO_ENTRY ? info.entry.nr : 0;
  return info.op == PTRACE_SYSCALL_INFO_ENTRY;
}

static void trace(pid_t command, const char *mode, int ask, int hear) {
  const long follow = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK |
                      PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL;
  bool helper = false;
  // While the command's program is being loaded nothing else is stopped: an attack then would be
  // one on that program.
  pid_t alone = -1;
  int status;
  for (pid_t pid; (pid = waitpid(alone, &status, __WALL)) > 0;) {
    alone = -1;
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      // Then the attacker has nobody left, and ends.
      if (pid == command) close(ask);
      continue;
    }
    const int signal = WSTOPSIG(status);
    const int event = status >> 16;
    if (event == PTRACE_EVENT_EXEC && helper && !runs_helper(pid)) {
      // The container's own program, which the container's root may do anything to.
      executed = true;
      ptrace(PTRACE_DETACH, pid, NULL, NULL);
      continue;
    }
    if (event == PTRACE_EVENT_EXEC && runs_helper(pid)) {
      helper = true;
      ptrace(PTRACE_SETOPTIONS, pid, NULL, follow);
    }
    if (!helper) {
      const bool passes = signal != SIGTRAP && signal != SIGSTOP;
      ptrace(PTRACE_CONT, pid, NULL, (long)(passes ? signal : 0));
      continue;
    }
    if (signal == (SIGTRAP | 0x80)) {
      uint64_t number;
      const bool begins = begins_call(pid, &number);
      if (begins) skip_call(pid, mode);
      if (begins && (number == SYS_execve || number == SYS_execveat)) alone = pid;
      if (!executed) have_attacked(ask, hear);
    }
    const bool passes = (signal & 0x7f) != SIGTRAP && signal != SIGSTOP;
    ptrace(PTRACE_SYSCALL, pid, NULL, (long)(passes ? signal : 0));
  }
}

int main(int argc, char **argv) {
  int ask, hear;
  if (argc < 5 || strcmp(argv[3], "--") != 0) {
    fprintf(stderr, "usage: assail TARGET MODE -- COMMAND...\n");
    return 2;
  }
  // The attacker is to be gone when we are.
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  start_attacker(atoi(argv[1]), &ask, &hear);
  const pid_t command = fork();
  if (command < 0) die("fork");
  if (command == 0) {
    ptrace(PTRACE_TRACEME, 0, NULL, NULL);
    raise(SIGSTOP);
    execvp(argv[4], argv + 4);
    die(argv[4]);
  }
  int status;
  if (waitpid(command, &status, 0) != command || !WIFSTOPPED(status))
    die("the command did not stop");
  ptrace(PTRACE_SETOPTIONS, command, NULL, (long)(PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL));
  ptrace(PTRACE_CONT, command, NULL, NULL);
  trace(command, argv[2], ask, hear);
  printf("stops %u\nseen %u\nexecuted %u\n", stops, total.seen, executed);
  for (int i = 0; i < kAttackCount; i++) {
    if (total.succeeded[i] > 0) printf("%s %u\n", kAttacks[i], total.succeeded[i]);
  }
  return 0;
}
