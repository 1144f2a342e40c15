// The process that was started, where it has to stay: outside, in the namespaces of the caller.
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

// The user's terminal and the pty that stands for it inside.
struct relay {
  int outer;   // /dev/tty; -1: there is no pty
  int master;  // of the pty
  bool keyboard;
  bool raw;
  bool deserted;  // nobody has the other end of the pty open
  bool alike;
  struct termios before;
  struct termios fresh;  // of the pty when it was made
  char typed[4096];
  ssize_t typed_size;
};

// Makes the pty. *inner: its other end. An errno.
int relay_open(struct relay *relay, int *inner);

// In the process that goes on: standard streams that are terminals become the pty. Returns the
// descriptor that is to be the controlling terminal, or -1 and errno.
int relay_enter(struct relay *relay, int inner);

// In the monitor: takes the keyboard while it is in the foreground, and gives it back.
void relay_update(struct relay *relay);
void relay_restore(struct relay *relay);
void relay_resize(const struct relay *relay);

// The process group in the foreground inside; 0: none.
pid_t relay_group(const struct relay *relay);

// Moves what there is. Output: false at its end. Keyboard: true where the command is to be stopped.
bool relay_output(const struct relay *relay);
bool relay_keyboard(struct relay *relay);
void relay_flush(struct relay *relay);
