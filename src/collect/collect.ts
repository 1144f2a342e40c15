import { errnoName } from '../host/errno-name.ts'
import type { Host } from '../host/port.ts'
import { errnoOf, throwIfOurs } from '../host/system-error.ts'
import { parseTgid } from '../kernel/proc-status.ts'
import type { Snapshot } from '../model/snapshot.ts'
import { kindsAtLeast } from './at-least.ts'
import { type Context, readerNamespaces } from './context.ts'
import { bookHidden, coverageOf } from './coverage.ts'
import { addDescriptors } from './descriptors.ts'
import { collectDetails } from './details.ts'
import { collectDevices } from './devices.ts'
import {
  addGap,
  addHolder,
  type Draft,
  type DraftNamespace,
  finishNamespace,
  gapKey,
  namespaceOf,
  newDraft,
} from './draft.ts'
import { hidesProcesses } from './hidden.ts'
import { collectHostInfo } from './host-info.ts'
import { inferMembers } from './inference.ts'
import { confirmLeaders } from './leaders.ts'
import { collectListed } from './listed.ts'
import { collectMountNamespaces } from './mount-namespaces.ts'
import { collectMounts } from './mounts.ts'
import { collectNetFiles } from './net-files.ts'
import { collectPeers } from './peers.ts'
import { collectRelatives } from './relatives.ts'
import type { CollectRequest, SourceName, TaskNamespaces } from './request.ts'
import { noRemainder, type ScanRemainder, scanProcesses } from './scan.ts'
import { collectSockets } from './sockets.ts'
import { addTasks } from './tasks.ts'

/**
 * The sources with a collector, in the order in which they add to the result: what a later one
 * needs (types, members, ways in), an earlier one has found. A new source is one row and one file.
 */
const COLLECTORS: readonly {
  /** Runs when any of these is asked. */
  readonly sources: readonly SourceName[]
  collect(context: Context, scan: ScanRemainder): void
}[] = [
  {
    sources: ['threads', 'forChildren'],
    collect: (context, scan) => addTasks(context, scan.tasks),
  },
  { sources: ['mounts'], collect: collectMounts },
  {
    sources: ['descriptors'],
    collect: (context, scan) => addDescriptors(context, scan.descriptors),
  },
  { sources: ['sockets'], collect: (context, scan) => collectSockets(context, scan.sockets) },
  { sources: ['devices'], collect: (context, scan) => collectDevices(context, scan.devices) },
  { sources: ['mountNamespaces'], collect: collectMountNamespaces },
  { sources: ['netFiles'], collect: (context, scan) => collectNetFiles(context, scan.netFiles) },
  { sources: ['peers'], collect: collectPeers },
  { sources: ['relatives', 'nsids'], collect: collectRelatives },
  { sources: ['listns'], collect: collectListed },
]

/** Who reads, and when: what a Snapshot says of its own making. */
export interface Reading {
  readonly uid: number
  readonly now: Date
}

/**
 * Reads a machine.
 *
 * @throws NsxError when our own resources run out; whatever else fails is a gap of the Snapshot.
 */
export function collect(host: Host, request: CollectRequest, reading: Reading): Snapshot {
  const draft = newDraft()
  const context: Context = { host, request, draft, reader: readerNamespaces(host, draft) }
  const ended = (phase: string) => request.observer?.phase(phase)
  const scan = request.sources.has('processes') ? scanProcesses(context) : noRemainder()
  ended('processes')
  if (request.task) addTask(context, request.task)
  for (const { sources, collect } of COLLECTORS) {
    const asked = sources.filter((source) => request.sources.has(source))
    if (asked.length === 0) continue
    collect(context, scan)
    ended(asked.join('+'))
  }
  inferMembers(context)
  ended('inference')
  const processes = collectDetails(context)
  confirmLeaders(context)
  ended('details')
  const hidepid =
    request.sources.has('processes') && hidesProcesses(host, context.reader.get('user'))
  if (hidepid) bookHidden(draft)
  const atLeast = kindsAtLeast(draft)
  const namespaces = inOrder(draft).map((ns) => finishNamespace(ns, atLeast(ns)))
  return {
    host: collectHostInfo(context, reading),
    namespaces,
    processes,
    coverage: coverageOf(draft, hidepid),
  }
}

/** A thread in namespaces of its own is no member process, but it keeps them alive. */
function addTask({ host, draft, request }: Context, task: TaskNamespaces): void {
  const scanned = request.sources.has('processes')
  for (const errno of new Set([...task.errnos.values()].map(errnoName))) {
    // The scan has counted it, unless this is a thread.
    const counted = scanned && draft.gaps.has(gapKey('processes', errno))
    if (!counted) addGap(draft, 'processes', { errno, pid: task.pid })
  }
  for (const [type, inum] of task.inums) {
    const ns = namespaceOf(draft, type, inum)
    if (!scanned) ns.members.push(task.pid)
    else if (ns.members.length === 0 && !ns.holders.some(({ tid }) => tid === task.pid)) {
      addHolder(ns, 'thread', { pid: processOf(host, task.pid), tid: task.pid })
    }
  }
}

/** A thread is reached by its own number, too, but not listed (proc_pid(5)). */
function processOf({ procfs }: Host, pid: number): number {
  try {
    return parseTgid(procfs.bytes(`${pid}/status`)) ?? pid
  } catch (error) {
    throwIfOurs(errnoName(errnoOf(error)), `process ${pid}`)
    return pid
  }
}

/** Numbers are sorted by themselves, and so much faster than objects by a function. */
function inOrder({ namespaces }: Draft): DraftNamespace[] {
  const inums = Uint32Array.from(namespaces.keys()).sort()
  return Array.from(inums, (inum) => namespaces.get(inum) as DraftNamespace)
}
