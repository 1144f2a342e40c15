// The floor under `nsx list`: the same questions to the kernel, on as many threads, and nothing
// else. Prints what it counted and how long each phase took as JSON, so that nothing of it can be
// optimised away.
//
//   floor                 list /proc, read the eight namespace links of each process
//   floor --descriptors   and examine every descriptor
//   floor --facts         and ask nsfs about each distinct namespace
//   floor --leaders       and read stat, status and cmdline of the first process of each
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

enum { kTypes = 8, kChunk = 32, kMaxThreads = 256 };
enum { kMnt, kNet, kPid, kUts, kIpc, kUser, kCgroup, kTime };

static const char *const kLinks[kTypes] = {"mnt", "net",  "pid",    "uts",
                                           "ipc", "user", "cgroup", "time"};

// ioctl_nsfs(2); the headers of Debian 12 lack the last.
enum { kGetUserNs = 0xb701, kGetParent = 0xb702, kGetNsType = 0xb703 };
#define NSFS_GET_ID _IOR(0xb7, 13, uint64_t)

struct namespace {
  uint32_t inum;
  int pid;
  int type;
};

static struct {
  int proc;
  dev_t nsfs;
  bool descriptors;
  int *pids;
  size_t pid_count;
  uint32_t *inums;
  struct namespace *namespaces;
  size_t namespace_count;
  int *leaders;
  size_t leader_count;
} scan;

// What the threads found; printed, so that it had to be computed.
static struct { atomic_ulong descriptors, held, failed, facts, bytes; } found;

_Noreturn static void die(const char *what) {
  perror(what);
  exit(1);
}

static void *allocate(size_t count, size_t size) {
  void *memory = calloc(count, size);
  if (memory == NULL) die("calloc");
  return memory;
}

// --- One loop for all: threads take chunks of [0, count) until there are none left. ---

struct work {
  void (*each)(size_t index);
  size_t count;
  atomic_size_t next;
};

static int thread_count(void) {
  cpu_set_t cpus;
  if (sched_getaffinity(0, sizeof cpus, &cpus) != 0) return 1;
  const int count = CPU_COUNT(&cpus);
  return count < kMaxThreads ? count : kMaxThreads;
}

static void *run_chunks(void *argument) {
  struct work *work = argument;
  for (;;) {
    const size_t first = atomic_fetch_add(&work->next, kChunk);
    if (first >= work->count) return NULL;
    const size_t end = first + kChunk < work->count ? first + kChunk : work->count;
    for (size_t i = first; i < end; i++) work->each(i);
  }
}

static void on_all_cores(void (*each)(size_t), size_t count) {
  struct work work = {.each = each, .count = count};
  pthread_t threads[kMaxThreads];
  const int others = thread_count() - 1;
  for (int i = 0; i < others; i++) {
    if (pthread_create(&threads[i], NULL, run_chunks, &work) != 0) die("pthread_create");
  }
  run_chunks(&work);
  for (int i = 0; i < others; i++) pthread_join(threads[i], NULL);
}

// --- The phases. ---

// Calls `each` for every entry whose name is a number.
static void for_numbers(int directory, void (*each)(int directory, int number, const char *name)) {
  char buffer[1 << 15];
  for (ssize_t length; (length = getdents64(directory, buffer, sizeof buffer)) > 0;) {
    for (ssize_t at = 0; at < length;) {
      const struct dirent64 *entry = (const struct dirent64 *)(const void *)(buffer + at);
      at += entry->d_reclen;
      if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9') {
        each(directory, atoi(entry->d_name), entry->d_name);
      }
    }
  }
}

static void add_pid(int directory, int pid, const char *name) {
  (void)directory;
  (void)name;
  static size_t capacity = 0;
  if (scan.pid_count == capacity) {
    capacity = capacity == 0 ? 4096 : capacity * 2;
    scan.pids = realloc(scan.pids, capacity * sizeof *scan.pids);
    if (scan.pids == NULL) die("realloc");
  }
  scan.pids[scan.pid_count++] = pid;
}

static void examine_descriptor(int directory, int fd, const char *name) {
  (void)fd;
  struct statx facts;
  atomic_fetch_add_explicit(&found.descriptors, 1, memory_order_relaxed);
  if (statx(directory, name, AT_STATX_DONT_SYNC, 0, &facts) != 0) {
    atomic_fetch_add_explicit(&found.failed, 1, memory_order_relaxed);
  } else if (makedev(facts.stx_dev_major, facts.stx_dev_minor) == scan.nsfs) {
    atomic_fetch_add_explicit(&found.held, 1, memory_order_relaxed);
  }
}

// "net:[4026531840]"
static uint32_t inum_of(const char *link) {
  const char *bracket = strchr(link, '[');
  return bracket == NULL ? 0 : (uint32_t)strtoul(bracket + 1, NULL, 10);
}

static void scan_process(size_t index) {
  char path[64];
  snprintf(path, sizeof path, "%d/ns", scan.pids[index]);
  const int directory = openat(scan.proc, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  for (size_t type = 0; type < kTypes; type++) {
    char link[64];
    const ssize_t length = readlinkat(directory, kLinks[type], link, sizeof link - 1);
    if (length <= 0) {
      atomic_fetch_add_explicit(&found.failed, 1, memory_order_relaxed);
      continue;
    }
    link[length] = '\0';
    scan.inums[index * kTypes + type] = inum_of(link);
  }
  if (scan.descriptors) {
    const int fds = openat(directory, "../fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fds >= 0) {
      for_numbers(fds, examine_descriptor);
      close(fds);
    }
  }
  close(directory);
}

// The lowest pid of each distinct namespace, and each such pid once (pids come in ascending order).
static void find_distinct(void) {
  const size_t links = scan.pid_count * kTypes;
  size_t capacity = 1024;
  while (capacity < links * 2) capacity *= 2;
  uint32_t *seen = allocate(capacity, sizeof *seen);
  scan.namespaces = allocate(links, sizeof *scan.namespaces);
  scan.leaders = allocate(scan.pid_count, sizeof *scan.leaders);
  for (size_t i = 0; i < links; i++) {
    const uint32_t inum = scan.inums[i];
    if (inum == 0) continue;
    size_t slot = (inum * 2654435761U) & (capacity - 1);
    while (seen[slot] != 0 && seen[slot] != inum) slot = (slot + 1) & (capacity - 1);
    if (seen[slot] == inum) continue;
    seen[slot] = inum;
    const int pid = scan.pids[i / kTypes];
    scan.namespaces[scan.namespace_count++] =
        (struct namespace){.inum = inum, .pid = pid, .type = (int)(i % kTypes)};
    if (scan.leader_count == 0 || scan.leaders[scan.leader_count - 1] != pid) {
      scan.leaders[scan.leader_count++] = pid;
    }
  }
  free(seen);
}

// The last owner and the last parent of each thread, held open: mostly the next is the same, and
// nsfs need not make its inode anew then.
struct held {
  ino_t inum;
  int fd;
};
static _Thread_local struct held last_owner = {0, -1};
static _Thread_local struct held last_parent = {0, -1};

static void count_relative(int fd, struct held *last) {
  struct stat facts;
  if (fd < 0) return;
  const bool told = fstat(fd, &facts) == 0;
  if (told) atomic_fetch_add_explicit(&found.facts, 1, memory_order_relaxed);
  if (!told || facts.st_ino == last->inum) {
    close(fd);
    return;
  }
  if (last->fd >= 0) close(last->fd);
  *last = (struct held){facts.st_ino, fd};
}

static void ask_nsfs(size_t index) {
  const struct namespace *namespace = &scan.namespaces[index];
  char path[64];
  snprintf(path, sizeof path, "%d/ns/%s", namespace->pid, kLinks[namespace->type]);
  const int fd = openat(scan.proc, path, O_RDONLY | O_CLOEXEC);
  struct stat facts;
  uint64_t id = 0;
  if (fd < 0 || fstat(fd, &facts) != 0 || facts.st_ino != namespace->inum) {
    atomic_fetch_add_explicit(&found.failed, 1, memory_order_relaxed);
  } else {
    const bool typed = ioctl(fd, kGetNsType) > 0;
    const bool named = ioctl(fd, NSFS_GET_ID, &id) == 0;
    atomic_fetch_add_explicit(&found.facts, (unsigned long)typed + (unsigned long)named,
                              memory_order_relaxed);
    count_relative(ioctl(fd, kGetUserNs), &last_owner);
    if (namespace->type == kPid || namespace->type == kUser) {
      count_relative(ioctl(fd, kGetParent), &last_parent);
    }
  }
  if (fd >= 0) close(fd);
}

static void read_leader(size_t index) {
  static const char *const kFiles[] = {"stat", "status", "cmdline"};
  for (size_t i = 0; i < sizeof kFiles / sizeof *kFiles; i++) {
    char path[64];
    char text[4096];
    snprintf(path, sizeof path, "%d/%s", scan.leaders[index], kFiles[i]);
    const int fd = openat(scan.proc, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    const ssize_t length = read(fd, text, sizeof text);
    if (length > 0) {
      atomic_fetch_add_explicit(&found.bytes, (unsigned long)length, memory_order_relaxed);
    }
    close(fd);
  }
}

static double now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

int main(int argc, char **argv) {
  bool facts = false;
  bool leaders = false;
  static const struct option kOptions[] = {{"descriptors", no_argument, NULL, 'd'},
                                           {"facts", no_argument, NULL, 'f'},
                                           {"leaders", no_argument, NULL, 'l'},
                                           {NULL, 0, NULL, 0}};
  for (int option; (option = getopt_long(argc, argv, "", kOptions, NULL)) != -1;) {
    if (option == '?') return 2;
    if (option == 'd') scan.descriptors = true;
    if (option == 'f') facts = true;
    if (option == 'l') leaders = true;
  }

  struct stat nsfs;
  scan.proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (scan.proc < 0 || stat("/proc/self/ns/net", &nsfs) != 0) die("/proc");
  scan.nsfs = nsfs.st_dev;

  const double start = now_ms();
  for_numbers(scan.proc, add_pid);
  const double listed = now_ms();
  scan.inums = allocate(scan.pid_count * kTypes, sizeof *scan.inums);
  on_all_cores(scan_process, scan.pid_count);
  const double scanned = now_ms();
  find_distinct();
  const double distinct = now_ms();
  if (facts) on_all_cores(ask_nsfs, scan.namespace_count);
  const double asked = now_ms();
  if (leaders) on_all_cores(read_leader, scan.leader_count);
  const double end = now_ms();

  printf("{\"threads\":%d,\"processes\":%zu,\"namespaces\":%zu,\"leaders\":%zu,", thread_count(),
         scan.pid_count, scan.namespace_count, scan.leader_count);
  printf("\"descriptors\":%lu,\"held\":%lu,\"facts\":%lu,\"bytes\":%lu,\"failed\":%lu,",
         found.descriptors, found.held, found.facts, found.bytes, found.failed);
  printf("\"ms\":{\"listPids\":%.3f,\"scan\":%.3f,\"distinct\":%.3f,\"facts\":%.3f,",
         listed - start, scanned - listed, distinct - scanned, asked - distinct);
  printf("\"leaders\":%.3f,\"total\":%.3f}}\n", end - asked, end - start);
  return 0;
}
