import { errnoName } from '../host/errno-name.ts'
import type { Host } from '../host/port.ts'
import { type Errno, isDenied, isGone } from '../kernel/errno.ts'
import { isInitialInum, type NsType, nsTypeRow } from '../kernel/namespace-types.ts'
import type { Membership } from '../model/inspection.ts'
import { type Context, hasEnded } from './context.ts'
import { addGap } from './draft.ts'

/** Processes a call: enough to keep every core busy, few enough to tell how the work goes. */
const SLICE = 4096

export interface Members {
  /** By inode, of the namespaces that were asked for. */
  readonly memberships: ReadonlyMap<number, Membership>
  /** Every network namespace that a process is in, and one of those processes. */
  readonly nets: ReadonlyMap<number, number>
}

/**
 * The member processes of a few namespaces: one pass over the links of all processes, of which nothing else
 * is kept.
 *
 * @param wanted which namespaces, by type.
 */
export function membersOf(
  { host, request, draft, reader }: Context,
  wanted: ReadonlyMap<NsType, ReadonlySet<number>>,
): Members {
  const types = [...wanted.keys()]
  // A procfs shows the processes of its PID namespace and of those below: all of them of a PID namespace.
  const ofPart = !isInitialInum(reader.get('pid') ?? 0)
  const isPart = (type: NsType): boolean => ofPart && nsTypeRow(type).heldIn !== 'pid'
  const found: Found = { members: new Map(), nets: new Map(), untold: new Set() }
  for (const inums of wanted.values()) for (const inum of inums) found.members.set(inum, [])
  const pids = host.listPids()
  if (!draft.sources.has('processes')) draft.sources.set('processes', 'read')
  for (let start = 0; start < pids.length; start += SLICE) {
    const slice = pids.subarray(start, start + SLICE)
    const scan = host.scanProcesses({ pids: slice, types, descriptors: false, sockets: false })
    for (let i = 0; i < slice.length; i++) {
      const pid = slice[i] as number
      const links = { types, inums: scan.inums, errnos: scan.errnos, at: i * types.length }
      for (const errno of addLinks(host, { pid, links }, found)) {
        addGap(draft, 'processes', { errno, pid })
      }
    }
    request.observer?.progress(Math.min(start + SLICE, pids.length), pids.length)
  }
  const memberships = new Map<number, Membership>()
  for (const [type, inums] of wanted) {
    for (const inum of inums) {
      const members = found.members.get(inum) as number[]
      memberships.set(inum, { pids: members, atLeast: isPart(type) || found.untold.has(type) })
    }
  }
  return { memberships, nets: found.nets }
}

interface Found {
  readonly members: Map<number, number[]>
  readonly nets: Map<number, number>
  /** Types of which some process could not be read. */
  readonly untold: Set<NsType>
}

interface Links {
  readonly types: readonly NsType[]
  readonly inums: Uint32Array
  readonly errnos: Uint8Array
  /** Where those of the process begin. */
  readonly at: number
}

/** @returns why some of its links could not be read; that it has ended is no reason. */
function addLinks(
  host: Host,
  { pid, links: { types, inums, errnos, at } }: { pid: number; links: Links },
  { members, nets, untold }: Found,
): Iterable<Errno> {
  let failures: Set<Errno> | null = null
  for (let j = 0; j < types.length; j++) {
    const type = types[j] as NsType
    const inum = inums[at + j] as number
    if (inum !== 0) {
      members.get(inum)?.push(pid)
      if (type === 'net' && !nets.has(inum)) nets.set(inum, pid)
      continue
    }
    const errno = errnoName(errnos[at + j] as number)
    if (isGone(errno) || (isDenied(errno) && hasEnded(host, pid))) continue
    failures ??= new Set()
    failures.add(errno)
    untold.add(type)
  }
  return failures ?? NONE
}

const NONE: readonly Errno[] = []

/**
 * Of processes that were looked at closely after the pass: those that are members no more. A pid may be
 * another process's by then.
 *
 * @param wanted which namespaces, by type.
 */
export function formerMembers(
  host: Host,
  pids: readonly number[],
  wanted: ReadonlyMap<NsType, ReadonlySet<number>>,
): (pid: number, inum: number) => boolean {
  const types = [...wanted.keys()]
  const { inums, errnos } = host.scanProcesses({
    ...{ pids: Int32Array.from(pids), types, descriptors: false, sockets: false },
  })
  const rows = new Map(pids.map((pid, row) => [pid, row * types.length]))
  return (pid, inum) => {
    const row = rows.get(pid)
    if (row === undefined) return false
    const at = row + types.findIndex((type) => wanted.get(type)?.has(inum))
    const errno = errnos[at] as number
    return inums[at] === 0 ? isGone(errnoName(errno)) : inums[at] !== inum
  }
}
