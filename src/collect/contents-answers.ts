import type { Answer, ContentsNeeds } from '../contents/contents.ts'
import { errnoName } from '../host/errno-name.ts'
import type { Host, NsHandle } from '../host/port.ts'
import { errnoOf } from '../host/system-error.ts'
import type { Errno } from '../kernel/errno.ts'
import { type MountinfoLine, parseMountinfo } from '../kernel/mountinfo.ts'
import { isInitialInum, type NsType } from '../kernel/namespace-types.ts'
import type { FileBelow, InsideQuestion } from '../model/inside.ts'
import { cgroupFile } from './cgroup-file.ts'
import type { ContentsPlace } from './contents.ts'
import type { Guide } from './contents-guides.ts'

/** One attempt to read a namespace through one process. */
export interface Reading {
  readonly place: ContentsPlace
  readonly needs: ContentsNeeds
  readonly guide: Guide | null
  /** Processes that can be tried after this one. */
  readonly left: readonly number[]
  /** The answer of whatever needs a process, where there is none. */
  readonly instead: Errno | null
  /** By need. */
  readonly answers: Map<string, Answer>
}

type Need = ContentsNeeds[string]
type FileNeed = Extract<Need, { readonly from: 'root' | 'cgroup' }>

/** What the host lacks: the addon, the child that reads, or a /proc of its own. */
const LACKING: Errno = 'ENOTSUP'

/** @returns what gives all readings their answers: first those of the needs, then those that stand in. */
export function answerer(
  host: Host,
  own: ReadonlyMap<NsType, number>,
): (readings: readonly Reading[]) => Promise<void> {
  const mounts = ownMounts(host)
  return async (readings) => {
    for (const asked of [firstNeeds, standIns]) {
      const rounds = readings.map((reading) => ({ reading, names: asked(reading) }))
      for (const { reading, names } of rounds) answerAtOnce(host, { reading, names, own })
      await answerFiles(host, rounds, mounts)
    }
  }
}

function firstNeeds({ needs }: Reading): string[] {
  return Object.keys(needs).filter((name) => needs[name]?.ifFailed === undefined)
}

function standIns({ needs, answers }: Reading): string[] {
  const isTold = (name: string): boolean => {
    const answer = answers.get(name)
    return answer instanceof Uint8Array && (needs[name]?.enough?.(answer) ?? true)
  }
  return Object.keys(needs).filter((name) => {
    const { ifFailed } = needs[name] as Need
    if (ifFailed === undefined) return false
    if (!isTold(ifFailed)) return true
    answers.set(name, null)
    return false
  })
}

function answerAtOnce(
  host: Host,
  { reading, names, own }: { reading: Reading; names: string[]; own: ReadonlyMap<NsType, number> },
): void {
  const { place, needs, guide, answers, instead } = reading
  const questions = new Map<string, InsideQuestion>()
  for (const name of names) {
    const need = needs[name] as Need
    if (need.ofInitial !== undefined && isInitialInum(place.inum)) {
      answers.set(name, Buffer.from(need.ofInitial))
    } else if (need.from === 'process') {
      answers.set(name, guide ? read(host, `${guide.pid}/${need.file}`) : instead)
    } else if (need.from === 'own') {
      answers.set(name, own.get(place.type) === place.inum ? read(host, need.file) : null)
    } else if (need.from === 'statmount') {
      answers.set(name, place.handle ? (host.statmount?.(place.handle) ?? LACKING) : null)
    } else if (need.from === 'numbered') {
      answers.set(name, place.handle ? ourPid(host, place.handle, need.pid) : null)
    } else if (need.from === 'inside') {
      questions.set(name, need.question)
    } else if (need.from === 'insideProcess') {
      if (guide) questions.set(name, { ask: 'proc', file: `${guide.pid}/${need.file}` })
      else answers.set(name, instead)
    }
  }
  if (questions.size > 0) answerInside(host, reading, questions)
}

function read({ procfs }: Host, file: string): Answer {
  try {
    return procfs.bytes(file)
  } catch (error) {
    return errnoName(errnoOf(error))
  }
}

function ourPid(host: Host, handle: NsHandle, pid: number): Answer {
  const told = host.pidIn?.(handle, Int32Array.of(pid), 'from') ?? LACKING
  if (typeof told === 'string') return told
  return told[0] ? Buffer.from(String(told[0])) : 'ESRCH'
}

function answerInside(
  host: Host,
  { place, answers }: Reading,
  questions: ReadonlyMap<string, InsideQuestion>,
): void {
  const told = place.handle ? host.inside?.(place.handle, [...questions.values()]) : null
  for (const [i, name] of [...questions.keys()].entries()) {
    answers.set(name, place.handle ? (told?.[i] ?? LACKING) : null)
  }
}

/** Our own mounts, read when they are first asked for. */
function ownMounts(host: Host): () => readonly MountinfoLine[] | Errno {
  let mounts: readonly MountinfoLine[] | Errno | undefined
  return () => {
    if (mounts !== undefined) return mounts
    const bytes = host.readerPid === null ? LACKING : read(host, 'self/mountinfo')
    const text = bytes instanceof Uint8Array ? Buffer.from(bytes).toString('latin1') : null
    mounts = text === null ? (bytes as Errno) : parseMountinfo(text)
    return mounts
  }
}

interface Round {
  readonly reading: Reading
  readonly names: readonly string[]
}

async function answerFiles(
  host: Host,
  rounds: readonly Round[],
  mounts: ReturnType<typeof ownMounts>,
): Promise<void> {
  const jobs: { answers: Reading['answers']; name: string; file: FileBelow }[] = []
  for (const { reading, names } of rounds) {
    const { answers, guide, needs, instead } = reading
    for (const name of names) {
      const need = needs[name] as Need
      if (need.from !== 'root' && need.from !== 'cgroup') continue
      const file = guide ? fileOf(host, { need, pid: guide.pid }, mounts) : instead
      if (file === null || typeof file === 'string') answers.set(name, file)
      else jobs.push({ answers, name, file })
    }
  }
  if (jobs.length === 0) return
  const contents = await host.readFiles?.(jobs.map(({ file }) => file))
  for (const [i, { answers, name }] of jobs.entries()) {
    const content = contents ? (contents[i] ?? 'EIO') : LACKING
    // Half of a file would be taken for all of it.
    if (typeof content === 'string') answers.set(name, content)
    else answers.set(name, content.cut ? 'EFBIG' : content.bytes)
  }
}

function fileOf(
  host: Host,
  { need, pid }: { need: FileNeed; pid: number },
  mounts: ReturnType<typeof ownMounts>,
): FileBelow | Errno | null {
  if (need.from === 'root') {
    return { root: host.procfs.path(`${pid}/root`), path: need.path, limit: need.limit }
  }
  const [cgroups, own] = [read(host, `${pid}/cgroup`), mounts()]
  if (!(cgroups instanceof Uint8Array)) return cgroups
  return typeof own === 'string' ? own : cgroupFile(own, Buffer.from(cgroups), need)
}
