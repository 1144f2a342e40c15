// What the conductor and the probers of pairs.c say to each other.
#pragma once
#include <stdint.h>

enum { kProberFd = 3 };

// What a prober offers to the others; sent with a memory file of its own.
struct offer {
  int index;
  int shm_file;  // Whether it could make a file in /dev/shm.
  double boot;   // The boot-time clock minus the wall clock, in seconds.
  char host[65];
};

// Try this on another prober; sent with its pidfd and its memory file.
struct trial {
  int pid;  // As you see it; 0: you do not.
  struct offer other;
};

// 1: the kernel allowed it, 0: not, -1: it could not be tried.
struct outcome {
  int signal, trace, localhost, abstract, sysv, queue, shm, host, clock;
  unsigned uid;  // Of the memory file, as you see it.
};

int prober_main(int base, int index);
int pairs_main(int argc, char **argv);

// Sends or receives one message with up to two descriptors.
void send_message(int socket, const void *data, unsigned long size, const int fds[2]);
int receive_message(int socket, void *data, unsigned long size, int fds[2]);
