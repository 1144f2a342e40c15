#pragma once

#include <sys/ioctl.h>

#include <cstdint>

// Numbers of the kernel's interface that the headers of a build machine may be too old to have.
// Whether the running kernel knows them is told by its answer (ENOTTY, ENOSYS, EINVAL), never by
// its version.
namespace nsx {

// struct mnt_ns_info
struct MountNsInfo {
  uint32_t size;
  uint32_t mounts;
  uint64_t id;
};
static_assert(sizeof(MountNsInfo) == 16);

// ioctl_nsfs(2)
constexpr unsigned long kNsGetUserns = _IO(0xb7, 0x1);
constexpr unsigned long kNsGetParent = _IO(0xb7, 0x2);
constexpr unsigned long kNsGetNsType = _IO(0xb7, 0x3);
constexpr unsigned long kNsGetOwnerUid = _IO(0xb7, 0x4);
constexpr unsigned long kNsGetMntnsId = _IOR(0xb7, 0x5, uint64_t);       // Linux 6.11
constexpr unsigned long kNsGetTgidFromPidns = _IOR(0xb7, 0x7, int32_t);  // Linux 6.11
constexpr unsigned long kNsGetTgidInPidns = _IOR(0xb7, 0x9, int32_t);    // Linux 6.11
constexpr unsigned long kNsGetId = _IOR(0xb7, 0xd, uint64_t);            // Linux 6.18

constexpr unsigned long kNsMntGetNext = _IOR(0xb7, 0xb, MountNsInfo);  // Linux 6.12
constexpr unsigned long kNsMntGetPrev = _IOR(0xb7, 0xc, MountNsInfo);  // Linux 6.12

// The types (clone(2)).
constexpr uint32_t kCloneNewNs = 0x00020000;
constexpr uint32_t kCloneNewCgroup = 0x02000000;
constexpr uint32_t kCloneNewUts = 0x04000000;
constexpr uint32_t kCloneNewIpc = 0x08000000;
constexpr uint32_t kCloneNewUser = 0x10000000;
constexpr uint32_t kCloneNewPid = 0x20000000;
constexpr uint32_t kCloneNewNet = 0x40000000;

// include/uapi/linux/sockios.h, include/uapi/asm-generic/socket.h
constexpr unsigned long kSiocGSkNs = 0x894C;  // Linux 4.10
constexpr int kSoNetnsCookie = 71;            // Linux 5.14

// System calls: the same numbers on every architecture that we build for (asm-generic/unistd.h).
constexpr long kSysFsopen = 430;     // Linux 5.2
constexpr long kSysFsconfig = 431;   // Linux 5.2
constexpr long kSysFsmount = 432;    // Linux 5.2
constexpr long kSysStatmount = 457;  // Linux 6.8
constexpr long kSysListmount = 458;  // Linux 6.8
constexpr long kSysPidfdOpen = 434;
constexpr long kSysCloseRange = 436;
constexpr long kSysOpenat2 = 437;
constexpr long kSysPidfdGetfd = 438;

// fsopen(2), fsconfig(2), fsmount(2)
constexpr unsigned kFsopenCloexec = 1;
constexpr unsigned kFsmountCloexec = 1;
constexpr unsigned kFsconfigCmdCreate = 6;

constexpr unsigned kPidfdThread = 0200;                          // O_EXCL; pidfd_open(2), Linux 6.9
constexpr unsigned long kPidfdGetPidForChildren = _IO(0xff, 6);  // Linux 6.11

// listns(2), Linux 6.19
constexpr long kSysListns = 470;

// name_to_handle_at(2) of a namespace, Linux 6.18
constexpr int kFdNsfsRoot = -10003;
constexpr int kFileIdNsfs = 0xf1;

constexpr unsigned kCloseRangeUnshare = 2;  // close_range(2)
constexpr uint64_t kResolveCached = 0x20;   // openat2(2), Linux 5.12

}  // namespace nsx
