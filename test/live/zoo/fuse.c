// A file system whose server stops answering: whoever asks it for attributes waits for ever.
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "zoo.h"

enum { kSilentFd = 10, kNodeId = 2, kProbeMs = 300 };

// In a mount namespace of our own, so that nobody else can come across it.
static char mount_point[32] = "/tmp";
static char file[48] = "/tmp/silent";

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
  if (mount("zoo", mount_point, "fuse", MS_NOSUID | MS_NODEV, options) != 0) die("mount");
}

static void open_file(void) {
  const int fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || dup2(fd, kSilentFd) < 0) die(file);
  close(fd);
}

static char asked[64];

static void stat_asked(void) {
  struct stat facts;
  if (fstatat(AT_FDCWD, asked, &facts, 0) != 0) die(asked);
}

// In a process of its own. It can be killed: its request was never read, so the kernel takes it
// back (request_wait_answer() in fs/fuse/dev.c).
static bool stat_hangs(void) {
  int ready;
  const pid_t prober = begin_member((struct member){.prepare = stat_asked}, &ready);
  struct pollfd answered = {.fd = ready, .events = POLLIN};
  const int events = poll(&answered, 1, kProbeMs);
  close(ready);
  end_member(prober);
  return events == 0;
}

static void serve_until(int ready) {
  for (;;) {
    struct pollfd events[] = {{.fd = server, .events = POLLIN}, {.fd = ready, .events = POLLIN}};
    if (poll(events, 2, -1) < 0) die("poll");
    if (events[1].revents != 0) break;
    serve_one();
  }
  await_member(ready);
}

// fuse: a child keeps a descriptor of a file in it.
void hold_fuse(const struct request *request, struct held *held) {
  int ready;
  mount_file_system();
  opener = begin_member((struct member){.uid = request->uid, .prepare = open_file}, &ready);
  serve_until(ready);
  held->pid = opener;
  held->fd = kSilentFd;
  held->type = "mnt";
  held->inum = inum_of(opener, "mnt");
  snprintf(asked, sizeof asked, "/proc/%d/fd/%d", opener, kSilentFd);
  snprintf(held->extra, sizeof held->extra, ",\"server\":%d,\"hangs\":%s", getpid(),
           stat_hangs() ? "true" : "false");
}

// The last descriptor of the connection: whoever waits gets an error. It must go before the child
// does, whose own close would wait for an answer.
void release_fuse(void) { close(server); }

// fuse-mute: as fuse, but requests are taken and never answered: whoever waits cannot be killed.
int tick_fuse_mute(void) {
  static char request[FUSE_MIN_READ_BUFFER * 4];
  struct pollfd asked_now = {.fd = server, .events = POLLIN};
  while (poll(&asked_now, 1, 0) > 0) {
    if (read(server, request, sizeof request) < 0 && errno != EINTR && errno != ENOENT) return -1;
  }
  return 5;
}

static char link_path[64];

static void mount_namespace(void) {
  if (mount(link_path, file, NULL, MS_BIND, NULL) != 0) die("mount");
}

// fuse-mount TYPE: a bind mount of a namespace on a file in it. It stands in our mount namespace.
void hold_fuse_mount(const struct request *request, struct held *held) {
  int ready;
  const struct namespace_type *type = type_of(request->args[0]);
  strcpy(mount_point, "/tmp/zoo-fuse-XXXXXX");
  if (mkdtemp(mount_point) == NULL) die(mount_point);
  snprintf(file, sizeof file, "%s/silent", mount_point);
  mount_file_system();
  const pid_t pid = start_member((struct member){.flag = type->flag});
  held->pid = getpid();
  held->type = type->name;
  held->inum = inum_of(pid, type->name);
  snprintf(link_path, sizeof link_path, "/proc/%d/ns/%s", pid, type->name);
  const pid_t mounter = begin_member((struct member){.prepare = mount_namespace}, &ready);
  serve_until(ready);
  end_member(mounter);
  end_member(pid);
  snprintf(asked, sizeof asked, "%s", file);
  snprintf(held->extra, sizeof held->extra, ",\"path\":\"%s\",\"hangs\":%s", file,
           stat_hangs() ? "true" : "false");
}

void release_fuse_mount(void) {
  release_fuse();
  if (umount2(mount_point, MNT_DETACH) != 0 || rmdir(mount_point) != 0) die(mount_point);
}
