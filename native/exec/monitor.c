#include "monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state.h"

struct monitor {
  pid_t joiner;   // the process that goes on with the plan; the command, unless it spawns one
  pid_t command;  // 0: there is none yet
  bool spawns;
  bool ended;
  int status;        // of the command, else of the joiner
  bool has_inner;    // init has told the status of the command
  int inner_status;  // as init saw it
  int reports;
  int signals;
  int status_fd;
  struct report refusal;  // kind 0: there was none
  struct relay relay;
};

static bool has_pty(const struct monitor *monitor) { return monitor->relay.outer >= 0; }

static void watched_signals(sigset_t *signals) {
  forwarded_signals(signals);
  sigaddset(signals, SIGCHLD);
}

// One line of JSON.
static void tell_status(const struct monitor *monitor, const char *end) {
  char line[kMessageSize * 6 + 256];
  if (monitor->status_fd < 0) return;
  const pid_t pid = monitor->command;
  int size = pid > 0 ? snprintf(line, sizeof line, "{\"pid\":%d,%s}\n", pid, end)
                     : snprintf(line, sizeof line, "{\"pid\":null,%s}\n", end);
  if (size >= (int)sizeof line) size = (int)sizeof line - 1;
  // Whoever asked for it may be gone.
  if (write(monitor->status_fd, line, (size_t)size) < 0) return;
}

static void learn_command(struct monitor *monitor, pid_t pid) {
  if (monitor->command != 0) return;
  monitor->command = pid;
  tell_status(monitor, "\"exitCode\":null,\"signal\":null,\"error\":null");
}

static void stop_with_it(struct monitor *monitor) {
  struct relay *relay = &monitor->relay;
  relay_restore(relay);
  // The others of a pipeline have had the key's signal already, unless it was the relay that took
  // it.
  if (has_pty(monitor)) kill(0, SIGTSTP);
  kill(getpid(), SIGSTOP);
  if (has_pty(monitor)) {
    relay_update(relay);
    relay_resize(relay);
    const pid_t group = relay_group(relay);
    if (group > 0) kill(-group, SIGCONT);
  }
  if (monitor->command > 0) kill(monitor->command, SIGCONT);
}

static void take_report(struct monitor *monitor, const struct report *report) {
  switch (report->kind) {
    case kCommandPid:
      learn_command(monitor, report->value);
      break;
    case kRefused:
      monitor->refusal = *report;
      break;
    case kWaitStatus:
      monitor->has_inner = true;
      monitor->inner_status = report->value;
      break;
    default:
      stop_with_it(monitor);
  }
}

// What is written at once is read at once: it is shorter than PIPE_BUF.
static void read_reports(struct monitor *monitor) {
  struct report report;
  while (read(monitor->reports, &report, sizeof report) == sizeof report)
    take_report(monitor, &report);
}

// Other children there may be: what was there when we became this program is inherited.
static void take_end(struct monitor *monitor, pid_t pid, int status) {
  const bool is_command = pid == monitor->command;
  const bool made_it = pid == monitor->joiner && monitor->spawns && monitor->command > 0;
  if (!is_command && (pid != monitor->joiner || made_it)) return;
  monitor->status = status;
  monitor->ended = true;
}

static void reap_children(struct monitor *monitor) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0) {
    read_reports(monitor);
    if (!WIFSTOPPED(status)) {
      take_end(monitor, pid, status);
    } else if (pid == monitor->command) {
      stop_with_it(monitor);
    }
  }
  if (pid < 0 && errno == ECHILD) monitor->ended = true;
}

static bool was_sent(const struct signalfd_siginfo *info) {
  const int code = info->ssi_code;
  return code == SI_USER || code == SI_QUEUE || code == SI_TKILL;
}

static void forward(const struct monitor *monitor, const struct signalfd_siginfo *info) {
  const int signal = (int)info->ssi_signo;
  const pid_t command = monitor->command > 0 ? monitor->command : monitor->joiner;
  // By itself, to the others of its job.
  if ((pid_t)info->ssi_pid == getpid() && was_sent(info)) return;
  if (was_sent(info)) {
    // It sent it to its whole group, and has it already.
    if ((pid_t)info->ssi_pid != command) kill(command, signal);
    return;
  }
  // The terminal's own go to the group in its foreground; one that is behind a pty is not there.
  const pid_t group = has_pty(monitor) ? relay_group(&monitor->relay) : 0;
  if (group > 0) kill(-group, signal);
}

static void suspend_command(struct monitor *monitor) {
  const pid_t group = relay_group(&monitor->relay);
  if (group > 0 && kill(-group, SIGSTOP) == 0) return;
  if (monitor->command > 0) kill(monitor->command, SIGSTOP);
}

static void take_signals(struct monitor *monitor) {
  struct signalfd_siginfo info;
  while (read(monitor->signals, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGCHLD) continue;
    if (info.ssi_signo == SIGWINCH && has_pty(monitor)) {
      relay_resize(&monitor->relay);
    } else if (info.ssi_signo == SIGTSTP && has_pty(monitor)) {
      // The kernel stops no leader of a session by it.
      if (was_sent(&info) && (pid_t)info.ssi_pid != getpid()) suspend_command(monitor);
    } else if (info.ssi_signo == SIGCONT && has_pty(monitor)) {
      relay_update(&monitor->relay);
    } else {
      forward(monitor, &info);
    }
  }
  reap_children(monitor);
}

enum { kSignals, kReports, kMaster, kKeyboard, kPolled };

static void prepare_poll(const struct monitor *monitor, struct pollfd polled[kPolled]) {
  const struct relay *relay = &monitor->relay;
  const bool waits = relay->typed_size > 0;
  const int to_master = waits ? POLLOUT : 0;
  polled[kSignals] = (struct pollfd){.fd = monitor->signals, .events = POLLIN};
  polled[kReports] = (struct pollfd){.fd = monitor->reports, .events = POLLIN};
  polled[kMaster] = (struct pollfd){.fd = relay->deserted ? -1 : relay->master,
                                    .events = (short)(POLLIN | to_master)};
  // Without a keyboard any more, such as after a hangup, it would be ready for ever.
  const bool listens = relay->keyboard && relay->raw && !waits;
  polled[kKeyboard] = (struct pollfd){.fd = listens ? relay->outer : -1, .events = POLLIN};
}

// In the background nothing tells that it comes to the front: a shell continues only what was
// stopped. Nor does anything tell that a pty which nobody has open is opened again.
static int patience(const struct monitor *monitor) {
  const struct relay *relay = &monitor->relay;
  return relay->deserted || (relay->keyboard && !relay->raw) ? 300 : -1;
}

static void turn(struct monitor *monitor) {
  struct pollfd polled[kPolled];
  struct relay *relay = &monitor->relay;
  prepare_poll(monitor, polled);
  if (poll(polled, kPolled, patience(monitor)) < 0) return;
  if (polled[kReports].revents & POLLIN) read_reports(monitor);
  if (polled[kReports].revents & POLLHUP && !(polled[kReports].revents & POLLIN)) {
    close(monitor->reports);
    monitor->reports = -1;
  }
  relay->deserted = (polled[kMaster].revents & (POLLIN | POLLHUP)) == POLLHUP;
  if (polled[kMaster].revents & POLLIN) relay_output(relay);
  if (polled[kMaster].revents & POLLOUT) relay_flush(relay);
  if (polled[kKeyboard].revents != 0 && relay_keyboard(relay)) suspend_command(monitor);
  if (polled[kSignals].revents & POLLIN) take_signals(monitor);
  if (has_pty(monitor)) relay_update(relay);
}

static void escape(const char *text, char *out, size_t size) {
  size_t at = 0;
  for (; *text != '\0' && at + 8 < size; text++) {
    const unsigned char byte = (unsigned char)*text;
    if (byte == '"' || byte == '\\') out[at++] = '\\';
    if (byte < 0x20) {
      at += (size_t)snprintf(out + at, size - at, "\\u%04x", byte);
    } else {
      out[at++] = (char)byte;
    }
  }
  out[at] = '\0';
}

extern const char *strerrorname_np(int error);
extern const char *sigabbrev_np(int signal);

static void tell_end(const struct monitor *monitor, int status) {
  char message[kMessageSize * 2], error[kMessageSize * 3] = "null", end[kMessageSize * 4];
  if (monitor->refusal.kind != 0) {
    const char *name = strerrorname_np(monitor->refusal.value);
    escape(monitor->refusal.text, message, sizeof message);
    snprintf(error, sizeof error, "{\"message\":\"%s\",\"errno\":\"%s\"}", message,
             name == NULL ? "" : name);
  }
  if (WIFSIGNALED(status)) {
    const char *name = sigabbrev_np(WTERMSIG(status));
    char number[16];
    snprintf(number, sizeof number, "%d", WTERMSIG(status));
    snprintf(end, sizeof end, "\"exitCode\":null,\"signal\":\"%s\",\"error\":%s",
             name == NULL ? number : name, error);
  } else {
    snprintf(end, sizeof end, "\"exitCode\":%d,\"signal\":null,\"error\":%s", WEXITSTATUS(status),
             error);
  }
  tell_status(monitor, end);
}

// As the command did, so that whoever waits for us cannot tell the difference.
_Noreturn static void end_alike(int status) {
  const struct rlimit none = {0, 0};
  sigset_t one;
  if (!WIFSIGNALED(status)) _exit(WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  setrlimit(RLIMIT_CORE, &none);
  signal(number, SIG_DFL);
  sigemptyset(&one);
  sigaddset(&one, number);
  kill(getpid(), number);
  sigprocmask(SIG_UNBLOCK, &one, NULL);
  _exit(128 + number);
}

_Noreturn static void watch(struct monitor *monitor) {
  prctl(PR_SET_NAME, "nsx", 0, 0, 0);
  // It may share a PID namespace with the target.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  // A key that stops the job stops the command; we follow when it has, else we would miss that.
  static const int kIgnored[] = {SIGTTIN, SIGTTOU, SIGPIPE};
  for (size_t i = 0; i < sizeof kIgnored / sizeof *kIgnored; i++) signal(kIgnored[i], SIG_IGN);
  if (has_pty(monitor)) relay_update(&monitor->relay);
  if (!monitor->spawns) learn_command(monitor, monitor->joiner);
  while (!monitor->ended) turn(monitor);
  if (has_pty(monitor)) {
    struct pollfd left = {.fd = monitor->relay.master, .events = POLLIN};
    while (poll(&left, 1, 0) > 0 && (left.revents & POLLIN) && relay_output(&monitor->relay))
      continue;
  }
  if (monitor->reports >= 0) read_reports(monitor);
  relay_restore(&monitor->relay);
  const int status = monitor->has_inner ? monitor->inner_status : monitor->status;
  tell_end(monitor, status);
  end_alike(status);
}

static int go_on(struct state *state, struct monitor *monitor, int inner, const sigset_t *before) {
  sigprocmask(SIG_SETMASK, before, NULL);
  close(monitor->reports);
  if (inner >= 0) {
    state->terminal = relay_enter(&monitor->relay, inner);
    if (state->terminal < 0) return errno;
  }
  return attach_terminal(state);
}

int do_monitor(struct state *state, const struct step *step) {
  static struct monitor monitor;
  sigset_t signals, before;
  int pipe_ends[2];
  int inner = -1;
  monitor.relay.outer = monitor.relay.master = -1;
  monitor.spawns = step->fields[0].number != 0;
  // What is told if nobody tells anything.
  monitor.status = kFailure << 8;
  monitor.status_fd = (int)step->fields[2].number;
  const int error = step->fields[1].number != 0 ? relay_open(&monitor.relay, &inner) : 0;
  if (error != 0) return error;
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) return errno;
  watched_signals(&signals);
  sigprocmask(SIG_BLOCK, &signals, &before);
  const pid_t joiner = fork();
  if (joiner < 0) return errno;
  monitor.reports = pipe_ends[0];
  if (joiner == 0) {
    state->monitor = pipe_ends[1];
    return go_on(state, &monitor, inner, &before);
  }
  close(pipe_ends[1]);
  if (inner >= 0) close(inner);
  monitor.joiner = joiner;
  monitor.signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  if (monitor.signals < 0 || fcntl(monitor.reports, F_SETFL, O_NONBLOCK) != 0) {
    kill(joiner, SIGKILL);
    return errno;
  }
  watch(&monitor);
}
