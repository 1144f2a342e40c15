#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"
#include "state.h"

void report(const struct state *state, enum report_kind kind, int value, const char *text) {
  struct report line = {.kind = (int)kind, .value = value};
  if (state->monitor < 0) return;
  if (text != NULL) strncpy(line.text, text, sizeof line.text - 1);
  // Without a monitor any more nobody is left to be told.
  if (write(state->monitor, &line, sizeof line) < 0) return;
}

const struct step *later_step(const struct state *state, enum operation operation) {
  for (uint32_t i = state->at + 1; i < state->plan->count; i++) {
    if (state->plan->steps[i].operation == operation) return &state->plan->steps[i];
  }
  return NULL;
}

void forwarded_signals(sigset_t *signals) {
  static const int kForwarded[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,  SIGUSR1, SIGUSR2,
                                   SIGALRM, SIGCONT, SIGPWR,  SIGWINCH, SIGTSTP};
  sigemptyset(signals);
  for (size_t i = 0; i < sizeof kForwarded / sizeof *kForwarded; i++)
    sigaddset(signals, kForwarded[i]);
}

int attach_terminal(struct state *state) {
  if (state->terminal < 0 || later_step(state, kSpawn) != NULL || later_step(state, kInit) != NULL)
    return 0;
  const int terminal = state->terminal;
  state->terminal = -1;
  if (setsid() < 0 || ioctl(terminal, TIOCSCTTY, 0) != 0) return errno;
  if (terminal > STDERR_FILENO) close(terminal);
  return 0;
}

// clone3(2) takes what clone(2) has no bit for; where a seccomp filter does not know it, the old
// one will do.
static pid_t clone_command(uint64_t flags) {
  const struct nsx_clone_args args = {.flags = flags | NSX_CLONE_PARENT};
  if ((flags & NSX_CLONE_NEWTIME) == 0) {
    return (pid_t)syscall(SYS_clone, flags | NSX_CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, NULL);
  }
  return (pid_t)syscall(kSysClone3, &args, sizeof args);
}

static pid_t clone_patiently(uint64_t flags) {
  int64_t patience_ms = 2000;
  for (;;) {
    const pid_t pid = clone_command(flags);
    if (pid >= 0 || !wait_for_space(&patience_ms)) return pid;
  }
}

static int wait_at(int gate) {
  char byte;
  const ssize_t got = read(gate, &byte, 1);
  close(gate);
  // It was told already why not.
  if (got != 1) _exit(kFailure);
  return 0;
}

// The command's process is a sibling of this one, a child of the monitor: between the two there is
// nobody who would have to stay.
int do_spawn(struct state *state, const struct step *step) {
  int gate[2];
  if (pipe2(gate, O_CLOEXEC) != 0) return errno;
  const uint64_t flags = (uint64_t)step->fields[0].number;
  const int64_t group = step->fields[1].number;
  const pid_t pid = clone_patiently(flags);
  if (pid < 0) return errno;
  if (pid == 0) {
    close(gate[1]);
    if (state->bystander >= 0) close(state->bystander);
    state->bystander = -1;
    wait_at(gate[0]);
    return attach_terminal(state);
  }
  close(gate[0]);
  report(state, kCommandPid, pid, NULL);
  uint32_t at = 0;
  const int error = group < 0 ? 0 : let_beside(state, group, flags != 0 ? pid : getpid(), &at);
  if (error != 0) {
    state->at = at;
    return error;
  }
  if (write(gate[1], "", 1) != 1) return errno;
  dismiss_beside(state);
  _exit(0);
}

static bool was_sent(const siginfo_t *info) {
  return info->si_code == SI_USER || info->si_code == SI_QUEUE || info->si_code == SI_TKILL;
}

// What has ended or stopped. The end of the command is ours: with us the kernel ends all the
// others.
static void reap(const struct state *state, pid_t command) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0;) {
    if (pid != command) continue;
    if (WIFSTOPPED(status)) {
      report(state, kStopped, WSTOPSIG(status), NULL);
      continue;
    }
    report(state, kWaitStatus, status, NULL);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  }
}

// Process 1 of a PID namespace: whoever has no parent any more becomes its child, and a signal that
// it has no handler for does nothing to it. Most commands are not made for that, so it stays
// between.
_Noreturn static void stay_as_init(const struct state *state, pid_t command,
                                   const sigset_t *signals) {
  prctl(PR_SET_NAME, "nsx-init", 0, 0, 0);
  // Whoever waits for the end of the command's output is not to wait for us.
  for (int fd = 0; fd <= STDERR_FILENO; fd++) close(fd);
  for (;;) {
    siginfo_t info;
    const int signal = sigwaitinfo(signals, &info);
    if (signal < 0) continue;
    // The terminal sends its signals to the whole group, the command included.
    if (signal != SIGCHLD && was_sent(&info)) kill(command, signal);
    reap(state, command);
  }
}

int do_init(struct state *state, const struct step *step) {
  (void)step;
  sigset_t signals, before;
  forwarded_signals(&signals);
  sigaddset(&signals, SIGCHLD);
  sigprocmask(SIG_BLOCK, &signals, &before);
  const struct step *death = later_step(state, kDeathSignal);
  if (death != NULL) {
    const int error = do_death_signal(state, death);
    if (error != 0) return error;
  }
  const pid_t command = fork();
  if (command < 0) return errno;
  if (command > 0) stay_as_init(state, command, &signals);
  sigprocmask(SIG_SETMASK, &before, NULL);
  return attach_terminal(state);
}
