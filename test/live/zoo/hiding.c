// Namespaces in the places that only a deep look finds: threads, children to come, tun devices,
// files of /proc/PID/net, other mount namespaces, messages in flight.
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "zoo.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

enum { kPidfdGetPidForChildren = 0xff06 };

// for-children pid|time: what our children would be in. Of the pid namespace the only process,
// which made it visible, is dead.
void hold_for_children(const struct request *request, struct held *held) {
  const struct namespace_type *type = type_of(request->args[0]);
  if (unshare(type->flag) != 0) die("unshare");
  if (type->flag == CLONE_NEWPID) {
    const pid_t first = fork();
    if (first == 0) _exit(0);
    if (first < 0 || waitpid(first, NULL, 0) != first) die("fork");
  }
  char name[32];
  snprintf(name, sizeof name, "%s_for_children", type->name);
  held->pid = getpid();
  held->type = type->name;
  held->inum = inum_of(held->pid, name);
}

// unborn: a pid namespace in which there has been no process yet. No link shows it.
void hold_unborn(const struct request *request, struct held *held) {
  (void)request;
  if (unshare(CLONE_NEWPID) != 0) die("unshare");
  held->pid = getpid();
  held->type = "pid";
  const int self = (int)syscall(SYS_pidfd_open, held->pid, 0);
  const int fd = self < 0 ? -1 : ioctl(self, kPidfdGetPidForChildren, 0);
  if (fd >= 0) held->inum = inum_of_fd(fd);  // Else the kernel is older than 6.11.
  close(fd);
  close(self);
}

static int open_tun(void) {
  const int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  if (fd >= 0) return fd;
  char path[] = "/tmp/zoo-tun-XXXXXX";
  if (mkdtemp(path) == NULL) die(path);
  char node[64];
  snprintf(node, sizeof node, "%s/tun", path);
  const int made =
      mknod(node, S_IFCHR | 0600, makedev(10, 200)) == 0 ? open(node, O_RDWR | O_CLOEXEC) : -1;
  const int why = errno;
  unlink(node);
  rmdir(path);
  errno = why;
  if (made < 0) die("/dev/net/tun");
  return made;
}

static int open_net_file(void) {
  const int fd = open("/proc/thread-self/net/dev", O_RDONLY | O_CLOEXEC);
  if (fd < 0) die("/proc/thread-self/net/dev");
  return fd;
}

// Opens something in a new network namespace, which we then leave.
static void hold_in_new_net(int (*open_it)(void), struct held *held) {
  const int home = open_namespace(getpid(), "net");
  if (unshare(CLONE_NEWNET) != 0) die("unshare");
  held->pid = getpid();
  held->type = "net";
  held->inum = inum_of(held->pid, "net");
  held->fd = open_it();
  if (setns(home, CLONE_NEWNET) != 0) die("setns");
  close(home);
}

// tun: a descriptor of /dev/net/tun, not attached to any interface.
void hold_tun(const struct request *request, struct held *held) {
  (void)request;
  hold_in_new_net(open_tun, held);
}

// net-file [PID]: an open /proc/PID/net/dev, of a new network namespace or of that process's.
void hold_net_file(const struct request *request, struct held *held) {
  if (request->args[0] == NULL) {
    hold_in_new_net(open_net_file, held);
    return;
  }
  const pid_t pid = (pid_t)strtol(request->args[0], NULL, 10);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/net/dev", pid);
  held->pid = getpid();
  held->type = "net";
  held->inum = inum_of(pid, "net");
  held->fd = open(path, O_RDONLY | O_CLOEXEC);
  if (held->fd < 0) die(path);
}

static pid_t elsewhere;
static const char *elsewhere_type;

static void mount_here(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/%s", elsewhere, elsewhere_type);
  if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) die("mount");
  if (mount("zoo", "/mnt", "tmpfs", 0, NULL) != 0) die("tmpfs");
  const int fd = open("/mnt/pin", O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) die("/mnt/pin");
  close(fd);
  if (mount(path, "/mnt/pin", NULL, MS_BIND, NULL) != 0) die(path);
}

// elsewhere TYPE: a bind mount in a mount namespace of another process.
void hold_elsewhere(const struct request *request, struct held *held) {
  const struct namespace_type *type = type_of(request->args[0]);
  elsewhere = start_member((struct member){.flag = type->flag});
  elsewhere_type = type->name;
  held->type = type->name;
  held->inum = inum_of(elsewhere, type->name);
  held->pid = start_member((struct member){.flag = CLONE_NEWNS, .prepare = mount_here});
  end_member(elsewhere);
  snprintf(held->extra, sizeof held->extra, ",\"path\":\"/mnt/pin\",\"mnt\":%u",
           inum_of(held->pid, "mnt"));
}

// in-flight TYPE [PID]: a descriptor that was sent and not received, of a new namespace or of that
// process's.
void hold_in_flight(const struct request *request, struct held *held) {
  const struct namespace_type *type = type_of(request->args[0]);
  const bool given = request->args[1] != NULL;
  const pid_t pid = given ? (pid_t)strtol(request->args[1], NULL, 10)
                          : start_member((struct member){.flag = type->flag});
  held->pid = getpid();
  held->type = type->name;
  held->inum = inum_of(pid, type->name);
  const int fd = open_namespace(pid, type->name);
  if (!given) end_member(pid);
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) != 0) die("socketpair");
  char byte = 0;
  struct iovec data = {&byte, 1};
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control = {0};
  struct msghdr message = {.msg_iov = &data,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  control.header.cmsg_level = SOL_SOCKET;
  control.header.cmsg_type = SCM_RIGHTS;
  control.header.cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
  if (sendmsg(ends[0], &message, 0) != 1) die("sendmsg");
  close(fd);
}
