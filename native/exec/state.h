// What the steps of a plan share, and the functions that carry them out: 0 or an errno each.
#pragma once

#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "plan.h"
#include "tell.h"

struct state {
  const struct plan *plan;
  uint32_t at;  // the step that is being done
  int slots[kSlots];
  int monitor;    // where the monitor is told things; -1: there is none
  int bystander;  // its socket; -1: there is none
  pid_t bystander_pid;
  int terminal;  // the pty that is to be the controlling terminal; -1: none
  bool pinned;
  cpu_set_t cpus;  // before it was pinned
};

// To the monitor, by those that it waits for.
enum report_kind {
  kCommandPid = 1,  // value: its pid, in the PID namespace of the monitor
  kRefused,         // value: errno; text: what the user was told
  kWaitStatus,      // value: of the command, which is a child of init
  kStopped,         // the command has, which is a child of init
};

struct report {
  int kind;
  int value;
  char text[kMessageSize];
};

void report(const struct state *state, enum report_kind kind, int value, const char *text);

// Tells the user and the monitor; the status to exit with.
int refuse(const struct state *state, const struct step *step, int error);

// Where it fails in a step that it was told to let another process do, `at` says which.
typedef int action(struct state *state, const struct step *step);

action do_monitor, do_beside, do_go, do_spawn, do_init, do_exec;                 // processes
action do_pidfd, do_alive, do_open_directory, do_open_namespace, do_open_by_id,  // open.c
    do_open_by_socket, do_open_owner, do_close_slots, do_seal;                   //
action do_setns, do_unshare, do_hostname, do_loopback, do_pin_cpu;               // namespaces.c
action do_write, do_write_own, do_bind_namespace, do_map_tool, do_mount,         // files.c
    do_file_over, do_chroot, do_chroot_path, do_chdir, do_chdir_path;            //
action do_groups, do_gid, do_uid, do_ambient, do_capabilities, do_no_new_privs,  // identity.c
    do_umask, do_limit, do_death_signal;                                         //

// Does one step by its number; 0 or an errno.
int do_step(struct state *state, const struct step *step);

// Lets the bystander do a group, from the step *at on, and waits for it. On failure *at is its
// step.
int let_beside(const struct state *state, int64_t group, pid_t pid, uint32_t *at);

// Lets it go where nothing is left for it to do.
void dismiss_beside(struct state *state);

// A process of ours by the number that /proc has for it.
pid_t pid_in_proc(pid_t pid);

// The process that steps of the bystander are about, as /proc has it; 0: itself.
extern pid_t beside_pid;

// Signals that are passed on to the command.
void forwarded_signals(sigset_t *signals);

// In the process that becomes the command: its own session on the pty, where there is one.
int attach_terminal(struct state *state);

// A step of this operation that is still to come, or NULL.
const struct step *later_step(const struct state *state, enum operation operation);

// Tries again while the kernel says ENOSPC: it frees namespaces late. False: patience is over.
bool wait_for_space(int64_t *patience_ms);
