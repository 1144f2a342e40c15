/** An errno by name, such as `EACCES`. */
export type Errno = string

/**
 * What an errno on one process or namespace means for a scan. An errno that is not listed is a
 * `gap` too: one odd answer must not hide the rest of the machine (proc(5), ptrace(2)).
 */
const MEANING: Readonly<Record<Errno, 'gone' | 'denied' | 'ours'>> = {
  ENOENT: 'gone',
  ESRCH: 'gone',
  EACCES: 'denied',
  EPERM: 'denied',
  // Our own lack of resources would turn every further answer into a gap: that must stop the scan.
  EMFILE: 'ours',
  ENFILE: 'ours',
  ENOMEM: 'ours',
}

export function isGone(errno: Errno): boolean {
  return MEANING[errno] === 'gone'
}

export function isDenied(errno: Errno): boolean {
  return MEANING[errno] === 'denied'
}

export function isOurs(errno: Errno): boolean {
  return MEANING[errno] === 'ours'
}

const WORDS: Readonly<Record<Errno, string>> = {
  EACCES: 'permission denied',
  EAGAIN: 'the answer would have had to wait',
  EBADF: 'bad file descriptor',
  EBUSY: 'device or resource busy',
  EEXIST: 'file exists',
  EFBIG: 'too large',
  EINVAL: 'invalid argument',
  EIO: 'input/output error',
  ELOOP: 'too many symbolic links',
  EMFILE: 'too many open files',
  ENAMETOOLONG: 'name too long',
  ENFILE: 'too many open files in the system',
  ENODEV: 'no such device',
  ENOENT: 'no such file or directory',
  ENOMEM: 'cannot allocate memory',
  ENOSPC: 'no space left on device',
  ENOSYS: 'the kernel lacks it',
  ENOTDIR: 'not a directory',
  ENOTSUP: 'not supported',
  ENOTTY: 'the kernel lacks it',
  EPERM: 'operation not permitted',
  ERANGE: 'numerical result out of range',
  ESRCH: 'no such process',
  ETIMEDOUT: 'no answer in time',
  ESTALE: 'something else is there by now',
  EXDEV: 'invalid cross-device link',
}

/** The errno in words, with its name: `permission denied (EACCES)`. */
export function describeErrno(errno: Errno): string {
  const words = WORDS[errno]
  return words ? `${words} (${errno})` : errno
}
