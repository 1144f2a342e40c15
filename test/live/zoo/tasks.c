#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

static void end_at_once(void) { _exit(0); }

// zombie [TYPE]: a process that has ended, in a new namespace, and that nobody has waited for.
void hold_zombie(const struct request *request, struct held *held) {
  const int flag = request->args[0] == NULL ? 0 : type_of(request->args[0])->flag;
  held->pid =
      start_member((struct member){.flag = flag, .uid = request->uid, .finish = end_at_once});
  siginfo_t info;
  if (waitid(P_PID, (id_t)held->pid, &info, WEXITED | WNOWAIT) != 0) die("waitid");
}

static const struct namespace_type *stray_type;

static bool is_zombie(pid_t pid) {
  char path[64];
  char text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE *file = fopen(path, "re");
  if (file == NULL) die(path);
  const size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = '\0';
  const char *end = strrchr(text, ')');
  return end != NULL && end[2] == 'Z';
}

static void *stray(void *leaves) {
  if (stray_type != NULL && unshare(stray_type->flag) != 0) die("unshare");
  while (leaves != NULL && !is_zombie(getpid())) usleep(1000);
  close(3);  // The pipe that says ready.
  idle();
}

static void start_stray(void *leaves) {
  pthread_t thread;
  if ((errno = pthread_create(&thread, NULL, stray, leaves)) != 0) die("pthread_create");
}

static void stray_behind_leader(void) {
  start_stray("");
  pthread_exit(NULL);
}

static void stray_beside_leader(void) {
  start_stray(NULL);
  idle();
}

// stray TYPE: a process with two threads, of which the second has gone into a new namespace.
void hold_stray(const struct request *request, struct held *held) {
  stray_type = type_of(request->args[0]);
  held->pid = start_member((struct member){.finish = stray_beside_leader});
}

// headless [TYPE]: the same, but its leader has exited.
void hold_headless(const struct request *request, struct held *held) {
  stray_type = request->args[0] == NULL ? NULL : type_of(request->args[0]);
  held->pid = start_member((struct member){.finish = stray_behind_leader});
}
