// Looks like any process that it is called as, and has a child: `NAME ARG…`, until stdin closes.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  const pid_t child = fork();
  if (child < 0) {
    perror("fork");
    return EXIT_FAILURE;
  }
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "sleep");
    for (;;) pause();
  }
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  return EXIT_SUCCESS;
}
