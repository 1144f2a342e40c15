import { EXIT, NsxError } from '../errors.ts'
import type { Host, NsHandle } from '../host/port.ts'
import { type NsType, nsTypeRow } from '../kernel/namespace-types.ts'
import { formatNsLink } from '../kernel/ns-link.ts'
import type { NamedSource } from '../model/enter-facts.ts'
import type { Subject } from '../model/subject.ts'
import type { NsTarget, Target } from '../model/target.ts'
import { type Finding, findTask, nameOf } from './enter-target.ts'
import { findNamespace } from './places.ts'
import { resolveTarget } from './resolve-target.ts'

/** A namespace that was named by itself, and where its relatives can be asked for. */
export interface FoundSource {
  readonly source: NamedSource
  readonly handle: NsHandle | null
  /** Null: it was not named by a task. */
  readonly subject: Subject | null
}

/** @throws NsxError where there is none such, or it is of another type */
export async function findSource(
  finding: Finding,
  type: NsType,
  target: Target,
): Promise<FoundSource> {
  if (target.kind === 'process' || target.kind === 'container' || target.kind === 'inner') {
    const subject = await findTask(finding, target)
    return ofTask(finding.host, type, { subject, name: `of ${nameOf(target, subject.pid)}` })
  }
  return ofNamespace(finding, type, target)
}

function ofTask(
  { procfs }: Host,
  type: NsType,
  { subject, name }: { subject: Subject; name: string },
): FoundSource {
  const { pid, links, linkErrnos } = subject
  const inum = links[type] ?? null
  return {
    source: {
      ...{ name, inum, id: null, path: procfs.path(`${pid}/ns/${type}`) },
      errno: linkErrnos[type] ?? null,
    },
    handle: inum === null ? null : { kind: 'link', pid, type, inum },
    subject,
  }
}

async function ofNamespace(
  { host, containers }: Finding,
  type: NsType,
  target: NsTarget,
): Promise<FoundSource> {
  const resolved = await resolveTarget(host, target, containers)
  if (resolved.kind !== 'namespace') throw new Error(`${target.text} has become a task`)
  const { file, id } = resolved
  if (file) {
    const { inum } = mustBeOf(type, target.text, file.facts)
    const handle = { kind: 'path', path: file.path, inum: null } as const
    const source = { name: target.text, path: file.path, inum, errno: null, id: null }
    return { source: { ...source, dead: isDead(host, type, handle) }, handle, subject: null }
  }
  const named = { ...resolved, text: target.text }
  const { namespace, place } = findNamespace(host, named, {
    ...{ contents: [], needs: ['leader', 'holders'], uid: 0, now: new Date(0) },
  })
  const { inum } = mustBeOf(type, target.text, namespace)
  const path = place.handle && pathOf(host, place.handle)
  return {
    source: { ...{ name: target.text, path, inum, errno: null }, id: id ?? namespace.id },
    ...{ handle: place.handle, subject: null },
  }
}

/**
 * No file leads to a PID namespace before it has had a first process (pidns_for_children_get()). Of one that is
 * not below of ours nothing is seen, but neither can that be entered.
 */
function isDead({ pidIn }: Host, type: NsType, handle: NsHandle): boolean {
  if (type !== 'pid' || !pidIn) return false
  const answer = pidIn(handle, Int32Array.of(1), 'from')
  return typeof answer !== 'string' && answer[0] === 0
}

function mustBeOf<T extends { readonly type: NsType; readonly inum: number }>(
  type: NsType,
  text: string,
  found: T,
): T {
  if (found.type === type) return found
  const { title } = nsTypeRow(type)
  throw new NsxError(
    `${text} is ${formatNsLink(found.type, found.inum)}, which is no ${title} namespace`,
    {
      code: 'different-types',
      exitCode: EXIT.usage,
      target: text,
      hint: `name it with the flag of its own type, or a ${title} namespace here`,
    },
  )
}

function pathOf({ procfs }: Host, handle: NsHandle): string {
  switch (handle.kind) {
    case 'link':
      return procfs.path(`${handle.pid}/ns/${handle.type}`)
    case 'forChildren':
      return procfs.path(`${handle.pid}/ns/${handle.type}_for_children`)
    case 'descriptor':
      return procfs.path(`${handle.pid}/fd/${handle.fd}`)
    default:
      return handle.path
  }
}
