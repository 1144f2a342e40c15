import { EXIT, NsxError } from '../errors.ts'
import type { Host } from '../host/port.ts'
import { parseCgroupMemberships } from '../kernel/cgroup-membership.ts'
import { parseEnviron } from '../kernel/environ.ts'
import { NS_TYPE_NAMES, type NsType } from '../kernel/namespace-types.ts'
import { parseContext, parseProfile, type SecurityLabel } from '../kernel/security-label.ts'
import type { Container } from '../model/container.ts'
import { containerLabel } from '../model/container-label.ts'
import { around, isOwnedEvidence, mayActOn } from '../model/container-owner.ts'
import type { EnterTarget } from '../model/enter-facts.ts'
import type { EnterRequest } from '../model/enter-request.ts'
import type { Subject } from '../model/subject.ts'
import type { ContainerCandidate, NsTarget, Target } from '../model/target.ts'
import { readLimits } from './caller.ts'
import { isChrooted } from './chrooted.ts'
import { collectContainers } from './containers.ts'
import { confirmSubject, readFound } from './inspecting.ts'
import { type Containers, resolveTarget } from './resolve-target.ts'
import { readSubject } from './subject.ts'
import { attempt } from './task-links.ts'

/** How a task is found, by whomever it was named. */
export interface Finding {
  readonly host: Host
  readonly containers: Containers
  readonly callerUid: number
}

/**
 * Finds the task that is to be acted on. By a container's name only where nobody but root and the caller can
 * have made up that it is the container; and it must be the container's still after it was read.
 *
 * @throws NsxError
 */
export async function findTask(
  { host, containers, callerUid }: Finding,
  target: Exclude<Target, NsTarget>,
): Promise<Subject> {
  const resolved = await resolveTarget(host, target, containers)
  if (resolved.kind !== 'task') throw new Error(`${target.text} has become a namespace`)
  const { container } = resolved
  if (container) mustBeOwned(container, { callerUid, target, pid: resolved.pid })
  const subject = readFound(host, resolved)
  // `7@web` need not be in web, only in its sight.
  if (container && target.kind === 'container') {
    const { of } = await collectContainers(host, [subject.tgid])
    if (!isIn(of.get(subject.tgid) ?? null, container)) throw hasLeft(target.text, subject)
  }
  confirmSubject(host, subject)
  return subject
}

function mustBeOwned(
  candidate: ContainerCandidate,
  { callerUid, target, pid }: { callerUid: number; target: Exclude<Target, NsTarget>; pid: number },
): void {
  const named = target.kind === 'inner' ? target.container : target
  if (named.kind !== 'container' || mayActOn(candidate, named, callerUid)) return
  const { container, label } = candidate
  const isOwned = isOwnedEvidence(container, callerUid)
  const full = isOwned ? `name it in full: nsx enter ${label}; or ` : ''
  throw new NsxError(
    `'${target.text}' may be no container: ${makerOf(container, { callerUid, isOwned })}`,
    {
      code: 'forged-container',
      exitCode: EXIT.permission,
      target: target.text,
      hint: `if it is the one that you mean, ${full}name its process: nsx enter ${pid}`,
    },
  )
}

function makerOf(
  container: Container,
  { callerUid, isOwned }: { callerUid: number; isOwned: boolean },
): string {
  const outer = around(container)
  if (isOwned && outer) return `root in ${containerLabel(outer)} could have made that up`
  const forgeable = container.evidence.find(({ uid }) => uid !== 0 && uid !== callerUid)
  const who = forgeable?.uid ?? null
  const whose = who === null ? 'somebody else' : `uid ${who}`
  return `${whose} could have made that up${forgeable ? `: ${forgeable.where}` : ''}`
}

function isIn(innermost: Container | null, { container, label }: ContainerCandidate): boolean {
  for (let at = innermost; at !== null; at = at.outer) {
    if (at.id === container.id && containerLabel(at) === label) return true
  }
  return false
}

function hasLeft(text: string, { pid }: Subject): NsxError {
  return new NsxError(`pid ${pid} is not of the container '${text}' any more`, {
    code: 'no-such-container',
    exitCode: EXIT.noTarget,
    target: text,
    hint: 'it was stopped or replaced meanwhile: try again',
  })
}

/** What of the target is needed for what was asked; what cannot be read is null. */
export function readEnterTarget(host: Host, subject: Subject, request: EnterRequest): EnterTarget {
  const { pid, tgid, startTicks } = subject
  const live = liveThread(subject)
  const tid = live?.tid ?? pid
  const folder = tid === tgid ? String(tgid) : `${tgid}/task/${tid}`
  const process =
    pid === tgid
      ? { pid, startTicks }
      : { pid: tgid, startTicks: readSubject(host, tgid).startTicks }
  return {
    ...{ name: nameOf(request.target, pid), subject, process, thread: tid !== tgid },
    ...{ folder: host.procfs.path(folder), ...linksOf(subject, live) },
    chrooted: isChrooted(host, folder),
    cgroups: request.joinCgroup
      ? read(() => parseCgroupMemberships(host.procfs.bytes(`${folder}/cgroup`)))
      : null,
    limits: request.like ? readLimits(host, folder) : [],
    oomScore: request.like ? readOomScore(host, folder) : null,
    environment: request.targetEnvironment
      ? read(() => parseEnviron(host.procfs.bytes(`${folder}/environ`)))
      : null,
    label: request.followContext || request.like ? readLabel(host, folder) : null,
  }
}

export function nameOf(target: Target | null, pid: number): string {
  if (!target || target.kind === 'process') return `pid ${pid}`
  return `${target.text} (pid ${pid})`
}

/** Of a process whose first thread has ended: any one that lives on. */
function liveThread({ state, strayThreads }: Subject): Subject['strayThreads'][number] | null {
  if (state !== 'Z') return null
  return strayThreads.find(({ linkErrnos }) => Object.keys(linkErrnos).length === 0) ?? null
}

function linksOf(
  { links, linkErrnos }: Subject,
  live: Subject['strayThreads'][number] | null,
): Pick<EnterTarget, 'inums' | 'errnos'> {
  const all = { ...links, ...live?.links }
  const of = <T>(from: Readonly<Partial<Record<string, T>>>): Partial<Record<NsType, T>> =>
    Object.fromEntries(
      NS_TYPE_NAMES.flatMap((type) => (from[type] === undefined ? [] : [[type, from[type]]])),
    )
  const errnos = Object.fromEntries(Object.entries(linkErrnos).filter(([link]) => !(link in all)))
  return { inums: of(all), errnos: of(errnos) }
}

export function readOomScore({ procfs }: Host, folder: string): number | null {
  const text = read(() => procfs.text(`${folder}/oom_score_adj`)) ?? ''
  return /^-?\d+\n?$/.test(text) ? Number(text) : null
}

/** Without a module that has labels the files cannot be read (EINVAL), or are not there. */
function readLabel({ procfs }: Host, folder: string): SecurityLabel | null {
  const profile = read(() => procfs.bytes(`${folder}/attr/apparmor/current`).toString('utf8'))
  if (profile !== null) return parseProfile(profile)
  const context = read(() => procfs.bytes(`${folder}/attr/current`).toString('utf8'))
  return context === null ? null : (parseContext(context) ?? parseProfile(context))
}

function read<T>(from: () => T): T | null {
  const answer = attempt(from, 'the target')
  return 'value' in answer ? answer.value : null
}
