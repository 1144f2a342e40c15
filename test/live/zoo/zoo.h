// One program that holds namespaces in hiding places, for the live tests: see zoo.c.
#pragma once
#include <stdbool.h>
#include <sys/types.h>

// What a holder made, for the line of JSON.
struct held {
  pid_t pid;         // Who holds it.
  int fd;            // By which descriptor; -1: not by one.
  const char *type;  // NULL: no namespace is held.
  unsigned inum;
  char extra[160];  // More members of the JSON object, each preceded by a comma.
};

struct request {
  char **args;  // After the holder's name, NULL at the end.
  uid_t uid;
};

typedef void hold_function(const struct request *request, struct held *held);

hold_function hold_process, hold_ancestor, hold_owner;
hold_function hold_descriptor, hold_detached, hold_mount, hold_socket, hold_descriptors;
hold_function hold_comm, hold_cmdline, hold_nondumpable, hold_churn, hold_forge;
hold_function hold_fuse, hold_fuse_mount;
hold_function hold_zombie, hold_stray, hold_headless, hold_headless_descriptor;
hold_function hold_for_children, hold_unborn, hold_tun, hold_net_file, hold_elsewhere;
hold_function hold_in_flight;

void release_mount(void);
void release_fuse(void);
void release_fuse_mount(void);
int tick_churn(void);
int tick_fuse_mute(void);

// --- member.c: processes in new namespaces. ---

struct namespace_type {
  const char *name;
  int flag;
};

// A process to be started: in a new namespace of `flag` (0: none), of user `uid`.
struct member {
  int flag;
  uid_t uid;
  void (*prepare)(void);  // In the namespace, with all privileges (not of a new user namespace).
  void (*finish)(void);   // The last step, as `uid`; may exec IDLE_NAME.
};

// argv[0] of this program as an idle process that does nothing but exist.
#define IDLE_NAME "zoo-idle"

_Noreturn void die(const char *what);
_Noreturn void idle(void);
const struct namespace_type *type_of(const char *name);
unsigned inum_of(pid_t pid, const char *type);
unsigned inum_of_fd(int fd);

// Opens /proc/PID/ns/TYPE.
int open_namespace(pid_t pid, const char *type);
pid_t start_member(struct member member);

// As start_member, which is the two together: `ready` becomes readable when the member is ready.
pid_t begin_member(struct member member, int *ready);
void await_member(int ready);
void end_member(pid_t pid);
void end_members(void);

// Takes on a uid and a gid of that number, without any capability, yet open to inspection by
// processes of the same user.
void become(uid_t uid);

// Into a new user namespace in which we are root.
void unshare_user(uid_t uid, gid_t gid);
