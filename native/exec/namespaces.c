#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"
#include "state.h"

int do_setns(struct state *state, const struct step *step) {
  const int fd = state->slots[step->fields[0].number];
  return setns(fd, (int)step->fields[1].number) == 0 ? 0 : errno;
}

bool wait_for_space(int64_t *patience_ms) {
  enum { kPauseMs = 10 };
  if (errno != ENOSPC || *patience_ms <= 0) return false;
  const struct timespec pause = {.tv_nsec = kPauseMs * 1000000L};
  nanosleep(&pause, NULL);
  *patience_ms -= kPauseMs;
  errno = ENOSPC;
  return true;
}

int do_unshare(struct state *state, const struct step *step) {
  (void)state;
  int64_t patience_ms = step->fields[1].number;
  while (unshare((int)step->fields[0].number) != 0) {
    if (!wait_for_space(&patience_ms)) return errno;
  }
  return 0;
}

int do_hostname(struct state *state, const struct step *step) {
  (void)state;
  const char *name = step->fields[0].text;
  return sethostname(name, strlen(name)) == 0 ? 0 : errno;
}

int do_loopback(struct state *state, const struct step *step) {
  (void)state;
  (void)step;
  struct ifreq lo = {.ifr_name = "lo"};
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  int error = ioctl(fd, SIOCGIFFLAGS, &lo) == 0 ? 0 : errno;
  lo.ifr_flags = (short)(lo.ifr_flags | IFF_UP);
  if (error == 0 && ioctl(fd, SIOCSIFFLAGS, &lo) != 0) error = errno;
  close(fd);
  return error;
}

int do_pin_cpu(struct state *state, const struct step *step) {
  (void)step;
  cpu_set_t one;
  const int cpu = sched_getcpu();
  if (cpu < 0 || sched_getaffinity(0, sizeof state->cpus, &state->cpus) != 0) return errno;
  CPU_ZERO(&one);
  CPU_SET((size_t)cpu, &one);
  if (sched_setaffinity(0, sizeof one, &one) != 0) return errno;
  state->pinned = true;
  return 0;
}
