// Runs a command and says what it cost: `measure [--pass] COMMAND [ARG…]` drains its stdout (with
// --pass: copies it) and then prints one line of JSON: {"wallMs", "cpuMs", "peakKiB", "bytes",
// "exit"}, exit as a shell would give it. stdin is /dev/null, stderr is passed through.
//
// A program of its own, because peak memory survives exec: a child forked by a large process would
// be given that process's peak (ru_maxrss, getrusage(2)). vfork from this one costs it below 1 MiB.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double ms_of(struct timeval time) {
  return (double)time.tv_sec * 1e3 + (double)time.tv_usec / 1e3;
}

int main(int argc, char **argv) {
  int output[2];
  const int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const bool pass = argc > 1 && strcmp(argv[1], "--pass") == 0;
  char **command = argv + (pass ? 2 : 1);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (argc < (pass ? 3 : 2) || null_fd < 0 || pipe2(output, O_CLOEXEC) != 0) {
    fprintf(stderr, "usage: measure [--pass] COMMAND [ARG…]\n");
    return 2;
  }

  const double start = now_ms();
  const pid_t pid = vfork();
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(null_fd, 0);
    dup2(output[1], 1);
    execvp(command[0], command);
    _exit(errno == ENOENT ? 127 : 126);
  }
  if (pid < 0) {
    perror("measure: vfork");
    return 1;
  }
  close(output[1]);

  static char buffer[1 << 16];
  unsigned long bytes = 0;
  for (;;) {
    const ssize_t length = read(output[0], buffer, sizeof buffer);
    if (length > 0) bytes += (unsigned long)length;
    if (length > 0 && pass) fwrite(buffer, 1, (size_t)length, stdout);
    if (length == 0 || (length < 0 && errno != EINTR)) break;
  }
  int status = 0;
  struct rusage usage;
  while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) continue;
  const double wall = now_ms() - start;

  printf("{\"wallMs\":%.3f,\"cpuMs\":%.3f,\"peakKiB\":%ld,\"bytes\":%lu,\"exit\":%d}\n", wall,
         ms_of(usage.ru_utime) + ms_of(usage.ru_stime), usage.ru_maxrss, bytes,
         WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  return 0;
}
