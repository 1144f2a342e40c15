#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "state.h"

static const char *const kDefaultPath = "/usr/local/bin:/usr/bin:/bin";

static const char *path_in(char **environment) {
  for (; *environment != NULL; environment++) {
    if (strncmp(*environment, "PATH=", 5) == 0) return *environment + 5;
  }
  return kDefaultPath;
}

// As execvp(3): what is executable but no program is a script of the shell.
static int try_exec(const char *path, char **args, size_t count, char **environment) {
  execve(path, args, environment);
  if (errno != ENOEXEC) return errno;
  char **shell_args = calloc(count + 2, sizeof *shell_args);
  if (shell_args == NULL) return ENOMEM;
  shell_args[0] = (char *)"sh";
  shell_args[1] = (char *)path;
  memcpy(shell_args + 2, args + 1, count * sizeof *shell_args);
  execve("/bin/sh", shell_args, environment);
  return ENOEXEC;
}

// The program is there; what it needs to be loaded is not.
static bool is_there(const char *path) { return access(path, F_OK) == 0; }

struct attempt {
  int error;
  bool found;
  char path[PATH_MAX];
};

static void try_each(const struct step *step, char **args, char **environment,
                     struct attempt *attempt) {
  const char *file = step->fields[0].text;
  const size_t count = step->fields[1].texts.count;
  *attempt = (struct attempt){.error = ENOENT};
  for (const char *at = path_in(environment); at != NULL;) {
    const char *end = strchr(at, ':');
    const int size = end == NULL ? (int)strlen(at) : (int)(end - at);
    char path[PATH_MAX];
    const int length =
        snprintf(path, sizeof path, "%.*s%s%s", size, at, size == 0 ? "" : "/", file);
    if (length > 0 && length < (int)sizeof path) {
      const int error = try_exec(path, args, count, environment);
      const bool found = is_there(path);
      // Another directory may have one that can be executed.
      if (found && !attempt->found) {
        *attempt = (struct attempt){.error = error, .found = true};
        memcpy(attempt->path, path, sizeof path);
      }
    }
    at = end == NULL ? NULL : end + 1;
  }
}

static void try_file(const struct step *step, char **args, char **environment,
                     struct attempt *attempt) {
  const char *file = step->fields[0].text;
  if (*file == '\0' || strchr(file, '/') == NULL) {
    try_each(step, args, environment, attempt);
    return;
  }
  attempt->error = try_exec(file, args, step->fields[1].texts.count, environment);
  attempt->found = is_there(file);
  snprintf(attempt->path, sizeof attempt->path, "%s", file);
}

static int status_of(const struct attempt *attempt) {
  const bool missing = attempt->error == ENOENT || attempt->error == ENOTDIR;
  return missing ? kNotFound : kNotExecutable;
}

int do_exec(struct state *state, const struct step *step) {
  char **args = plan_texts(&step->fields[1]);
  char **environment = plan_texts(&step->fields[2]);
  if (args == NULL || environment == NULL) return ENOMEM;
  if (state->pinned) sched_setaffinity(0, sizeof state->cpus, &state->cpus);
  static struct attempt attempt;
  try_file(step, args, environment, &attempt);
  char message[kMessageSize];
  if (attempt.found && attempt.error == ENOENT) {
    static char why[PATH_MAX + 64];
    snprintf(why, sizeof why, "%s is there, but its loader or interpreter is not", attempt.path);
    tell(step->what, ENOENT, why, NULL, message);
  } else {
    tell_refusal(step, attempt.error, message);
  }
  report(state, kRefused, attempt.error, message);
  _exit(status_of(&attempt));
}
