// Constants that the headers of the build machine may be too old for, and calls that the C library
// may have no name for. The numbers are the same on every architecture that we build for.
#pragma once

#include <stdint.h>

enum {
  kSysPidfdSendSignal = 424,
  kSysOpenTree = 428,
  kSysMoveMount = 429,
  kSysFsopen = 430,
  kSysFsconfig = 431,
  kSysFsmount = 432,
  kSysPidfdOpen = 434,
  kSysClone3 = 435,
  kSysCloseRange = 436,
  kSysPidfdGetfd = 438,
};

#define NSX_CLONE_NEWTIME 0x80ULL
#define NSX_CLONE_PARENT 0x8000ULL

enum {
  kCloseRangeCloexec = 4,
  kPidfdThread = 0200,  // O_EXCL
  kNsGetUserns = 0xb701,
  kNsGetNstype = 0xb703,
  kSiocgskns = 0x894c,
  kNsfsRoot = -10003,
  kNsfsHandle = 0xf1,
  kOpenTreeClone = 1,
  kMoveMountFromEmpty = 4,
  kMoveMountToSymlinks = 0x10,
  kFsconfigCreate = 6,
};

#define NSX_NSFS_MAGIC 0x6e736673
// TIOCGPTPEER
#define NSX_TIOCGPTPEER 0x5441

struct nsx_clone_args {
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid,
      set_tid_size, cgroup;
};
