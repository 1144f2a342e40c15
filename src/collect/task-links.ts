import { errnoName } from '../host/errno-name.ts'
import type { Procfs } from '../host/procfs.ts'
import { errnoOf, throwIfOurs } from '../host/system-error.ts'
import type { Errno } from '../kernel/errno.ts'
import { parseNsLink } from '../kernel/ns-link.ts'
import { NS_LINK_NAMES, type Subject, typeOfLink } from '../model/subject.ts'

export type TaskLinks = Pick<Subject, 'links' | 'linkErrnos'>

/**
 * The ten links of one task, each with its inode or its errno.
 *
 * @param folder of the task below the procfs: `12`, `12/task/14`
 */
export function readTaskLinks(procfs: Procfs, folder: string): TaskLinks {
  const links: Partial<Record<string, number>> = {}
  const linkErrnos: Partial<Record<string, Errno>> = {}
  for (const name of NS_LINK_NAMES) {
    const answer = attempt(() => procfs.link(`${folder}/ns/${name}`), `process ${folder}`)
    if ('errno' in answer) linkErrnos[name] = answer.errno
    else {
      const link = parseNsLink(answer.value)
      if (link && link.type === typeOfLink(name)) links[name] = link.inum
      // Linux 5.10 shows an empty text to whoever may not trace the process.
      else linkErrnos[name] = answer.value === '' ? 'EACCES' : 'EINVAL'
    }
  }
  return { links, linkErrnos }
}

export type Answer<T> = { readonly value: T } | { readonly errno: Errno }

/**
 * One reading of a task, or the errno with which it failed.
 *
 * @throws NsxError where our own resources have run out
 */
export function attempt<T>(read: () => T, what: string): Answer<T> {
  try {
    return { value: read() }
  } catch (error) {
    const errno = errnoName(errnoOf(error))
    throwIfOurs(errno, what)
    return { errno }
  }
}
