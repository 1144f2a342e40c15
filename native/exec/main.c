// nsx-exec: carries out a plan and becomes the command, or waits for it. It decides nothing itself,
// looks nothing up, and knows no names: the plan was made by src/query/, which see.
//
// After it has joined a namespace it reads no file of it: no /proc, no passwd, no locale.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "state.h"

static action *const kActions[kOperations] = {
    [kMonitor] = do_monitor,
    [kBeside] = do_beside,
    [kGo] = do_go,
    [kPidfd] = do_pidfd,
    [kAlive] = do_alive,
    [kOpenDirectory] = do_open_directory,
    [kOpenNamespace] = do_open_namespace,
    [kOpenById] = do_open_by_id,
    [kOpenBySocket] = do_open_by_socket,
    [kOpenOwner] = do_open_owner,
    [kWrite] = do_write,
    [kWriteOwn] = do_write_own,
    [kMapTool] = do_map_tool,
    [kBindNamespace] = do_bind_namespace,
    [kSeal] = do_seal,
    [kSetns] = do_setns,
    [kUnshare] = do_unshare,
    [kChroot] = do_chroot,
    [kChrootPath] = do_chroot_path,
    [kChdir] = do_chdir,
    [kChdirPath] = do_chdir_path,
    [kCloseSlots] = do_close_slots,
    [kSpawn] = do_spawn,
    [kInit] = do_init,
    [kMount] = do_mount,
    [kFileOver] = do_file_over,
    [kHostname] = do_hostname,
    [kLoopback] = do_loopback,
    [kPinCpu] = do_pin_cpu,
    [kGroups] = do_groups,
    [kGid] = do_gid,
    [kUid] = do_uid,
    [kAmbient] = do_ambient,
    [kCapabilities] = do_capabilities,
    [kNoNewPrivs] = do_no_new_privs,
    [kUmask] = do_umask,
    [kLimit] = do_limit,
    [kDeathSignal] = do_death_signal,
    [kExec] = do_exec,
};

int do_step(struct state *state, const struct step *step) {
  return kActions[step->operation](state, step);
}

int refuse(const struct state *state, const struct step *step, int error) {
  char message[kMessageSize];
  tell_refusal(step, error, message);
  // What can be done without does not decide what becomes of the command.
  if (!step->optional) report(state, kRefused, error, message);
  return kFailure;
}

// A descriptor that is opened later must not become one of the command's.
static void fill_standard_streams(void) {
  int fd;
  do {
    fd = open("/dev/null", O_RDWR);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd >= 0) close(fd);
}

static int broken(const char *why) {
  char message[kMessageSize];
  tell("carry out the plan", 0, why, "nsx-exec is started by nsx alone", message);
  return kFailure;
}

// The last step does not return.
static int carry_out(struct state *state) {
  for (state->at = 0; state->at < state->plan->count; state->at++) {
    const struct step *step = &state->plan->steps[state->at];
    if (step->group != 0) continue;
    const int error = do_step(state, step);
    if (error == 0) continue;
    const struct step *refused = &state->plan->steps[state->at];
    const int status = refuse(state, refused, error);
    if (!refused->optional) return status;
  }
  return kFailure;
}

int main(int argc, char **argv) {
  static struct plan plan;
  static struct state state = {.plan = &plan, .monitor = -1, .bystander = -1, .terminal = -1};
  if (argc != 2) return broken("there is none");
  const int fd = atoi(argv[1]);
  const char *wrong = plan_read(fd, &plan);
  if (wrong != NULL) return broken(wrong);
  close(fd);
  fill_standard_streams();
  for (int i = 0; i < kSlots; i++) state.slots[i] = -1;
  return carry_out(&state);
}
