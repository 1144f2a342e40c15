#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "state.h"

enum { kLastCapability = 63 };

struct sets {
  uint64_t effective, permitted, inheritable;
};

static int read_sets(struct sets *sets) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  if (syscall(SYS_capget, &header, data) != 0) return errno;
  sets->effective = data[0].effective | (uint64_t)data[1].effective << 32;
  sets->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
  sets->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
  return 0;
}

static int write_sets(const struct sets *sets) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  const struct __user_cap_data_struct data[2] = {
      {(uint32_t)sets->effective, (uint32_t)sets->permitted, (uint32_t)sets->inheritable},
      {(uint32_t)(sets->effective >> 32), (uint32_t)(sets->permitted >> 32),
       (uint32_t)(sets->inheritable >> 32)}};
  return syscall(SYS_capset, &header, data) == 0 ? 0 : errno;
}

static bool has(uint64_t set, int capability) { return (set >> capability & 1) != 0; }

static int raise_ambient(uint64_t set) {
  for (int i = 0; i <= kLastCapability; i++) {
    if (!has(set, i)) continue;
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) != 0) return errno;
  }
  return 0;
}

int do_groups(struct state *state, const struct step *step) {
  (void)state;
  const union field *ids = &step->fields[0];
  const bool lenient = step->fields[1].number != 0;
  gid_t *groups = calloc((size_t)ids->numbers.count + 1, sizeof *groups);
  if (groups == NULL) return ENOMEM;
  for (uint32_t i = 0; i < ids->numbers.count; i++) groups[i] = (gid_t)plan_number(ids, i);
  const long result = syscall(SYS_setgroups, (size_t)ids->numbers.count, groups);
  const int error = result == 0 || (lenient && errno == EPERM) ? 0 : errno;
  free(groups);
  return error;
}

int do_gid(struct state *state, const struct step *step) {
  (void)state;
  const gid_t id = (gid_t)step->fields[0].number;
  return syscall(SYS_setresgid, id, id, id) == 0 ? 0 : errno;
}

int do_uid(struct state *state, const struct step *step) {
  (void)state;
  const uid_t id = (uid_t)step->fields[0].number;
  if (step->fields[1].number != 0 && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return errno;
  return syscall(SYS_setresuid, id, id, id) == 0 ? 0 : errno;
}

int do_ambient(struct state *state, const struct step *step) {
  (void)state;
  (void)step;
  struct sets sets = {0};
  int error = read_sets(&sets);
  sets.effective = sets.permitted;
  sets.inheritable |= sets.permitted;
  if (error == 0) error = write_sets(&sets);
  return error == 0 ? raise_ambient(sets.permitted) : error;
}

// The bounding set first: that takes a capability which may be one of those to be given up.
static int drop_from_bounding(uint64_t kept) {
  for (int i = 0; i <= kLastCapability; i++) {
    if (has(kept, i) || prctl(PR_CAPBSET_READ, i, 0, 0, 0) != 1) continue;
    if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) != 0) return errno;
  }
  return 0;
}

int do_capabilities(struct state *state, const struct step *step) {
  (void)state;
  const uint64_t bounding = (uint64_t)step->fields[0].number;
  const uint64_t ambient = (uint64_t)step->fields[4].number;
  struct sets sets = {0};
  int error = read_sets(&sets);
  if (error != 0) return error;
  sets.effective = sets.permitted;
  error = write_sets(&sets);
  if (error == 0) error = drop_from_bounding(bounding);
  if (error == 0 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) error = errno;
  if (error != 0) return error;
  sets.permitted &= (uint64_t)step->fields[1].number;
  sets.effective = (uint64_t)step->fields[2].number & sets.permitted;
  sets.inheritable = (uint64_t)step->fields[3].number & (sets.permitted | sets.inheritable);
  error = write_sets(&sets);
  return error == 0 ? raise_ambient(ambient & sets.permitted & sets.inheritable) : error;
}

int do_no_new_privs(struct state *state, const struct step *step) {
  (void)state;
  (void)step;
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno;
}

int do_umask(struct state *state, const struct step *step) {
  (void)state;
  umask((mode_t)step->fields[0].number);
  return 0;
}

int do_limit(struct state *state, const struct step *step) {
  (void)state;
  const struct rlimit limit = {.rlim_cur = (rlim_t)step->fields[1].number,
                               .rlim_max = (rlim_t)step->fields[2].number};
  return setrlimit((__rlimit_resource_t)step->fields[0].number, &limit) == 0 ? 0 : errno;
}

// It may have ended before it was asked for; where it is the monitor, its end of the pipe tells.
int do_death_signal(struct state *state, const struct step *step) {
  const int signal = (int)step->fields[0].number;
  if (prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0) != 0) return errno;
  struct pollfd monitor = {.fd = state->monitor, .events = POLLOUT};
  if (state->monitor >= 0 && poll(&monitor, 1, 0) > 0 && (monitor.revents & POLLERR) != 0)
    kill(getpid(), signal);
  return 0;
}
