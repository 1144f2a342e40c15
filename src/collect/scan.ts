import { errnoName } from '../host/errno-name.ts'
import type {
  DeepRequest,
  DeepScan,
  DescriptorList,
  NsDescriptor,
  ProcessScan,
  TaskReference,
} from '../host/port.ts'
import { type Errno, isDenied, isGone } from '../kernel/errno.ts'
import { NS_TYPE_NAMES, type NsType } from '../kernel/namespace-types.ts'
import { type Context, hasEnded } from './context.ts'
import { addGap, type Draft, type DraftNamespace, namespaceOf } from './draft.ts'
import type { CollectRequest } from './request.ts'

/** Processes a call: enough to keep every core busy, few enough to tell how the work goes. */
const SLICE = 16384

/** What the pass over all processes leaves for the sources after it. */
export interface ScanRemainder {
  readonly descriptors: NsDescriptor[]
  readonly sockets: DescriptorList[]
  readonly devices: DescriptorList[]
  readonly netFiles: DescriptorList[]
  readonly tasks: TaskReference[]
}

export function noRemainder(): ScanRemainder {
  return { descriptors: [], sockets: [], devices: [], netFiles: [], tasks: [] }
}

/**
 * The one pass over all processes: their links, and in the same visit their descriptors, so that
 * both are of the same process even when its pid is used again.
 */
export function scanProcesses(context: Context): ScanRemainder {
  const { host, request, draft } = context
  const remainder = noRemainder()
  const pids = host.listPids()
  request.observer?.begin(pids.length)
  const types = typesToScan(request)
  const deep = deepRequest(request.sources)
  const descriptors = request.sources.has('descriptors')
  const sockets = request.sources.has('sockets')
  draft.sources.set('processes', 'read')
  if (descriptors) draft.sources.set('descriptors', 'read')
  for (const source of ['threads', 'forChildren', 'devices', 'netFiles'] as const) {
    if (request.sources.has(source)) draft.sources.set(source, 'read')
  }
  for (let start = 0; start < pids.length; start += SLICE) {
    const slice = pids.subarray(start, start + SLICE)
    const scan = host.scanProcesses({ pids: slice, types, descriptors, sockets, ...deep })
    addLinks(context, slice, types, scan)
    if (descriptors || sockets || deep) addDescriptorGaps(context, slice, scan)
    if (scan.deep) {
      addTaskGaps(context, slice, scan.deep)
      for (const task of scan.deep.tasks) remainder.tasks.push(task)
      remainder.devices.push(scan.deep.devices)
      remainder.netFiles.push(scan.deep.netFiles)
    }
    for (const descriptor of scan.descriptors) remainder.descriptors.push(descriptor)
    remainder.sockets.push(scan.sockets)
    request.observer?.progress(Math.min(start + SLICE, pids.length), pids.length)
  }
  return remainder
}

/**
 * A user namespace may be known only as the owner of a namespace of any other type; one of any type as mounted
 * in some mount namespace.
 */
function typesToScan({ types, sources }: CollectRequest): readonly NsType[] {
  if (types.includes('user')) return NS_TYPE_NAMES
  const mounts = sources.has('mountNamespaces') && !types.includes('mnt')
  return mounts ? NS_TYPE_NAMES.filter((type) => type === 'mnt' || types.includes(type)) : types
}

/** Absent: nothing of it is asked. */
function deepRequest(sources: CollectRequest['sources']): { deep?: DeepRequest } | null {
  const deep = {
    threads: sources.has('threads'),
    forChildren: sources.has('forChildren'),
    devices: sources.has('devices'),
    netFiles: sources.has('netFiles'),
  }
  return Object.values(deep).includes(true) ? { deep } : null
}

function addTaskGaps({ host, draft }: Context, pids: Int32Array, deep: DeepScan): void {
  const columns = { threads: deep.threadErrnos, forChildren: deep.forChildrenErrnos }
  for (const [source, errnos] of Object.entries(columns)) {
    if (draft.sources.get(source) === undefined) continue
    for (let i = 0; i < pids.length; i++) {
      if (errnos[i] === 0) continue
      const pid = pids[i] as number
      const errno = errnoName(errnos[i] as number)
      if (!isDenied(errno) || !hasEnded(host, pid)) addGap(draft, source, { errno, pid })
    }
  }
}

function addLinks(
  { host, draft }: Context,
  pids: Int32Array,
  types: readonly NsType[],
  scan: ProcessScan,
): void {
  const { inums, errnos } = scan
  // Most inodes are above what V8 keeps as a number without an object of its own, unless it is signed.
  const marks = new Int32Array(inums.buffer, inums.byteOffset, inums.length)
  const width = types.length
  // Neighbours mostly share their namespaces: the last one of each type saves most look-ups.
  const lastMarks = new Int32Array(width)
  const last: DraftNamespace[] = []
  for (let i = 0; i < pids.length; i++) {
    const pid = pids[i] as number
    let failures: Set<Errno> | null = null
    let ended: boolean | null = null
    for (let j = 0; j < width; j++) {
      const type = types[j] as NsType
      const mark = marks[i * width + j] as number
      if (mark !== 0) {
        if (mark !== lastMarks[j]) {
          last[j] = namespaceOf(draft, type, inums[i * width + j] as number)
          lastMarks[j] = mark
        }
        last[j]?.members.push(pid)
        continue
      }
      let errno = errnoName(errnos[i * width + j] as number)
      if (isDenied(errno)) {
        ended ??= hasEnded(host, pid)
        if (ended) errno = 'ESRCH'
      }
      failures ??= new Set()
      failures.add(errno)
      if (!isGone(errno)) draft.untold.set(type, (draft.untold.get(type) ?? 0) + 1)
      if (isDenied(errno)) addDenied(draft, type, pid)
    }
    // ENOENT on some links: a zombie keeps only pid and user; on all of them: gone meanwhile.
    if (failures) for (const errno of failures) addGap(draft, 'processes', { errno, pid })
  }
}

function addDenied({ denied }: Draft, type: NsType, pid: number): void {
  const pids = denied.get(type)
  if (pids) pids.push(pid)
  else denied.set(type, [pid])
}

function addDescriptorGaps({ draft }: Context, pids: Int32Array, scan: ProcessScan): void {
  for (let i = 0; i < pids.length; i++) {
    const errno = scan.descriptorErrnos[i] as number
    if (errno !== 0)
      addGap(draft, 'descriptors', { errno: errnoName(errno), pid: pids[i] as number })
  }
  if (scan.undecided > 0) draft.sources.set('descriptors', 'partial')
}
