import { EXIT, NsxError } from '../errors.ts'
import { errnoName } from '../host/errno-name.ts'
import type { Host, NsFacts } from '../host/port.ts'
import { throwIfOurs } from '../host/system-error.ts'
import { describeErrno, isDenied } from '../kernel/errno.ts'
import { orExplain } from './host-failure.ts'

/** A path that leads to a namespace, and what nsfs says of that. */
export interface NamespaceFile {
  readonly path: string
  readonly facts: NsFacts
}

/**
 * The inode of the namespace that a path leads to: a bind mount, a link below /proc, a descriptor.
 *
 * @throws NsxError where the path is no namespace file, or cannot be opened.
 */
export function readNamespacePath(host: Host, path: string): number {
  return readNamespaceFile(host, path).inum
}

/** As readNamespacePath, with all that nsfs says of the namespace. */
export function readNamespaceFile(host: Host, path: string): NsFacts {
  if (!host.describe) {
    throw new NsxError(`${path}: the addon is needed to tell which namespace a path leads to`, {
      code: 'no-addon',
      exitCode: EXIT.unsupported,
      target: path,
      hint: 'name the namespace by its number, such as net:[4026532281]',
    })
  }
  const { describe } = host
  const answer = orExplain(host, () =>
    describe([{ kind: 'path', path, inum: null }], { nsid: false }),
  )
  const inum = answer.inums[0] as number
  const facts = answer.facts.find((fact) => fact.inum === inum)
  if (facts) return facts
  const errno = errnoName(answer.errnos[0] as number)
  throwIfOurs(errno, path)
  // EINVAL: it exists, but is not on nsfs.
  const why = errno === 'EINVAL' ? 'it is not a namespace file' : describeErrno(errno)
  throw new NsxError(`${path} does not lead to a namespace: ${why}`, {
    code: 'no-such-namespace',
    exitCode: isDenied(errno) ? EXIT.permission : EXIT.noTarget,
    target: path,
    errno,
    hint: 'namespace files are /proc/PID/ns/TYPE, /run/netns/NAME, and bind mounts of them',
  })
}
