// A child that stays outside of the namespaces that its parent makes: it has the rights to write
// their maps, and the mounts to bind them to.
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state.h"

pid_t beside_pid;

struct order {
  int64_t group;
  pid_t pid;
  uint32_t from;  // the first step that counts
};

struct outcome {
  int error;
  uint32_t at;
};

static struct outcome do_group(struct state *state, const struct order *order) {
  for (uint32_t i = order->from; i < state->plan->count; i++) {
    const struct step *step = &state->plan->steps[i];
    if ((int64_t)step->group != order->group) continue;
    const int error = do_step(state, step);
    if (error != 0) return (struct outcome){.error = error, .at = i};
  }
  return (struct outcome){0};
}

// Until whoever gives the orders has closed its end.
_Noreturn static void obey(struct state *state, int socket) {
  struct order order;
  while (recv(socket, &order, sizeof order, 0) == sizeof order) {
    beside_pid = pid_in_proc(order.pid);
    const struct outcome outcome = do_group(state, &order);
    if (send(socket, &outcome, sizeof outcome, MSG_NOSIGNAL) < 0) break;
  }
  _exit(0);
}

int do_beside(struct state *state, const struct step *step) {
  (void)step;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return errno;
  const pid_t child = fork();
  if (child < 0) return errno;
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    close(ends[0]);
    // What the monitor waits for is the command, not us.
    if (state->monitor >= 0) close(state->monitor);
    obey(state, ends[1]);
  }
  close(ends[1]);
  state->bystander = ends[0];
  state->bystander_pid = child;
  return 0;
}

static bool is_needed_later(const struct state *state) {
  for (uint32_t i = state->at + 1; i < state->plan->count; i++) {
    const struct step *step = &state->plan->steps[i];
    if (step->operation == kGo) return true;
    if (step->operation == kSpawn && step->fields[1].number >= 0) return true;
  }
  return false;
}

// The command is not to find a dead child of ours.
void dismiss_beside(struct state *state) {
  if (state->bystander < 0 || is_needed_later(state)) return;
  close(state->bystander);
  state->bystander = -1;
  while (waitpid(state->bystander_pid, NULL, 0) < 0 && errno == EINTR) continue;
}

int let_beside(const struct state *state, int64_t group, pid_t pid, uint32_t *at) {
  const struct order order = {.group = group, .pid = pid, .from = *at};
  struct outcome outcome;
  *at = state->at;
  if (send(state->bystander, &order, sizeof order, MSG_NOSIGNAL) != sizeof order) return ECHILD;
  if (recv(state->bystander, &outcome, sizeof outcome, 0) != sizeof outcome) return ECHILD;
  if (outcome.error != 0) *at = outcome.at;
  return outcome.error;
}

static bool is_mount_bind(const struct step *step) {
  return step->operation == kBindNamespace && strcmp(step->fields[0].text, "mnt") == 0;
}

static void go_to_next_cpu(const struct state *state) {
  cpu_set_t one;
  const int now = sched_getcpu();
  for (int i = 1; now >= 0 && i <= CPU_SETSIZE; i++) {
    const size_t next = (size_t)(now + i) % CPU_SETSIZE;
    if (!CPU_ISSET(next, &state->cpus)) continue;
    CPU_ZERO(&one);
    CPU_SET(next, &one);
    if (sched_setaffinity(0, sizeof one, &one) == 0) return;
  }
}

// Linux 6.18 binds a mount namespace only into one with a lower id. Each CPU gives ascending ones
// of its own: then another new one is tried, made on another CPU, among which is that of the older
// one.
int do_go(struct state *state, const struct step *step) {
  const int attempts = state->pinned ? CPU_COUNT(&state->cpus) : 0;
  uint32_t at = 0;
  for (int attempt = 0;; attempt++) {
    const int error = let_beside(state, step->fields[0].number, getpid(), &at);
    if (error == 0) break;
    const bool again = error == EINVAL && is_mount_bind(&state->plan->steps[at]);
    if (again && state->pinned) go_to_next_cpu(state);
    if (!again || attempt >= attempts || unshare(CLONE_NEWNS) != 0) {
      state->at = at;
      return error;
    }
  }
  dismiss_beside(state);
  return 0;
}
