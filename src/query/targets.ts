import { EXIT, NsxError } from '../errors.ts'
import { isNsType, type NsType } from '../kernel/namespace-types.ts'
import { formatNsLink, parseNsLink } from '../kernel/ns-link.ts'
import type { Selection } from '../model/selection.ts'
import type { Namespace, Snapshot } from '../model/snapshot.ts'

/** A namespace as a person names it on the command line. */
export type NsTarget =
  | {
      readonly kind: 'inum'
      readonly text: string
      readonly inum: number
      readonly type: NsType | null
    }
  | { readonly kind: 'id'; readonly text: string; readonly id: string }
  /** To be resolved by whoever may open it. */
  | { readonly kind: 'path'; readonly text: string; readonly path: string }

/** pids end here (PID_MAX_LIMIT of a 64-bit kernel, include/linux/threads.h). */
const PID_MAX_LIMIT = 4_194_304

/**
 * Reads `net:[4026532281]`, `net:4026532281`, `4026532281`, `id:7353`, `netns:blue`, or a path.
 *
 * @throws NsxError (usage) for anything else.
 */
export function parseNsTarget(text: string): NsTarget {
  const link = parseNsLink(text)
  if (link) return { kind: 'inum', text, inum: link.inum, type: link.type }
  if (text.includes('/')) return { kind: 'path', text, path: text }
  const [, prefix = '', value = ''] = /^(?:([a-z]+):)?(.*)$/s.exec(text) ?? []
  if (prefix === 'netns' && value) return { kind: 'path', text, path: `/run/netns/${value}` }
  if (prefix === 'id' && /^\d{1,20}$/.test(value)) {
    return { kind: 'id', text, id: BigInt(value).toString() }
  }
  const inum = /^\d{1,10}$/.test(value) ? Number(value) : 0
  if (inum > PID_MAX_LIMIT && inum <= 0xffff_ffff && (prefix === '' || isNsType(prefix))) {
    return { kind: 'inum', text, inum, type: isNsType(prefix) ? prefix : null }
  }
  throw new NsxError(`'${text}' does not name a namespace`, {
    code: 'bad-namespace',
    exitCode: EXIT.usage,
    target: text,
    hint: hintFor(prefix, inum),
  })
}

function hintFor(prefix: string, inum: number): string {
  if (prefix === '' && inum > 0 && inum <= PID_MAX_LIMIT)
    return `a process? its namespaces: nsx list --task ${inum}`
  if (prefix !== '' && inum > 0 && isNsType(prefix) === false) {
    return `'${prefix}' is no namespace type; see nsx help namespaces`
  }
  return 'write net:[4026532281], 4026532281, id:7353, netns:NAME, or a path such as /run/netns/NAME'
}

/** A target whose path, if it is one, has been followed. */
export type ResolvedTarget = Exclude<NsTarget, { kind: 'path' }>

/** Follows the paths among the targets, by asking whoever may open them. */
export function resolveTargets(
  targets: readonly NsTarget[],
  inumOfPath: (path: string) => number,
): ResolvedTarget[] {
  return targets.map((target) =>
    target.kind === 'path'
      ? { kind: 'inum', text: target.text, inum: inumOfPath(target.path), type: null }
      : target,
  )
}

/** The selection of the namespaces that were named; null where none was: all of them. */
export function selectTargets(targets: readonly ResolvedTarget[]): Selection['only'] {
  if (targets.length === 0) return null
  return {
    inums: new Set(targets.flatMap((target) => (target.kind === 'inum' ? target.inum : []))),
    ids: new Set(targets.flatMap((target) => (target.kind === 'id' ? target.id : []))),
  }
}

/**
 * Makes sure that everything that was named is there.
 *
 * @throws NsxError (no such target) for the first that is not.
 */
export function checkTargets(
  targets: readonly ResolvedTarget[],
  snapshot: Snapshot,
  types: ReadonlySet<NsType>,
): void {
  for (const target of targets) {
    const found = snapshot.namespaces.find((ns) =>
      target.kind === 'id' ? ns.id === target.id : ns.inum === target.inum,
    )
    const typeFits = target.kind === 'id' || target.type === null || target.type === found?.type
    if (found && typeFits && !types.has(found.type)) throw excluded(target, found)
    if (found && typeFits) continue
    const isPath = /^netns:|\//.test(target.text)
    throw new NsxError(
      isPath
        ? `nothing was found that holds ${target.text}`
        : `there is no namespace ${target.text}`,
      {
        code: 'no-such-namespace',
        exitCode: EXIT.noTarget,
        target: target.text,
        hint: isPath
          ? `it is there, but held by what is not looked for: see coverage in nsx list --json`
          : hintForMissing(target, found, snapshot),
      },
    )
  }
}

function excluded({ text }: ResolvedTarget, { type }: Namespace): NsxError {
  return new NsxError(`${text} is a namespace of type ${type}, which --type leaves out`, {
    code: 'excluded-type',
    exitCode: EXIT.usage,
    target: text,
    hint: `leave out --type, or add ${type} to it`,
  })
}

function hintForMissing(
  target: ResolvedTarget,
  found: Namespace | undefined,
  snapshot: Snapshot,
): string {
  if (found) return `${found.inum} is ${formatNsLink(found.type, found.inum)}`
  if (target.kind === 'id' && snapshot.namespaces.every((ns) => ns.id === null)) {
    return 'this kernel has no namespace ids (they came with Linux 6.18); name its inode number'
  }
  return snapshot.coverage.complete
    ? 'nsx list shows those there are; it may have ended'
    : 'it may have ended, or be out of sight: not everything could be read'
}
