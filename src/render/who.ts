import { formatNsLink } from '../kernel/ns-link.ts'
import type { NsRef } from '../model/snapshot.ts'
import type { SubjectRow } from '../query/subject-row.ts'
import { type Cleaner, cleanerOf } from './safe-text.ts'
import type { Theme } from './theme.ts'

/** What the letter of a state means (proc_pid_stat(5)). */
const STATES: Readonly<Record<string, string>> = {
  R: 'running',
  S: 'sleeping',
  D: 'waiting in the kernel, not to be interrupted',
  T: 'stopped',
  t: 'stopped by a tracer',
  Z: 'a zombie',
  X: 'dead',
  I: 'idle',
}

/** Who a task is, in a few words: `busybox (4711) of www-data, docker:web`. */
export function whoText(subject: SubjectRow, theme: Pick<Theme, 'unicode'>): string {
  const clean = cleanerOf(theme)
  const { comm, pid, tid, container } = subject
  const task = tid === null ? `${clean(comm)} (${pid})` : `thread ${tid} of ${pid}, ${clean(comm)}`
  return [
    `${task} of ${userText(subject, clean)}`,
    ...(container === null ? [] : [clean(container.label)]),
  ].join(', ')
}

function userText({ user, credentials }: SubjectRow, clean: Cleaner): string {
  if (user !== null) return clean(user)
  return credentials === null ? 'an unknown user' : `uid ${credentials.uid.effective}`
}

export function stateText({ state }: SubjectRow): string {
  return STATES[state] ?? `in state ${state}`
}

export function refText({ type, inum }: NsRef): string {
  return formatNsLink(type, inum)
}
