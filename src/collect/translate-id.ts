import { EXIT, NsxError } from '../errors.ts'
import type { Host } from '../host/port.ts'
import { isInitialInum } from '../kernel/namespace-types.ts'
import { parseSubids, type SubidGrant } from '../kernel/subid-grants.ts'
import type { IdFacts, IdKind, IdPath, IdSource, IdWord } from '../model/id-facts.ts'
import type { Subject } from '../model/subject.ts'
import { readFileBelow } from './caller.ts'
import type { Context } from './context.ts'
import { addFacts } from './facts.ts'
import { observed } from './host-failure.ts'
import { collectHostInfo } from './host-info.ts'
import { ID_FILES, readIdPath } from './id-path.ts'
import {
  addSubjects,
  confirmSubject,
  containersOf,
  finishedCoverage,
  inspecting,
  knownNamespaces,
  userOf,
} from './inspecting.ts'
import { type NamedSubject, type Naming, readNamed } from './named-subject.ts'

export interface IdQuestion extends Naming {
  readonly kind: IdKind
  readonly words: readonly IdWord[]
  /** Who asks what it calls them. */
  readonly within:
    | (Pick<IdWord, 'text'> & { readonly target: NonNullable<IdWord['target']> })
    | null
}

/**
 * Reads the maps between the reader's user namespace and those that are named.
 *
 * @throws NsxError where one of them is not there, or is another one by the end
 */
export async function collectIds(host: Host, question: IdQuestion): Promise<IdFacts> {
  return observed(host, question.request.observer, () => collect(host, question))
}

async function collect(host: Host, question: IdQuestion): Promise<IdFacts> {
  const { kind, words, within, request } = question
  const context = inspecting(host, request)
  const named: (NamedSubject | null)[] = []
  for (const { text, target } of words) {
    named.push(target && (await readNamed(host, { text, target }, question)))
  }
  const asker = within && (await readNamed(host, within, question))
  for (const each of [...named, asker]) if (each) checkType(each, words)
  addAll(context, [...named, asker])
  const ids: (number | null)[] = []
  for (const word of words) {
    ids.push(word.target === null ? await numberOf(host, word, kind) : null)
  }
  const paths: IdPath[] = []
  for (const [i, each] of named.entries()) {
    const { text } = words[i] as IdWord
    paths.push(await readIdPath(context, { kind, named: each, text: wherein(text) }))
  }
  const subjects = named.flatMap((each) => each?.subject ?? [])
  const containers = await containersOf(
    context,
    subjects.map(({ tgid }) => tgid),
  )
  const sources = words.map((word, i): IdSource => {
    const subject = named[i]?.subject ?? null
    const task = subject && taskOf(host, subject, containers)
    return { word, task, path: paths[i] as IdPath, id: ids[i] ?? null }
  })
  const askerPath = asker && (await readIdPath(context, { kind, named: asker, text: asker.text }))
  for (const subject of subjects) confirmSubject(host, subject)
  const user = context.reader.get('user')
  return {
    ...{ kind, sources, within: askerPath, namespaces: knownNamespaces(context) },
    kernelIds: user !== undefined && isInitialInum(user),
    grants: await readGrants(host, kind),
    host: collectHostInfo(context, request),
    coverage: finishedCoverage(context),
  }
}

/** Of `1000@web`: web. */
function wherein(text: string): string {
  return text.replace(/^\d+@/, '')
}

function taskOf(
  host: Host,
  subject: Subject,
  containers: Awaited<ReturnType<typeof containersOf>>,
): IdSource['task'] {
  return { subject, user: userOf(host, subject), container: containers[subject.tgid] }
}

function checkType({ text, place }: NamedSubject, words: readonly IdWord[]): void {
  const word = words.find((each) => each.text === text)
  if (place === null) return
  if (place.type !== 'user') {
    throw new NsxError(`${wherein(text)} is a namespace of type ${place.type}: it has no ids`, {
      code: 'wrong-type',
      exitCode: EXIT.usage,
      target: text,
      hint: 'name a user namespace, a process or a container',
    })
  }
  if (word?.id !== null) return
  throw new NsxError(`${text} is a namespace: which id is meant?`, {
    code: 'missing-id',
    exitCode: EXIT.usage,
    target: text,
    hint: `write 1000@${text}`,
  })
}

function addAll(context: Context, named: readonly (NamedSubject | null)[]): void {
  addSubjects(
    context,
    named.flatMap((each) => each?.subject ?? []),
  )
  const { describe } = context.host
  const handles = named.flatMap((each) => each?.place?.handle ?? [])
  if (handles.length > 0 && describe) addFacts(context, describe(handles, { nsid: false }).facts)
}

/** @throws NsxError where a name is nobody's */
async function numberOf(host: Host, { id }: IdWord, kind: IdKind): Promise<number> {
  if (typeof id === 'number') return id
  const { names } = ID_FILES[kind]
  const text = await readFileBelow(host, '/', names)
  const found = text === null ? null : idOfName(text, String(id))
  if (found !== null) return found
  const why = text === null ? `/${names} cannot be read` : `/${names} does not name it`
  throw new NsxError(`there is no ${kind} ${id}: ${why}`, {
    code: 'no-such-id',
    exitCode: EXIT.noTarget,
    target: String(id),
    hint: 'write the number: name services are not asked',
  })
}

/** Both files have the name first and the id third (passwd(5), group(5)); the first line counts. */
function idOfName(text: string, name: string): number | null {
  const bytes = Buffer.from(name).toString('latin1')
  for (const line of text.split('\n')) {
    const [first, , id = ''] = line.split(':')
    if (first === bytes && /^\d{1,10}$/.test(id)) return Number(id)
  }
  return null
}

async function readGrants(host: Host, kind: IdKind): Promise<readonly SubidGrant[] | null> {
  const { grants } = ID_FILES[kind]
  const text = await readFileBelow(host, '/', grants)
  return text === null ? null : parseSubids(text)
}
