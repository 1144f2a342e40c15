// A process that tries on others what the sentences about two tasks say, from where it is itself.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pairs.h"
#include "zoo.h"

static int base;

void send_message(int socket, const void *data, unsigned long size, const int fds[2]) {
  struct iovec part = {(void *)(uintptr_t)data, size};
  union {
    char bytes[CMSG_SPACE(2 * sizeof(int))];
    struct cmsghdr align;
  } control = {0};
  const size_t count = fds == NULL ? 0 : fds[1] < 0 ? 1 : 2;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (count > 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
  }
  if (sendmsg(socket, &message, MSG_NOSIGNAL) < 0) die("sendmsg");
}

int receive_message(int socket, void *data, unsigned long size, int fds[2]) {
  struct iovec part = {data, size};
  union {
    char bytes[CMSG_SPACE(2 * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
    struct cmsghdr align;
  } control;
  struct msghdr message = {.msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  ssize_t length;
  do length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (length < 0 && errno == EINTR);
  fds[0] = fds[1] = -1;
  if (length <= 0) return 0;
  int pid = 1;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_type == SCM_RIGHTS) {
      memcpy(fds, CMSG_DATA(header), header->cmsg_len - CMSG_LEN(0));
    } else if (header->cmsg_type == SCM_CREDENTIALS) {
      struct ucred sender;
      memcpy(&sender, CMSG_DATA(header), sizeof sender);
      pid = sender.pid;
    }
  }
  return pid;
}

static struct sockaddr_in localhost_of(int index, in_addr_t address) {
  return (struct sockaddr_in){.sin_family = AF_INET,
                              .sin_port = htons((uint16_t)(base + index)),
                              .sin_addr.s_addr = htonl(address)};
}

static socklen_t abstract_of(int index, struct sockaddr_un *address) {
  *address = (struct sockaddr_un){.sun_family = AF_UNIX};
  const int length =
      snprintf(address->sun_path + 1, sizeof address->sun_path - 1, "nsx-pairs-%d-%d", base, index);
  return (socklen_t)(sizeof address->sun_family + 1 + (size_t)length);
}

static key_t key_of(int index) { return 0x6e730000 + base * 64 + index; }

static const char *name_of(const char *prefix, int index) {
  static char name[64];
  snprintf(name, sizeof name, "%s/nsx-pairs-%d-%d", prefix, base, index);
  return name;
}

static double boot_offset(void) {
  struct timespec boot, wall;
  clock_gettime(CLOCK_BOOTTIME, &boot);
  clock_gettime(CLOCK_REALTIME, &wall);
  return (double)(boot.tv_sec - wall.tv_sec) + (double)(boot.tv_nsec - wall.tv_nsec) / 1e9;
}

static void listen_at(int family, const void *address, socklen_t length) {
  const int one = 1;
  const int listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) die("socket");
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, address, length) != 0 || listen(listener, 64) != 0) die("listen");
}

static struct offer make_offer(int index, int *memory) {
  struct offer offer = {.index = index, .boot = boot_offset()};
  umask(0);
  const struct sockaddr_in any = localhost_of(index, INADDR_ANY);
  listen_at(AF_INET, &any, sizeof any);
  struct sockaddr_un abstract;
  const socklen_t length = abstract_of(index, &abstract);
  listen_at(AF_UNIX, &abstract, length);
  if (shmget(key_of(index), 4096, IPC_CREAT | IPC_EXCL | 0666) < 0) die("shmget");
  struct mq_attr small = {.mq_maxmsg = 1, .mq_msgsize = 8};
  if (mq_open(name_of("", index), O_CREAT | O_EXCL | O_RDWR, 0666, &small) < 0) die("mq_open");
  const int file = open(name_of("/dev/shm", index), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666);
  offer.shm_file = file >= 0;
  *memory = memfd_create("nsx", MFD_CLOEXEC);
  if (*memory < 0) die("memfd_create");
  struct utsname name;
  uname(&name);
  memcpy(offer.host, name.nodename, sizeof offer.host);
  return offer;
}

static void withdraw(int index) {
  const int segment = shmget(key_of(index), 0, 0);
  if (segment >= 0) shmctl(segment, IPC_RMID, NULL);
  mq_unlink(name_of("", index));
  unlink(name_of("/dev/shm", index));
}

static int try_connect(int family, const void *address, socklen_t length) {
  const int stream = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int allowed = connect(stream, address, length) == 0;
  close(stream);
  return allowed;
}

static int try_trace(int pid) {
  if (pid == 0 || ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0) return 0;
  int status;
  if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) != 0) die("PTRACE_INTERRUPT");
  if (waitpid(pid, &status, __WALL) != pid) die("waitpid");
  if (ptrace(PTRACE_DETACH, pid, NULL, NULL) != 0) die("PTRACE_DETACH");
  return 1;
}

static int try_file(int fd) {
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static struct outcome try_all(const struct trial *trial, int pidfd, int memory,
                              const struct offer *own) {
  const int index = trial->other.index;
  const struct sockaddr_in localhost = localhost_of(index, INADDR_LOOPBACK);
  struct sockaddr_un abstract;
  const socklen_t length = abstract_of(index, &abstract);
  struct stat facts;
  if (fstat(memory, &facts) != 0) die("fstat");
  return (struct outcome){
      .signal = syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0,
      .trace = try_trace(trial->pid),
      .localhost = try_connect(AF_INET, &localhost, sizeof localhost),
      .abstract = try_connect(AF_UNIX, &abstract, length),
      .sysv = shmget(key_of(index), 0, 0) >= 0,
      .queue = try_file(mq_open(name_of("", index), O_RDONLY)),
      .shm = trial->other.shm_file
                 ? try_file(open(name_of("/dev/shm", index), O_RDONLY | O_CLOEXEC))
                 : -1,
      .host = strcmp(own->host, trial->other.host) == 0,
      .clock = fabs(boot_offset() - trial->other.boot) < 1,
      .uid = facts.st_uid,
  };
}

int prober_main(int number, int index) {
  base = number;
  int memory;
  const struct offer own = make_offer(index, &memory);
  send_message(kProberFd, &own, sizeof own, (int[2]){memory, -1});
  struct trial trial;
  int fds[2];
  while (receive_message(kProberFd, &trial, sizeof trial, fds) != 0) {
    const struct outcome outcome = try_all(&trial, fds[0], fds[1], &own);
    close(fds[0]);
    close(fds[1]);
    send_message(kProberFd, &outcome, sizeof outcome, NULL);
  }
  withdraw(index);
  return 0;
}
