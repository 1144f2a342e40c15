// Starts nsx-exec as the addon does, from sealed memory and with a plan in sealed memory, so that
// its own part of the time can be told apart: `launch HELPER PLAN`.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

enum { kAllSeals = 15, kAddSeals = 1033 };

static int sealed_copy(const char *path) {
  struct stat facts;
  const int from = open(path, O_RDONLY | O_CLOEXEC);
  const int copy = memfd_create("sealed", MFD_ALLOW_SEALING);
  if (from < 0 || copy < 0 || fstat(from, &facts) != 0) return -1;
  for (off_t at = 0; at < facts.st_size;) {
    if (sendfile(copy, from, &at, (size_t)(facts.st_size - at)) <= 0) return -1;
  }
  close(from);
  return fcntl(copy, kAddSeals, kAllSeals) == 0 ? copy : -1;
}

int main(int argc, char **argv) {
  char number[16];
  if (argc != 3) return 2;
  const int helper = sealed_copy(argv[1]);
  const int plan = sealed_copy(argv[2]);
  if (helper < 0 || plan < 0) {
    perror("launch");
    return 1;
  }
  snprintf(number, sizeof number, "%d", plan);
  char *const args[] = {"nsx-exec", number, NULL};
  char *const none[] = {NULL};
  fcntl(helper, F_SETFD, FD_CLOEXEC);
  fexecve(helper, args, none);
  perror("launch");
  return 1;
}
