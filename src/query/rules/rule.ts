import { describeErrno, isGone } from '../../kernel/errno.ts'
import { type NsType, nsTypeRow } from '../../kernel/namespace-types.ts'
import type { Pair, Side } from '../../model/pair.ts'
import type { Truth } from '../truth.ts'

/** One thing that follows for two tasks from the namespaces and rights that they have. */
export interface Rule {
  readonly rule: string
  readonly tell: (pair: Pair) => Told
}

export interface Told {
  /** Null: it cannot be told; the text says why. */
  readonly holds: Truth
  /** One sentence, without its full stop. */
  readonly text: string
}

/** The same two, the other way round. */
export function swap(pair: Pair): Pair {
  return { ...pair, a: pair.b, b: pair.a }
}

export interface Sharing {
  readonly same: Truth
  /** Where it is not true: why. */
  readonly why: string
}

/** Whether both are in one namespace of a type. */
export function sharing({ a, b }: Pair, type: NsType): Sharing {
  const missing = [a, b].find(({ subject }) => subject.links[type] === undefined)
  if (missing) return absence(missing, type)
  const same = a.subject.links[type] === b.subject.links[type]
  return { same, why: same ? '' : `they are in different ${titleOf(type)} namespaces` }
}

/** Why a task has no such link: a zombie has let go of it; else it is not for us to read. */
export function absence({ name, subject }: Side, type: NsType): Sharing {
  const errno = subject.linkErrnos[type] ?? 'ENOENT'
  if (isGone(errno) && hasExited({ subject })) {
    return {
      same: false,
      why: `${name} has exited, and has no ${titleOf(type)} namespace any more`,
    }
  }
  const ended = isGone(errno) && subject.state === 'Z'
  const why = ended ? 'its first thread has ended, others live on' : describeErrno(errno)
  return { same: null, why: `${name}'s ${titleOf(type)} namespace is unknown: ${why}` }
}

/** It does nothing any more. Of a zombie that has other threads only the first has ended. */
export function hasExited({ subject }: Pick<Side, 'subject'>): boolean {
  return subject.state === 'Z' && subject.threads <= 1
}

function titleOf(type: NsType): string {
  return nsTypeRow(type).title
}

/** `a network namespace`, `an IPC namespace`. */
export function one(type: NsType): string {
  const title = titleOf(type)
  return `${/^[AEIO]/i.test(title) ? 'an' : 'a'} ${title} namespace`
}
