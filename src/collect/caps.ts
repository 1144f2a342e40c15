import { EXIT, NsxError } from '../errors.ts'
import type { Host, NsHandle } from '../host/port.ts'
import { CAPABILITIES } from '../kernel/capabilities.ts'
import { isInitialInum } from '../kernel/namespace-types.ts'
import type { CapsFacts, CapsTask } from '../model/caps-facts.ts'
import type { Subject } from '../model/subject.ts'
import type { Target } from '../model/target.ts'
import { handlesOf } from './caller.ts'
import type { Context } from './context.ts'
import { addGap } from './draft.ts'
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
  userOf,
} from './inspecting.ts'
import { readKinship } from './kinship.ts'
import { type NamedSubject, type Naming, readNamed } from './named-subject.ts'
import { readPair } from './relations.ts'
import { attempt } from './task-links.ts'

interface Named {
  readonly text: string
  readonly target: Target
}

export interface CapsQuestion extends Naming {
  readonly a: Named
  readonly b: Named
}

/**
 * Reads what the rule of capabilities asks: the credentials of a task, and how its user namespace is related to
 * those that own the namespaces in question.
 *
 * @throws NsxError where one of them is not there, or is another one by the end
 */
export async function collectCaps(host: Host, question: CapsQuestion): Promise<CapsFacts> {
  return observed(host, question.request.observer, () => collect(host, question))
}

async function collect(host: Host, question: CapsQuestion): Promise<CapsFacts> {
  const { request } = question
  const context = inspecting(host, request)
  const a = await readNamed(host, question.a, question)
  if (a.subject === null) throw noTask(a)
  const b = await readNamed(host, question.b, question)
  const subjects = b.subject ? [a.subject, b.subject] : [a.subject]
  addSubjects(context, subjects)
  const handles = b.place?.handle ? [b.place.handle] : []
  if (handles.length > 0 && host.describe) {
    addFacts(context, host.describe(handles, { nsid: false }).facts)
  }
  const relations = readRelations(context, [a.subject, b.subject], handles)
  const containers = await containersOf(
    context,
    subjects.map(({ tgid }) => tgid),
  )
  const taskOf = (text: string, subject: Subject): CapsTask => ({
    ...{ text, subject, user: userOf(host, subject), container: containers[subject.tgid] },
  })
  for (const subject of subjects) confirmSubject(host, subject)
  return {
    ...{ a: taskOf(a.text, a.subject), b: b.subject && taskOf(b.text, b.subject), bText: b.text },
    inums: b.subject ? b.subject.links : { [b.place.type]: b.place.inum },
    ...{ ...relations, namespaces: knownNamespaces(context) },
    lastCapability: readLastCapability(host),
    host: collectHostInfo(context, request),
    coverage: finishedCoverage(context),
  }
}

function noTask({ text }: NamedSubject): NsxError {
  return new NsxError(`${text} is a namespace: it has no capabilities`, {
    code: 'no-process',
    exitCode: EXIT.usage,
    target: text,
    hint: 'name a process or a container first, then what is to be done with: nsx caps A NS',
  })
}

/** Of all that may be unread between two tasks these decide about rights. */
const DECIDING: ReadonlySet<string> = new Set(['stat', 'sys/kernel/yama/ptrace_scope'])

function readRelations(
  { host, draft, reader }: Context,
  [a, b]: readonly [Subject, Subject | null],
  handles: readonly NsHandle[],
): Pick<CapsFacts, 'pair' | 'kinship' | 'kernelIds'> {
  draft.sources.set('relations', 'read')
  if (b === null) {
    const user = reader.get('user')
    const kernelIds = user !== undefined && isInitialInum(user)
    return { pair: null, kernelIds, kinship: readKinship(host, [...handlesOf(a), ...handles]) }
  }
  const { pair, unread } = readPair(host, [a, b])
  for (const { errno, pid, file } of unread) {
    if (DECIDING.has(file)) addGap(draft, 'relations', { errno, pid })
  }
  return { pair, kernelIds: pair.kernelIds, kinship: pair.kinship }
}

/** Of a procfs that does not tell, those that we know. */
function readLastCapability({ procfs }: Host): number {
  const answer = attempt(() => Number(procfs.text('sys/kernel/cap_last_cap')), 'sys')
  return 'value' in answer && answer.value > 0 && answer.value < 64
    ? answer.value
    : CAPABILITIES.length - 1
}
