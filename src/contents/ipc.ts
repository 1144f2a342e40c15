import { type MessageQueue, parseMessageQueues } from '../kernel/mqueue.ts'
import { parseSysvTable, type SysvObject } from '../kernel/sysvipc.ts'
import { bytesOf, latin1Of } from './answers.ts'
import { comparable, compareLists } from './compare.ts'
import type { Answers, Contents, ContentsNeeds, ContentsType, Difference } from './contents.ts'

interface SysvCommon {
  /** 0: private, known by its id alone. */
  readonly key: number
  readonly id: number
  /** Octal. */
  readonly perms: string
  /** As the user namespace of the reader sees them. */
  readonly uid: number
  readonly gid: number
}

export interface SysvQueue extends SysvCommon {
  readonly messages: number
  readonly bytes: number
}

export interface SysvSemaphores extends SysvCommon {
  readonly count: number
}

export interface SysvSegment extends SysvCommon {
  /** Bytes, 64 bits: without memory behind it (SHM_NORESERVE) a segment can be as large as you like. */
  readonly size: string
  readonly attached: number
  /** Who created it, as the PID namespace of the reader sees it. */
  readonly cpid: number
}

export interface IpcContents extends Contents {
  readonly type: 'ipc'
  readonly queues: readonly SysvQueue[]
  readonly semaphores: readonly SysvSemaphores[]
  readonly segments: readonly SysvSegment[]
  readonly mqueues: readonly MessageQueue[]
}

/** The proc files tell of the IPC namespace of whoever opens them (ipc/util.c). */
const NEEDS: ContentsNeeds = {
  msg: { from: 'inside', question: { ask: 'proc', file: 'sysvipc/msg' } },
  sem: { from: 'inside', question: { ask: 'proc', file: 'sysvipc/sem' } },
  shm: { from: 'inside', question: { ask: 'proc', file: 'sysvipc/shm' } },
  mqueues: { from: 'inside', question: { ask: 'mqueues' } },
  ownMsg: { from: 'own', file: 'sysvipc/msg', ifFailed: 'msg' },
  ownSem: { from: 'own', file: 'sysvipc/sem', ifFailed: 'sem' },
  ownShm: { from: 'own', file: 'sysvipc/shm', ifFailed: 'shm' },
}

export const ipcContents: ContentsType<IpcContents> = {
  type: 'ipc',
  needs: NEEDS,
  parse(answers) {
    const [msg, sem, shm] = [
      table(answers, 'msg', 'ownMsg'),
      table(answers, 'sem', 'ownSem'),
      table(answers, 'shm', 'ownShm'),
    ]
    const bytes = bytesOf(answers, 'mqueues')
    const mqueues = bytes && parseMessageQueues(bytes)
    return {
      type: 'ipc',
      queues: (msg ?? []).map(queueOf),
      semaphores: (sem ?? []).map(semaphoresOf),
      segments: (shm ?? []).map(segmentOf),
      mqueues: mqueues ?? [],
      unknown: [
        ...(msg ? [] : ['queues']),
        ...(sem ? [] : ['semaphores']),
        ...(shm ? [] : ['segments']),
        ...(mqueues ? [] : ['mqueues']),
      ],
    }
  },
  summarise({ queues, semaphores, segments, mqueues, unknown }) {
    const size = segments.reduce((sum, segment) => sum + Number(segment.size), 0)
    const parts = [
      ...counted(segments.length, 'segment', ` (${formatSize(size)})`),
      ...counted(semaphores.length, 'semaphore set'),
      ...counted(queues.length, 'queue'),
      ...counted(mqueues.length, 'POSIX queue'),
    ]
    if (parts.length > 0) return parts.join(', ')
    return unknown.length > 0 ? '' : 'empty'
  },
  compare: compareIpc,
  describe: ([list = ''], value) => describeObject(list, value as DescribedObject),
}

function table(answers: Answers, ...names: readonly [string, string]): SysvObject[] | null {
  const text = latin1Of(answers, names[0]) ?? latin1Of(answers, names[1])
  return text === null ? null : parseSysvTable(text)
}

function commonOf({ key, id, perms, uid, gid }: SysvObject): SysvCommon {
  return { key, id, perms, uid, gid }
}

function queueOf(object: SysvObject): SysvQueue {
  const { qnum = 0, cbytes = 0 } = object.columns
  return { ...commonOf(object), messages: qnum, bytes: cbytes }
}

function semaphoresOf(object: SysvObject): SysvSemaphores {
  return { ...commonOf(object), count: object.columns.nsems ?? 0 }
}

function segmentOf(object: SysvObject): SysvSegment {
  const { nattch = 0, cpid = 0 } = object.columns
  return { ...commonOf(object), size: object.size ?? '0', attached: nattch, cpid }
}

/**
 * Programs find an object by its key, so that is what it is compared by; a private one has its id alone.
 * What changes with every use is no difference: messages that wait, attachments, who created it.
 */
function compareIpc(a: IpcContents, b: IpcContents): Difference[] {
  const known = comparable(a, b)
  const how = (field: string) => ({ known, key: keyOf, path: [field], within: field })
  const shared = ['perms', 'uid', 'gid'] as const
  const queues = { ...how('queues'), fields: shared }
  const semaphores = { ...how('semaphores'), fields: [...shared, 'count' as const] }
  const segments = { ...how('segments'), fields: [...shared, 'size' as const] }
  const mqueues = { ...how('mqueues'), key: ({ name }: MessageQueue) => name, fields: [] }
  return [
    ...compareLists<SysvQueue>(queues, a.queues, b.queues),
    ...compareLists<SysvSemaphores>(semaphores, a.semaphores, b.semaphores),
    ...compareLists<SysvSegment>(segments, a.segments, b.segments),
    ...compareLists<MessageQueue>(mqueues, a.mqueues, b.mqueues),
  ]
}

function keyOf({ key, id }: SysvCommon): string {
  return key === 0 ? `private ${id}` : `0x${(key >>> 0).toString(16).padStart(8, '0')}`
}

function counted(count: number, noun: string, more = ''): string[] {
  return count === 0 ? [] : [`${count} ${noun}${count === 1 ? '' : 's'}${more}`]
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

function formatSize(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10))
  const amount = bytes / 1024 ** power
  return `${amount >= 10 ? Math.round(amount) : Number(amount.toFixed(1))} ${UNITS[power]}`
}

type DescribedObject = Partial<SysvQueue & SysvSemaphores & SysvSegment & MessageQueue>

/** Such as `1 MiB, uid 1000, 600`. */
function describeObject(list: string, object: DescribedObject): string {
  const { size, count, messages, bytes, uid, perms } = object
  return [
    ...(size === undefined ? [] : [formatSize(Number(size))]),
    ...(count === undefined ? [] : [`${count} of them`]),
    ...(messages === undefined ? [] : [`${messages} messages`]),
    ...(list === 'mqueues' && bytes !== undefined ? [`${bytes} bytes wait`] : []),
    ...(uid === undefined ? [] : [`uid ${uid}`]),
    ...(perms === undefined ? [] : [perms]),
  ].join(', ')
}
