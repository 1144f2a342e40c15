#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"
#include "state.h"

// All in one call: the kernel takes a map only as a whole.
static int write_file(const char *path, const char *text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return errno;
  const size_t size = strlen(text);
  const ssize_t put = write(fd, text, size);
  const int error = put < 0 ? errno : (size_t)put == size ? 0 : EIO;
  close(fd);
  return error;
}

static int own_path(char path[PATH_MAX], const char *file) {
  const int size = beside_pid == 0 ? snprintf(path, PATH_MAX, "/proc/self/%s", file)
                                   : snprintf(path, PATH_MAX, "/proc/%d/%s", beside_pid, file);
  return size < 0 || size >= PATH_MAX ? ENAMETOOLONG : 0;
}

int do_write(struct state *state, const struct step *step) {
  (void)state;
  return write_file(step->fields[0].text, step->fields[1].text);
}

int do_write_own(struct state *state, const struct step *step) {
  (void)state;
  char path[PATH_MAX];
  const int error = own_path(path, step->fields[0].text);
  return error != 0 ? error : write_file(path, step->fields[1].text);
}

int do_bind_namespace(struct state *state, const struct step *step) {
  (void)state;
  char link[64], path[PATH_MAX];
  const char *target = step->fields[1].text;
  snprintf(link, sizeof link, "ns/%s", step->fields[0].text);
  const int error = own_path(path, link);
  if (error != 0) return error;
  const int made = open(target, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
  if (made < 0 && errno != EEXIST) return errno;
  if (made >= 0) close(made);
  if (mount(path, target, NULL, MS_BIND, NULL) == 0) return 0;
  const int refused = errno;
  if (made >= 0) unlink(target);
  return refused;
}

// Its own message tells what it does not like.
int do_map_tool(struct state *state, const struct step *step) {
  (void)state;
  char pid[16];
  const char *program = step->fields[0].text;
  const char *slash = strrchr(program, '/');
  char **args = plan_texts(&step->fields[1]);
  const uint32_t count = step->fields[1].texts.count;
  const char **argv = calloc((size_t)count + 3, sizeof *argv);
  if (args == NULL || argv == NULL) return ENOMEM;
  snprintf(pid, sizeof pid, "%d", beside_pid == 0 ? getpid() : beside_pid);
  argv[0] = slash == NULL ? program : slash + 1;
  argv[1] = pid;
  for (uint32_t i = 0; i < count; i++) argv[i + 2] = args[i];
  const pid_t child = fork();
  if (child < 0) return errno;
  if (child == 0) {
    char *const none[] = {NULL};
    execve(program, (char *const *)argv, none);
    _exit(errno == ENOENT ? kNotFound : kNotExecutable);
  }
  int status;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return errno;
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
  return WIFEXITED(status) && WEXITSTATUS(status) == kNotFound ? ENOENT : EPERM;
}

int do_mount(struct state *state, const struct step *step) {
  (void)state;
  const char *type = step->fields[2].text;
  const char *data = step->fields[4].text;
  const int result = mount(step->fields[0].text, step->fields[1].text, *type == '\0' ? NULL : type,
                           (unsigned long)step->fields[3].number, *data == '\0' ? NULL : data);
  return result == 0 ? 0 : errno;
}

// A tmpfs that is mounted nowhere, with one file in it; the file is what is laid over the other.
static int detached_file(const char *content) {
  const int context = (int)syscall(kSysFsopen, "tmpfs", 1 /* FSOPEN_CLOEXEC */);
  if (context < 0) return -1;
  int tree = -1;
  if (syscall(kSysFsconfig, context, kFsconfigCreate, NULL, NULL, 0) == 0)
    tree = (int)syscall(kSysFsmount, context, 1 /* FSMOUNT_CLOEXEC */, 0);
  close(context);
  if (tree < 0) return -1;
  int found = -1;
  int file = openat(tree, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0 && errno == EOVERFLOW) {
    // We have no number in the user namespace that was entered, but its root has; an exec undoes
    // it.
    setfsgid(0);
    setfsuid(0);
    file = openat(tree, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  }
  if (file >= 0) {
    const size_t size = strlen(content);
    if (write(file, content, size) == (ssize_t)size)
      found = (int)syscall(kSysOpenTree, tree, "file", kOpenTreeClone | O_CLOEXEC);
    close(file);
  }
  close(tree);
  return found;
}

int do_file_over(struct state *state, const struct step *step) {
  (void)state;
  const int file = detached_file(step->fields[1].text);
  if (file < 0) return errno;
  const long result = syscall(kSysMoveMount, file, "", AT_FDCWD, step->fields[0].text,
                              kMoveMountFromEmpty | kMoveMountToSymlinks);
  const int error = result == 0 ? 0 : errno;
  close(file);
  return error;
}

int do_chroot(struct state *state, const struct step *step) {
  if (fchdir(state->slots[step->fields[0].number]) != 0) return errno;
  return chroot(".") == 0 ? 0 : errno;
}

int do_chroot_path(struct state *state, const struct step *step) {
  (void)state;
  if (chroot(step->fields[0].text) != 0) return errno;
  return chdir("/") == 0 ? 0 : errno;
}

// A directory outside of the root would be a way out of it: `..` leads on from there. The C library
// would search for a path to it; the kernel says that there is none.
static int check_reachable(void) {
  char path[PATH_MAX];
  if (syscall(SYS_getcwd, path, sizeof path) < 0) return errno;
  return path[0] == '/' ? 0 : EXDEV;
}

int do_chdir(struct state *state, const struct step *step) {
  if (fchdir(state->slots[step->fields[0].number]) != 0) return errno;
  return check_reachable();
}

int do_chdir_path(struct state *state, const struct step *step) {
  (void)state;
  if (chdir(step->fields[0].text) != 0) return errno;
  return check_reachable();
}
