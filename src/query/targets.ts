import { EXIT, NsxError } from '../errors.ts'
import { isNsType, type NsType } from '../kernel/namespace-types.ts'
import { formatNsLink } from '../kernel/ns-link.ts'
import type { Selection } from '../model/selection.ts'
import type { Namespace, Snapshot } from '../model/snapshot.ts'
import type { ContainerTarget, NsTarget, Target } from '../model/target.ts'
import { FAMILY_WORDS, readTarget } from './parse-target.ts'

/**
 * Reads `net:[4026532281]`, `net:4026532281`, `4026532281`, `id:7353`, `netns:blue`, or a path.
 *
 * @throws NsxError (usage) for anything else, also for other targets.
 */
export function parseNsTarget(text: string): NsTarget {
  const target = readTarget(text)
  if (target?.kind === 'inum' || target?.kind === 'id' || target?.kind === 'path') return target
  throw new NsxError(`'${text}' does not name a namespace`, {
    code: 'bad-namespace',
    exitCode: EXIT.usage,
    target: text,
    hint: hintFor(text, target),
  })
}

function hintFor(text: string, target: Target | null): string {
  if (target?.kind === 'process') return `a process? its namespaces: nsx list --task ${target.pid}`
  const [, prefix] = /^([a-z]+):\d+$/.exec(text) ?? []
  if (prefix !== undefined && target?.kind === 'container') {
    return `'${prefix}' is no namespace type; see nsx help namespaces`
  }
  if (target?.kind === 'inner' || (target?.kind === 'container' && isLikelyName(target))) {
    return `a container? its namespaces: nsx list --task ${text}`
  }
  return 'write net:[4026532281], 4026532281, id:7353, netns:NAME, or a path such as /run/netns/NAME'
}

function isLikelyName({ family, name }: ContainerTarget): boolean {
  const known = family === null ? !isNsType(name) : FAMILY_WORDS.has(family)
  return known && /^[a-z][\w.-]*$/i.test(name)
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
          ? `it is there, but held by what is not looked for; nsx show ${target.text} looks inside`
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
