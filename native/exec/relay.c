#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel.h"
#include "monitor.h"

static int open_inner(int master) {
  const int inner = ioctl(master, NSX_TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (inner >= 0) return inner;
  // Before Linux 4.13.
  char name[64];
  if (ptsname_r(master, name, sizeof name) != 0) return -1;
  return open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

// Keys are the command's only if nobody else on the terminal waits for some: the next one in a
// pipeline (`| less`) would.
static bool has_keyboard(void) {
  struct stat facts;
  const bool is_piped =
      fstat(STDOUT_FILENO, &facts) == 0 && (S_ISFIFO(facts.st_mode) || S_ISSOCK(facts.st_mode));
  return isatty(STDIN_FILENO) && !is_piped;
}

static bool is_in_foreground(const struct relay *relay) {
  return tcgetpgrp(relay->outer) == getpgrp();
}

// The pty is set up as the terminal is, once that is ours: in the background its modes are those
// of whoever has it, such as a shell's that edits a line. Later the command may have changed it.
static int make_alike(struct relay *relay) {
  struct termios inner;
  if (relay->alike || (relay->keyboard && !is_in_foreground(relay))) return 0;
  relay->alike = true;
  if (tcgetattr(relay->master, &inner) != 0) return errno;
  if (inner.c_iflag != relay->fresh.c_iflag || inner.c_oflag != relay->fresh.c_oflag ||
      inner.c_lflag != relay->fresh.c_lflag)
    return 0;
  return tcsetattr(relay->master, TCSANOW, &relay->before) == 0 ? 0 : errno;
}

int relay_open(struct relay *relay, int *inner) {
  int unlocked = 0;
  relay->outer = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (relay->outer < 0) return errno;
  relay->master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (relay->master < 0 || ioctl(relay->master, TIOCSPTLCK, &unlocked) != 0) return errno;
  *inner = open_inner(relay->master);
  if (*inner < 0 || tcgetattr(relay->outer, &relay->before) != 0) return errno;
  if (tcgetattr(*inner, &relay->fresh) != 0) return errno;
  relay->keyboard = has_keyboard();
  const int error = make_alike(relay);
  if (error != 0) return error;
  relay_resize(relay);
  return 0;
}

int relay_enter(struct relay *relay, int inner) {
  int terminal = inner;
  for (int fd = 0; fd <= STDERR_FILENO; fd++) {
    if (!isatty(fd)) continue;
    if (dup2(inner, fd) < 0) return -1;
    terminal = fd;
  }
  if (terminal != inner) close(inner);
  close(relay->outer);
  close(relay->master);
  return terminal;
}

void relay_update(struct relay *relay) {
  if (!relay->keyboard || relay->raw || !is_in_foreground(relay)) return;
  if (tcgetattr(relay->outer, &relay->before) != 0) return;
  make_alike(relay);
  struct termios raw = relay->before;
  cfmakeraw(&raw);
  relay->raw = tcsetattr(relay->outer, TCSANOW, &raw) == 0;
}

void relay_restore(struct relay *relay) {
  if (relay->raw) tcsetattr(relay->outer, TCSADRAIN, &relay->before);
  relay->raw = false;
}

void relay_resize(const struct relay *relay) {
  struct winsize size;
  if (ioctl(relay->outer, TIOCGWINSZ, &size) == 0) ioctl(relay->master, TIOCSWINSZ, &size);
}

pid_t relay_group(const struct relay *relay) {
  pid_t group = 0;
  return ioctl(relay->master, TIOCGPGRP, &group) == 0 ? group : 0;
}

static void write_all(int fd, const char *bytes, ssize_t size) {
  while (size > 0) {
    const ssize_t put = write(fd, bytes, (size_t)size);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return;
    bytes += put;
    size -= put;
  }
}

bool relay_output(const struct relay *relay) {
  char bytes[4096];
  const ssize_t got = read(relay->master, bytes, sizeof bytes);
  if (got > 0) write_all(relay->outer, bytes, got);
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

void relay_flush(struct relay *relay) {
  if (relay->typed_size <= 0) return;
  const ssize_t put = write(relay->master, relay->typed, (size_t)relay->typed_size);
  if (put <= 0) return;
  memmove(relay->typed, relay->typed + put, (size_t)(relay->typed_size - put));
  relay->typed_size -= put;
}

// Signals that it ignores and that it handles, of /proc/PID/stat (proc_pid_stat(5), 33 and 34).
static bool stops_by_default(pid_t pid) {
  char path[32], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  if (size <= 0) return false;
  text[size] = '\0';
  const char *at = strrchr(text, ')');
  for (int field = 2; field < 33 && at != NULL; field++) at = strchr(at + 1, ' ');
  if (at == NULL) return false;
  char *end;
  const unsigned long ignored = strtoul(at, &end, 10);
  const unsigned long handled = strtoul(end, NULL, 10);
  return ((ignored | handled) >> (SIGTSTP - 1) & 1) == 0;
}

// The group of a session's leader has no parent within the session, and the kernel stops no such
// group by a key (setpgid(2), "orphaned process group"): the monitor has to.
static bool is_for_us(const struct relay *relay) {
  const pid_t group = relay_group(relay);
  return group > 0 && getsid(group) == group && stops_by_default(group);
}

static ssize_t find_suspend(const struct relay *relay) {
  struct termios inner;
  if (tcgetattr(relay->master, &inner) != 0 || (inner.c_lflag & ISIG) == 0) return -1;
  const char *found = memchr(relay->typed, inner.c_cc[VSUSP], (size_t)relay->typed_size);
  return found == NULL || inner.c_cc[VSUSP] == 0 ? -1 : found - relay->typed;
}

bool relay_keyboard(struct relay *relay) {
  relay->typed_size = read(relay->outer, relay->typed, sizeof relay->typed);
  if (relay->typed_size <= 0) {
    if (relay->typed_size == 0 || (errno != EINTR && errno != EAGAIN)) relay->keyboard = false;
    relay->typed_size = 0;
    return false;
  }
  const ssize_t at = find_suspend(relay);
  const bool is_ours = at >= 0 && is_for_us(relay);
  // What was typed after it is for whoever has the terminal then.
  if (is_ours) relay->typed_size = at;
  relay_flush(relay);
  return is_ours;
}
