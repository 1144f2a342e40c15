#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "kernel.h"
#include "state.h"

static int keep_in_slot(struct state *state, const struct step *step, int fd) {
  if (fd < 0) return errno;
  int *slot = &state->slots[step->fields[0].number];
  if (*slot >= 0) close(*slot);
  *slot = fd;
  return 0;
}

static int slot_of(const struct state *state, const union field *field) {
  return field->number < 0 || field->number >= kSlots ? -1 : state->slots[field->number];
}

static bool read_text(const char *path, char *text, size_t size) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t got = read(fd, text, size - 1);
  close(fd);
  if (got <= 0) return false;
  text[got] = '\0';
  return true;
}

// Its number in /proc; 0: it has none there.
static pid_t shown_pid(int pidfd) {
  static const char kField[] = "\nPid:\t";
  char path[40], text[1024];
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
  if (!read_text(path, text, sizeof text)) return 0;
  const char *at = strstr(text, kField);
  const long pid = at == NULL ? 0 : strtol(at + sizeof kField - 1, NULL, 10);
  return pid > 0 ? (pid_t)pid : 0;
}

pid_t pid_in_proc(pid_t pid) {
  const int fd = (int)syscall(kSysPidfdOpen, pid, 0);
  if (fd < 0) return pid;
  const pid_t shown = shown_pid(fd);
  close(fd);
  return shown > 0 ? shown : pid;
}

// Field 22 of /proc/PID/stat; 0: it cannot be read. The name before it may hold anything.
static uint64_t start_ticks(pid_t pid) {
  char path[32], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  if (!read_text(path, text, sizeof text)) return 0;
  const char *at = strrchr(text, ')');
  if (at == NULL) return 0;
  for (int field = 2; field < 22 && at != NULL; field++) at = strchr(at + 1, ' ');
  return at == NULL ? 0 : strtoull(at, NULL, 10);
}

// Whether /proc numbers the process as the kernel does for us: one that was mounted in another PID
// namespace may have another process, or none, by that number.
static bool is_in_proc(int fd, pid_t pid) { return shown_pid(fd) == pid; }

int do_pidfd(struct state *state, const struct step *step) {
  const pid_t pid = (pid_t)step->fields[1].number;
  const uint64_t ticks = (uint64_t)step->fields[2].number;
  const uint64_t inode = (uint64_t)step->fields[3].number;
  int fd = (int)syscall(kSysPidfdOpen, pid, 0);
  // A thread that is not the first of its process (Linux 6.9).
  if (fd < 0 && (errno == EINVAL || errno == ENOENT))
    fd = (int)syscall(kSysPidfdOpen, pid, kPidfdThread);
  if (fd < 0) return errno == EINVAL || errno == ENOENT ? ESRCH : errno;
  struct stat facts;
  const bool is_it = is_in_proc(fd, pid) && (ticks == 0 || start_ticks(pid) == ticks) &&
                     (inode == 0 || (fstat(fd, &facts) == 0 && facts.st_ino == inode));
  if (!is_it) {
    close(fd);
    return ESRCH;
  }
  return keep_in_slot(state, step, fd);
}

int do_alive(struct state *state, const struct step *step) {
  struct pollfd ended = {.fd = slot_of(state, &step->fields[0]), .events = POLLIN};
  if (poll(&ended, 1, 0) < 0) return errno;
  return ended.revents == 0 ? 0 : ESRCH;
}

int do_open_directory(struct state *state, const struct step *step) {
  const int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  return keep_in_slot(state, step, open(step->fields[1].text, flags));
}

// A path may lead to anything: it is opened in earnest only if it is a namespace.
static int open_again(int fd) {
  char path[32];
  struct statfs facts;
  if (fstatfs(fd, &facts) != 0) return -1;
  if ((uint32_t)facts.f_type != NSX_NSFS_MAGIC) {
    errno = EINVAL;
    return -1;
  }
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return open(path, O_RDONLY | O_CLOEXEC);
}

// 0: it is of this type and inode, as far as these are given.
static int check_namespace(int fd, uint64_t inum, uint64_t type) {
  struct stat facts;
  if (fstat(fd, &facts) != 0) return errno;
  if (inum != 0 && facts.st_ino != inum) return ESTALE;
  const int bit = ioctl(fd, kNsGetNstype);
  return type != 0 && bit >= 0 && (uint64_t)bit != type ? EINVAL : 0;
}

static int keep_namespace(struct state *state, const struct step *step, int fd, uint64_t inum,
                          uint64_t type) {
  if (fd < 0) return errno;
  const int error = check_namespace(fd, inum, type);
  if (error == 0) return keep_in_slot(state, step, fd);
  close(fd);
  return error;
}

int do_open_namespace(struct state *state, const struct step *step) {
  const int found = open(step->fields[1].text, O_PATH | O_CLOEXEC);
  if (found < 0) return errno;
  const int fd = open_again(found);
  const int error = errno;
  close(found);
  errno = error;
  const uint64_t inum = (uint64_t)step->fields[2].number;
  return keep_namespace(state, step, fd, inum, (uint64_t)step->fields[3].number);
}

int do_open_by_id(struct state *state, const struct step *step) {
  const uint64_t id = (uint64_t)step->fields[1].number;
  const uint32_t inum = (uint32_t)step->fields[2].number;
  const uint32_t type = (uint32_t)step->fields[3].number;
  struct {
    struct file_handle handle;
    char bytes[16];
  } of = {.handle = {.handle_bytes = sizeof of.bytes, .handle_type = kNsfsHandle}};
  // struct nsfs_file_handle (include/uapi/linux/nsfs.h).
  memcpy(of.handle.f_handle, &id, sizeof id);
  memcpy(of.handle.f_handle + 8, &type, sizeof type);
  memcpy(of.handle.f_handle + 12, &inum, sizeof inum);
  const int fd = open_by_handle_at(kNsfsRoot, &of.handle, O_RDONLY | O_CLOEXEC);
  return keep_namespace(state, step, fd, inum, type);
}

int do_open_by_socket(struct state *state, const struct step *step) {
  const int process = slot_of(state, &step->fields[1]);
  const int socket = (int)syscall(kSysPidfdGetfd, process, (int)step->fields[2].number, 0);
  if (socket < 0) return errno;
  const int fd = ioctl(socket, kSiocgskns);
  const int error = errno;
  close(socket);
  errno = error == ENOTTY ? ENOTSOCK : error;
  return keep_in_slot(state, step, fd);
}

int do_open_owner(struct state *state, const struct step *step) {
  return keep_in_slot(state, step, ioctl(slot_of(state, &step->fields[1]), kNsGetUserns));
}

int do_close_slots(struct state *state, const struct step *step) {
  (void)step;
  for (int i = 0; i < kSlots; i++) {
    if (state->slots[i] >= 0) close(state->slots[i]);
    state->slots[i] = -1;
  }
  return 0;
}

static int set_cloexec(int fd, bool on) {
  const int flags = fcntl(fd, F_GETFD);
  if (flags < 0) return errno;
  const int wanted = on ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC;
  return fcntl(fd, F_SETFD, wanted) == 0 ? 0 : errno;
}

// Before Linux 5.11.
static int cloexec_one_by_one(void) {
  DIR *open_ones = opendir("/proc/self/fd");
  if (open_ones == NULL) return errno;
  for (struct dirent *entry; (entry = readdir(open_ones)) != NULL;) {
    const int fd = atoi(entry->d_name);
    if (fd > STDERR_FILENO) set_cloexec(fd, true);
  }
  closedir(open_ones);
  return 0;
}

// From here on nobody in the target can look into us (ptrace(2), /proc/PID), and what we have open
// does not reach the command.
int do_seal(struct state *state, const struct step *step) {
  (void)state;
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return errno;
  if (syscall(kSysCloseRange, 3U, ~0U, kCloseRangeCloexec) != 0) {
    const int error = cloexec_one_by_one();
    if (error != 0) return error;
  }
  const union field *keep = &step->fields[0];
  for (uint32_t i = 0; i < keep->numbers.count; i++) {
    const int error = set_cloexec((int)plan_number(keep, i), false);
    if (error != 0) return error;
  }
  return 0;
}
