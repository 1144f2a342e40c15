// A file system whose server stops answering: whoever asks it for attributes waits for ever.
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "zoo.h"

enum { kSilentFd = 10, kNodeId = 2, kProbeMs = 300 };

// In a mount namespace of our own, so that nobody else can come across it.
static const char kMountPoint[] = "/tmp";
static const char kFile[] = "/tmp/silent";

static int server = -1;
static pid_t opener;

static void answer(const struct fuse_in_header *in, int error, const void *body, size_t size) {
  struct fuse_out_header out = {
      .len = (uint32_t)(sizeof out + size), .error = -error, .unique = in->unique};
  const struct iovec parts[] = {{&out, sizeof out}, {(void *)(uintptr_t)body, size}};
  if (writev(server, parts, size == 0 ? 1 : 2) < 0 && errno != ENOENT) die("answer");
}

static struct fuse_attr attributes_of(uint64_t node) {
  const bool root = node == FUSE_ROOT_ID;
  return (struct fuse_attr){
      .ino = node, .nlink = 1, .mode = root ? S_IFDIR | 0755U : S_IFREG | 0644U};
}

// No answer may be cached (all validities are 0), so that every stat asks again.
static void serve_one(void) {
  static char buffer[FUSE_MIN_READ_BUFFER * 4] __attribute__((aligned(8)));
  if (read(server, buffer, sizeof buffer) < 0) {
    if (errno == EINTR || errno == ENOENT) return;
    die("/dev/fuse");
  }
  const struct fuse_in_header *in = (const struct fuse_in_header *)(const void *)buffer;
  const struct fuse_init_out init = {
      .major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = 4096, .max_background = 8};
  const struct fuse_entry_out entry = {.nodeid = kNodeId, .attr = attributes_of(kNodeId)};
  const struct fuse_attr_out attributes = {.attr = attributes_of(in->nodeid)};
  const struct fuse_open_out opened = {.fh = 1};
  switch (in->opcode) {
    case FUSE_INIT:
      return answer(in, 0, &init, sizeof init);
    case FUSE_LOOKUP:
      return answer(in, 0, &entry, sizeof entry);
    case FUSE_GETATTR:
      return answer(in, 0, &attributes, sizeof attributes);
    case FUSE_OPEN:
      return answer(in, 0, &opened, sizeof opened);
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
      return;
    default:
      return answer(in, ENOSYS, NULL, 0);
  }
}

static void mount_file_system(void) {
  char options[96];
  if (unshare(CLONE_NEWNS) != 0) die("unshare");
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) die("mount");
  server = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (server < 0) die("/dev/fuse");
  snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", server);
  if (mount("zoo", kMountPoint, "fuse", MS_NOSUID | MS_NODEV, options) != 0) die("mount");
}

static void open_file(void) {
  const int fd = open(kFile, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || dup2(fd, kSilentFd) < 0) die(kFile);
  close(fd);
}

static void stat_file(void) {
  char path[64];
  struct stat facts;
  snprintf(path, sizeof path, "/proc/%d/fd/%d", opener, kSilentFd);
  if (fstatat(AT_FDCWD, path, &facts, 0) != 0) die(path);
}

// In a process of its own. It can be killed: its request was never read, so the kernel takes it
// back (request_wait_answer() in fs/fuse/dev.c).
static bool stat_hangs(void) {
  int ready;
  const pid_t prober = begin_member((struct member){.prepare = stat_file}, &ready);
  struct pollfd answered = {.fd = ready, .events = POLLIN};
  const int events = poll(&answered, 1, kProbeMs);
  close(ready);
  end_member(prober);
  return events == 0;
}

// fuse: a child keeps a descriptor of a file in it.
void hold_fuse(const struct request *request, struct held *held) {
  int ready;
  mount_file_system();
  opener = begin_member((struct member){.uid = request->uid, .prepare = open_file}, &ready);
  for (;;) {
    struct pollfd events[] = {{.fd = server, .events = POLLIN}, {.fd = ready, .events = POLLIN}};
    if (poll(events, 2, -1) < 0) die("poll");
    if (events[1].revents != 0) break;
    serve_one();
  }
  await_member(ready);
  held->pid = opener;
  held->fd = kSilentFd;
  held->type = "mnt";
  held->inum = inum_of(opener, "mnt");
  snprintf(held->extra, sizeof held->extra, ",\"server\":%d,\"hangs\":%s", getpid(),
           stat_hangs() ? "true" : "false");
}

// The last descriptor of the connection: whoever waits gets an error. It must go before the child
// does, whose own close would wait for an answer.
void release_fuse(void) { close(server); }
