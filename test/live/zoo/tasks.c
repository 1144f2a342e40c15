#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

static pid_t other_task(pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *tasks = opendir(path);
  if (tasks == NULL) die(path);
  pid_t tid = 0;
  for (struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
    const pid_t number = (pid_t)strtol(entry->d_name, NULL, 10);
    if (number > 0 && number != pid) tid = number;
  }
  closedir(tasks);
  return tid;
}

static void tell_stray(struct held *held) {
  const pid_t tid = other_task(held->pid);
  held->type = stray_type->name;
  held->inum = inum_of(tid, stray_type->name);
  snprintf(held->extra, sizeof held->extra, ",\"tid\":%d", tid);
}

// stray TYPE: a process with two threads, of which the second has gone into a new namespace.
void hold_stray(const struct request *request, struct held *held) {
  stray_type = type_of(request->args[0]);
  held->pid = start_member((struct member){.finish = stray_beside_leader});
  tell_stray(held);
}

// headless [TYPE]: the same, but its leader has exited.
void hold_headless(const struct request *request, struct held *held) {
  stray_type = request->args[0] == NULL ? NULL : type_of(request->args[0]);
  held->pid = start_member((struct member){.finish = stray_behind_leader});
  if (stray_type != NULL) tell_stray(held);
}

static const char *opened_path;

static void open_behind_leader(void) {
  if (open(opened_path, O_RDONLY) != 4) die(opened_path);
  stray_behind_leader();
}

// headless-descriptor TYPE: an open file of a process whose leader has exited.
void hold_headless_descriptor(const struct request *request, struct held *held) {
  const struct namespace_type *type = type_of(request->args[0]);
  const pid_t pid = start_member((struct member){.flag = type->flag});
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, type->name);
  opened_path = path;
  stray_type = NULL;
  held->pid = start_member((struct member){.finish = open_behind_leader});
  held->type = type->name;
  held->inum = inum_of(pid, type->name);
  held->fd = 4;
  snprintf(held->extra, sizeof held->extra, ",\"tid\":%d", other_task(held->pid));
  end_member(pid);
}
