// Holds a namespace in a place where it is hard to find: `zoo [--uid N] HOLDER [ARG…]`.
//
// Prints one line of JSON when all is in place: {"pid", "holder", "type", "inum", "fd", …}, then
// waits until stdin closes (or for SIGTERM), takes everything down and exits. The holding process
// has the user id N, with no capability: what it holds is set up as root before.
#include "zoo.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "pairs.h"

static const struct holder {
  const char *name;
  hold_function *hold;
  void (*release)(void);  // What the end of all processes would not undo.
  int (*tick)(void);      // Called while waiting; returns the milliseconds until the next call.
} kHolders[] = {
    {"process", hold_process, NULL, NULL},
    {"ancestor", hold_ancestor, NULL, NULL},
    {"owner", hold_owner, NULL, NULL},
    {"descriptor", hold_descriptor, NULL, NULL},
    {"detached", hold_detached, NULL, NULL},
    {"mount", hold_mount, release_mount, NULL},
    {"socket", hold_socket, NULL, NULL},
    {"descriptors", hold_descriptors, NULL, NULL},
    {"comm", hold_comm, NULL, NULL},
    {"cmdline", hold_cmdline, NULL, NULL},
    {"nondumpable", hold_nondumpable, NULL, NULL},
    {"exec-churn", hold_churn, NULL, tick_churn},
    {"forge", hold_forge, NULL, NULL},
    {"zombie", hold_zombie, NULL, NULL},
    {"stray", hold_stray, NULL, NULL},
    {"headless", hold_headless, NULL, NULL},
    {"headless-descriptor", hold_headless_descriptor, NULL, NULL},
    {"for-children", hold_for_children, NULL, NULL},
    {"unborn", hold_unborn, NULL, NULL},
    {"tun", hold_tun, NULL, NULL},
    {"net-file", hold_net_file, NULL, NULL},
    {"elsewhere", hold_elsewhere, NULL, NULL},
    {"in-flight", hold_in_flight, NULL, NULL},
    {"fuse", hold_fuse, release_fuse, NULL},
    {"fuse-mute", hold_fuse, release_fuse, tick_fuse_mute},
    {"fuse-mount", hold_fuse_mount, release_fuse_mount, NULL},
};

static const struct holder *holder_named(const char *name) {
  for (size_t i = 0; i < sizeof kHolders / sizeof *kHolders; i++) {
    if (strcmp(kHolders[i].name, name) == 0) return &kHolders[i];
  }
  errno = EINVAL;
  die(name);
}

static void print_held(const char *holder, const struct held *held) {
  const char *quote = held->type == NULL ? "" : "\"";
  printf("{\"pid\":%d,\"holder\":\"%s\",\"type\":%s%s%s,\"inum\":%u,\"fd\":%d%s}\n", held->pid,
         holder, quote, held->type == NULL ? "null" : held->type, quote, held->inum, held->fd,
         held->extra);
  fflush(stdout);
}

static volatile sig_atomic_t told_to_end = 0;

static void on_signal(int signal) { told_to_end = signal; }

static void wait_for_the_end(int (*tick)(void)) {
  for (int timeout = 0; !told_to_end;) {
    struct pollfd input = {.fd = 0, .events = POLLIN};
    timeout = tick == NULL || timeout < 0 ? -1 : tick();
    const int events = poll(&input, 1, timeout);
    if (events < 0) return;
    char ignored[64];
    if (events > 0 && read(0, ignored, sizeof ignored) <= 0) return;
  }
}

int main(int argc, char **argv) {
  if (argc > 0 && strcmp(argv[0], IDLE_NAME) == 0) idle();
  if (argc > 1 && strcmp(argv[1], "pairs") == 0) return pairs_main(argc - 1, argv + 1);
  if (argc > 3 && strcmp(argv[1], "prober") == 0) {
    return prober_main((int)strtol(argv[2], NULL, 10), (int)strtol(argv[3], NULL, 10));
  }

  static const struct option kOptions[] = {{"uid", required_argument, NULL, 'u'}, {0}};
  struct request request = {.uid = 0};
  for (int option; (option = getopt_long(argc, argv, "+", kOptions, NULL)) != -1;) {
    if (option != 'u') return 2;
    request.uid = (uid_t)strtoul(optarg, NULL, 10);
  }
  if (optind >= argc) {
    fprintf(stderr, "usage: zoo [--uid N] HOLDER [ARG…]\n");
    return 2;
  }
  const struct holder *holder = holder_named(argv[optind]);
  request.args = argv + optind + 1;

  // A holder with something to undo must outlive a parent that was killed: the end of stdin, which
  // comes with that, is enough.
  if (holder->release == NULL) prctl(PR_SET_PDEATHSIG, SIGKILL);
  const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);

  close_range(STDERR_FILENO + 1, ~0U, 0);  // What our parent has left open.
  struct held held = {.fd = -1};
  holder->hold(&request, &held);
  if (held.pid == getpid()) become(request.uid);
  print_held(holder->name, &held);
  wait_for_the_end(holder->tick);
  if (holder->release != NULL) holder->release();
  end_members();
  return 0;
}
