import { directDependents } from '../../model/dependents.ts'
import type { Holder, Namespace } from '../../model/snapshot.ts'
import { countOf, HOLDER_WORDS } from '../why/words.ts'
import type { FindingSubject } from './finding.ts'
import type { Scene } from './scene.ts'

/** By what a namespace without processes is held: the one that stands for all, and how it is called. */
export interface HeldBy {
  /** The same for those that are told together. */
  readonly group: string
  /** `descriptors of dockerd (812)`; null: by nothing that could be seen. */
  readonly words: string | null
  readonly subject: FindingSubject
}

/** The first holder counts; there are rarely more. */
export function heldAlone(ns: Namespace, scene: Scene): HeldBy {
  const { who, subject } = scene
  const holders = ns.holders.filter(({ kind }) => kind !== 'child' && kind !== 'owned')
  const below = directDependents(ns).length
  const parts = holdersByGroup(holders)
  const [first] = holders
  // A file may be mounted at one path in many mount namespaces.
  const texts = [...new Set(holders.map((holder) => holderText(holder, who)))]
  const detail = [
    ...texts.slice(0, MOST_TOLD),
    ...(texts.length > MOST_TOLD ? [`${texts.length - MOST_TOLD} more`] : []),
    ...(below > 0 ? [countOf(below, ['namespace below it', 'namespaces below it'])] : []),
  ].join(', ')
  const words = [
    ...parts.map(({ kind, pid }) => groupText(kind, pid, who)),
    ...(below > 0 ? ['namespaces below them'] : []),
  ].join(' and ')
  return {
    group: words,
    words: words === '' ? null : words,
    subject: subject({
      ...{
        aged: true,
        ns,
        pid: first?.pid ?? null,
        tid: first?.tid ?? null,
        path: first?.path ?? null,
      },
      ...(detail === '' ? {} : { detail }),
    }),
  }
}

const MOST_TOLD = 3

interface HolderGroup {
  readonly kind: Holder['kind']
  readonly pid: number | null
}

/** Each kind and process once. */
function holdersByGroup(holders: readonly Holder[]): HolderGroup[] {
  const groups = new Map<string, HolderGroup>()
  for (const { kind, pid } of holders) groups.set(`${kind} ${pid}`, { kind, pid })
  return [...groups.values()]
}

function groupText(kind: Holder['kind'], pid: number | null, who: Scene['who']): string {
  const [, many] = HOLDER_WORDS[kind]
  if (kind === 'mount') return many
  return kind === 'forChildren' ? `the future children of ${who(pid)}` : `${many} of ${who(pid)}`
}

function holderText({ kind, pid, tid, fd, path }: Holder, who: Scene['who']): string {
  if (kind === 'mount') return path ?? 'a mount'
  if (kind === 'thread') return `thread ${tid ?? '?'} of ${who(pid)}`
  if (kind === 'forChildren') return `future children of ${who(pid)}`
  return `${kind === 'socket' ? 'socket' : 'fd'} ${fd ?? '?'} of ${who(pid)}`
}
