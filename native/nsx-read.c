// A child that reads files which others may have made to wait for ever: whoever started it reads
// the answers as they come, and abandons it when they stop. Nothing else belongs in here.
//
// Standard input: requests, one after the other, until the end of the file. Standard output: an
// answer to each, in order, as soon as it is there. The structures below, in the byte order of the
// machine; both ends are in src/host/read-files.ts.
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

// Followed by the bytes of the root and those of the path.
struct request {
  uint32_t root_size;
  uint32_t path_size;
  uint32_t limit;
};

// Followed by the bytes of the file.
struct answer {
  uint32_t error;  // errno; 0: it was read
  uint32_t uid;
  uint32_t gid;
  uint32_t mode;
  uint32_t cut;  // 1: there is more than the limit
  uint32_t size;
};

enum { kPathSize = 4096, kFirstSize = 64 * 1024, kAttempts = 4, kLastSignal = 64 };

// The same numbers on every architecture that we build for (asm-generic/unistd.h).
enum { kSysCloseRange = 436, kSysOpenat2 = 437 };

static bool read_whole(void *into, size_t size) {
  for (size_t at = 0; at < size;) {
    const ssize_t got = read(STDIN_FILENO, (char *)into + at, size - at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += (size_t)got;
  }
  return true;
}

// Where nobody takes the answers any more, SIGPIPE ends us.
static void write_whole(const void *from, size_t size) {
  for (size_t at = 0; at < size;) {
    const ssize_t put = write(STDOUT_FILENO, (const char *)from + at, size - at);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) _exit(1);
    at += (size_t)put;
  }
}

// Reads a text of a request and ends it with a NUL. The error of one that cannot be a path is in
// *error; false: the input ended.
static bool read_text(char *text, size_t size, int *error) {
  if (size >= kPathSize) {
    *error = ENAMETOOLONG;
    char byte;
    while (size-- > 0) {
      if (!read_whole(&byte, 1)) return false;
    }
    return true;
  }
  if (!read_whole(text, size)) return false;
  if (memchr(text, '\0', size) != NULL) *error = EINVAL;
  text[size] = '\0';
  return true;
}

// Files of the kernel whose reading takes something away or waits (/proc/kmsg, trace_pipe): a link
// in a container may lead to them. What they say would be about us, too, not about the container.
static bool is_of_kernel(int fd) {
  static const uint32_t kMagics[] = {0x9fa0 /* proc */, 0x62656572 /* sysfs */,
                                     0x64626720 /* debugfs */, 0x74726163 /* tracefs */};
  struct statfs facts;
  // The kernel's own never fail.
  if (fstatfs(fd, &facts) != 0) return false;
  for (size_t i = 0; i < sizeof kMagics / sizeof *kMagics; i++) {
    if ((uint32_t)facts.f_type == kMagics[i]) return true;
  }
  return false;
}

// Never open(2) instead: it would follow an absolute link to a file of ours.
static int open_below(int root, const char *path) {
  struct open_how how = {.flags = O_PATH | O_CLOEXEC,
                         .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
  // EAGAIN: something was renamed or mounted while `..` was walked (openat2(2)). That passes.
  for (int attempt = 0;; attempt++) {
    const int fd = (int)syscall(kSysOpenat2, root, path, &how, sizeof how);
    if (fd >= 0 || errno != EAGAIN || attempt == kAttempts) return fd;
  }
}

// Opens what an O_PATH descriptor refers to: that file and no other, whatever is at its path by
// now.
static int open_again(int fd) {
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  const int readable = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  // It is there; what is missing is /proc.
  if (readable < 0 && errno == ENOENT && access("/proc/self/fd", F_OK) != 0) errno = ENOSYS;
  return readable;
}

// What was read so far; it grows and is used again for each file.
static char *bytes;
static size_t capacity;

static bool make_room(size_t size) {
  if (size <= capacity) return true;
  char *larger = realloc(bytes, size);
  if (larger == NULL) return false;
  bytes = larger;
  capacity = size;
  return true;
}

// One byte more than the limit, to know whether there is more. Returns an errno.
static int read_bytes(int fd, size_t limit, struct answer *answer) {
  size_t size = 0;
  while (size <= limit) {
    if (size == capacity && !make_room(capacity == 0 ? kFirstSize : capacity * 2)) return ENOMEM;
    const size_t room = capacity - size;
    const size_t left = limit + 1 - size;
    const ssize_t got = read(fd, bytes + size, room < left ? room : left);
    if (got < 0) return errno;
    if (got == 0) break;
    size += (size_t)got;
  }
  answer->cut = size > limit;
  answer->size = (uint32_t)(size > limit ? limit : size);
  return 0;
}

static int read_regular(int fd, size_t limit, struct answer *answer) {
  struct stat facts;
  if (fstat(fd, &facts) != 0) return errno;
  if (S_ISDIR(facts.st_mode)) return EISDIR;
  // A FIFO, a terminal or a device is never opened in earnest: that alone can do something.
  if (!S_ISREG(facts.st_mode) || is_of_kernel(fd)) return EINVAL;
  answer->uid = facts.st_uid;
  answer->gid = facts.st_gid;
  answer->mode = facts.st_mode & 07777;
  const int readable = open_again(fd);
  if (readable < 0) return errno;
  const int error = read_bytes(readable, limit, answer);
  close(readable);
  return error;
}

static int read_file(const char *root, const char *path, size_t limit, struct answer *answer) {
  const int directory = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return errno;
  const int fd = open_below(directory, path);
  int error = fd < 0 ? errno : 0;
  close(directory);
  if (error != 0) return error;
  error = read_regular(fd, limit, answer);
  close(fd);
  return error;
}

static bool serve_one(void) {
  static char root[kPathSize], path[kPathSize];
  struct request request;
  struct answer answer = {0};
  int error = 0;
  if (!read_whole(&request, sizeof request)) return false;
  if (!read_text(root, request.root_size, &error)) return false;
  if (!read_text(path, request.path_size, &error)) return false;
  if (error == 0) error = read_file(root, path, request.limit, &answer);
  if (error != 0) answer = (struct answer){.error = (uint32_t)error};
  write_whole(&answer, sizeof answer);
  write_whole(bytes, answer.size);
  return true;
}

static void close_others(void) {
  if (syscall(kSysCloseRange, 3U, ~0U, 0U) == 0) return;
  // Before Linux 5.9.
  const long most = sysconf(_SC_OPEN_MAX);
  for (int fd = 3; fd < most; fd++) close(fd);
}

static void forget_the_parent(void) {
  const struct rlimit none = {0, 0};
  sigset_t signals;
  close_others();
  for (int number = 1; number <= kLastSignal; number++) signal(number, SIG_DFL);
  sigemptyset(&signals);
  sigprocmask(SIG_SETMASK, &signals, NULL);
  setrlimit(RLIMIT_CORE, &none);
  // Where the parent is gone already, its end of the pipes is, too.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
}

int main(void) {
  forget_the_parent();
  while (serve_one()) continue;
  return 0;
}
