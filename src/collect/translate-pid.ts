import { EXIT, NsxError } from '../errors.ts'
import type { Host, NsHandle } from '../host/port.ts'
import { parseStatus } from '../kernel/proc-status.ts'
import type { PidFacts, PidInit, PidTask, PidWord } from '../model/pid-facts.ts'
import type { Subject } from '../model/subject.ts'
import type { Context } from './context.ts'
import { addFacts } from './facts.ts'
import { observed } from './host-failure.ts'
import { collectHostInfo } from './host-info.ts'
import {
  addSubjects,
  confirmSubject,
  containersOf,
  finishedCoverage,
  inspecting,
  knownNamespaces,
  readFound,
  userOf,
} from './inspecting.ts'
import { type Naming, readNamed } from './named-subject.ts'
import { processByInnerPid } from './process-by-inner-pid.ts'
import { someMembers } from './some-members.ts'
import { attempt } from './task-links.ts'
import { readKin } from './topmost.ts'

export interface PidQuestion extends Naming {
  readonly words: readonly PidWord[]
  /** Who asks what it calls them. */
  readonly within: Pick<PidWord, 'text' | 'target'> | null
  /** Also the first process of each PID namespace, and what contains it. */
  readonly inits: boolean
}

/**
 * Reads the pids of processes at every level, from the PID namespace of the procfs down to their own.
 *
 * @throws NsxError where one of them is not there, or is another one by the end
 */
export async function collectPids(host: Host, question: PidQuestion): Promise<PidFacts> {
  return observed(host, question.request.observer, () => collect(host, question))
}

async function collect(host: Host, question: PidQuestion): Promise<PidFacts> {
  const { words, request, within } = question
  const context = inspecting(host, request)
  const asker = within && (await pidPlace(host, within, question))
  const subjects: Subject[] = []
  for (const word of words) subjects.push(await subjectOf(host, word, question))
  addSubjects(context, asker?.subject ? [...subjects, asker.subject] : subjects)
  if (asker?.handle && !asker.subject && host.describe) {
    addFacts(context, host.describe([asker.handle], { nsid: false }).facts)
  }
  const told = asker && tellPids(host, asker.handle, subjects)
  const namespaces = knownNamespaces(context)
  const inits = question.inits ? await initsOf(context, namespaces) : []
  const containers = await containersOf(
    context,
    subjects.map(({ tgid }) => tgid),
  )
  const tasks = subjects.map((subject, i): PidTask => {
    const { text } = words[i] as PidWord
    const container = containers[subject.tgid]
    const own = { text, subject, user: userOf(host, subject), container }
    return { ...own, processPids: processPids(host, subject), told: told?.[i] ?? null }
  })
  for (const subject of subjects) confirmSubject(host, subject)
  const info = collectHostInfo(context, request)
  return {
    ...{ tasks, inits, namespaces: knownNamespaces(context), host: info },
    top: isOfProcfs(host) ? info.pidNs : null,
    within: asker && { text: asker.text, inum: asker.inum },
    coverage: finishedCoverage(context),
  }
}

/** Whether the PID namespace of the procfs is our own: then it has but one number for us. */
function isOfProcfs(host: Host): boolean {
  const { readerPid } = host
  return readerPid !== null && readKin(host, [readerPid])[0]?.nsPids.length === 1
}

interface PidPlace {
  readonly text: string
  readonly inum: number | null
  readonly subject: Subject | null
  /** Null: it cannot be opened. */
  readonly handle: NsHandle | null
}

/** The PID namespace that a target is in, or is. */
async function pidPlace(
  host: Host,
  { text, target }: Pick<PidWord, 'text' | 'target'>,
  naming: Naming,
): Promise<PidPlace> {
  const named = await readNamed(host, { text, target }, naming)
  if (named.subject) {
    const { pid, links } = named.subject
    const inum = links.pid ?? null
    const handle = inum === null ? null : ({ kind: 'link', pid, type: 'pid', inum } as const)
    return { text, inum, subject: named.subject, handle }
  }
  const { type, inum, handle } = named.place
  if (type === 'pid') return { text, inum, subject: null, handle }
  throw new NsxError(`${text} is a namespace of type ${type}: it gives no pids`, {
    code: 'wrong-type',
    exitCode: EXIT.usage,
    target: text,
    hint: 'name a PID namespace, a process or a container',
  })
}

async function subjectOf(host: Host, word: PidWord, naming: Naming): Promise<Subject> {
  const { text, target, pid } = word
  if (pid === null) {
    const { subject, place } = await readNamed(host, { text, target }, naming)
    if (subject) return subject
    throw new NsxError(`${text} is a namespace, which has no pid`, {
      code: 'no-process',
      exitCode: EXIT.usage,
      target: text,
      hint:
        place.type === 'pid'
          ? `name a process, or a pid in it: 1@${text}`
          : 'name a process, a container, or 7@CONTAINER',
    })
  }
  const place = await pidPlace(host, word, naming)
  return readFound(
    host,
    processByInnerPid(host, { text, pid, inum: place.inum, handle: place.handle }),
  )
}

/** What a PID namespace calls processes, as the kernel itself says; null: it cannot be asked. */
function tellPids(
  { pidIn }: Host,
  handle: NsHandle | null,
  subjects: readonly Subject[],
): (number | null)[] | null {
  if (!pidIn || !handle) return null
  const answer = pidIn(
    handle,
    Int32Array.from(subjects, ({ tgid }) => tgid),
    'in',
  )
  if (typeof answer === 'string') return null
  return subjects.map(({ pid, tgid }, i) => (pid === tgid ? (answer[i] as number) : null))
}

function processPids({ procfs }: Host, { pid, tgid }: Subject): readonly number[] | null {
  if (pid === tgid) return null
  const answer = attempt(() => parseStatus(procfs.bytes(`${tgid}/status`)), `process ${tgid}`)
  return ('value' in answer && answer.value?.nsPids) || []
}

/** Of namespaces with more members only the kernel is asked which one is the first. */
const MOST_READ = 4096

async function initsOf(
  context: Context,
  namespaces: PidFacts['namespaces'],
): Promise<readonly PidInit[]> {
  const inums = namespaces.flatMap(({ type, inum, initial }) =>
    type === 'pid' && !initial ? [inum] : [],
  )
  const found = [...someMembers(context, 'pid', inums)].flatMap(([inum, members]) => {
    const pid = initOf(context.host, inum, members)
    return pid === null ? [] : [{ inum, pid }]
  })
  if (found.length === 0) return []
  const containers = await containersOf(
    context,
    found.map(({ pid }) => pid),
  )
  return found.map(({ inum, pid }) => ({ inum, pid, container: containers[pid] }))
}

function initOf(host: Host, inum: number, members: readonly number[]): number | null {
  const [first] = members
  if (first === undefined) return null
  const handle = { kind: 'link', pid: first, type: 'pid', inum } as const
  const answer = host.pidIn?.(handle, Int32Array.of(1), 'from')
  if (answer && typeof answer !== 'string') return answer[0] || null
  const kin = readKin(host, members.slice(0, MOST_READ))
  return kin.find(({ nsPids }) => nsPids.at(-1) === 1)?.pid ?? null
}
