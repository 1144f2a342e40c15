import { EXIT, NsxError } from '../errors.ts'
import type { Host } from '../host/port.ts'
import { NS_TYPE_NAMES, type NsType } from '../kernel/namespace-types.ts'
import type { ComparedSide, PairInspection } from '../model/inspection.ts'
import type { Pair } from '../model/pair.ts'
import type { Subject } from '../model/subject.ts'
import type { ContentsPlace } from './contents.ts'
import type { Context } from './context.ts'
import { addGap } from './draft.ts'
import { addFacts } from './facts.ts'
import { observed } from './host-failure.ts'
import { collectHostInfo } from './host-info.ts'
import {
  addSubjects,
  confirmSubject,
  containersOf,
  type FoundTask,
  finishedCoverage,
  type InspectRequest,
  inspecting,
  knownNamespaces,
  readFound,
  userOf,
} from './inspecting.ts'
import { findNamespace, type NamedNamespace, placesOf } from './places.ts'
import { readInside } from './read-inside.ts'
import { readPair } from './relations.ts'

/** What is compared: a task, or a namespace alone. `text` is how it was named. */
export type PairTarget =
  | ({ readonly kind: 'task'; readonly text: string } & FoundTask)
  | ({ readonly kind: 'namespace'; readonly text: string } & NamedNamespace)

type Side =
  | { readonly subject: Subject; readonly place: null }
  | { readonly subject: null; readonly place: ContentsPlace }

/**
 * Looks at two sides; what both are in is not looked into. Where one of them is a namespace, only its
 * type is compared.
 *
 * @throws NsxError where one of them is not there, or they are namespaces of two types.
 */
export async function inspectPair(
  host: Host,
  targets: readonly [PairTarget, PairTarget],
  request: InspectRequest,
): Promise<PairInspection> {
  return observed(host, request.observer, () => inspect(host, targets, request))
}

async function inspect(
  host: Host,
  targets: readonly [PairTarget, PairTarget],
  request: InspectRequest,
): Promise<PairInspection> {
  const context = inspecting(host, request)
  const [a, b] = [lookUp(host, targets[0], request), lookUp(host, targets[1], request)]
  const types = typesOf([a, b], targets).filter((type) => request.contents.includes(type))
  if (types.length === 0) throw nothingAsked([a, b], targets)
  addSides(context, [a, b])
  const inums = [a, b].map((side) => inumsOf(side, types)) as [Inums, Inums]
  // What only one of them has is not compared.
  const differing = types.filter((type) => {
    const [inA, inB] = [inums[0][type], inums[1][type]]
    return inA !== undefined && inB !== undefined && inA !== inB
  })
  const places = [a, b].map((side) =>
    side.subject ? placesOf(side.subject, differing) : differing.length > 0 ? [side.place] : [],
  )
  const nets = places.flat().filter(({ type }) => type === 'net')
  const contents = await readInside(context, places.flat(), { nets })
  const containers = await containersOf(
    context,
    [a, b].flatMap(({ subject }) => subject?.tgid ?? []),
  )
  const sides = {
    a: sideOf(host, a, { inums: inums[0], contents, containers }),
    b: sideOf(host, b, { inums: inums[1], contents, containers }),
  }
  const pair = a.subject && b.subject ? pairOf(context, [a.subject, b.subject]) : null
  for (const { subject } of [a, b]) if (subject) confirmSubject(host, subject)
  return {
    ...{ types, ...sides, pair },
    namespaces: knownNamespaces(context),
    host: collectHostInfo(context, request),
    coverage: finishedCoverage(context),
  }
}

function lookUp(host: Host, target: PairTarget, request: InspectRequest): Side {
  if (target.kind === 'task') return { subject: readFound(host, target), place: null }
  const { place } = findNamespace(host, target, { ...request, needs: ['leader'] })
  return { subject: null, place }
}

function typesOf(
  sides: readonly [Side, Side],
  [a, b]: readonly [PairTarget, PairTarget],
): readonly NsType[] {
  const [first, second] = sides.flatMap(({ place }) => (place ? [place.type] : []))
  if (first === undefined) return NS_TYPE_NAMES
  if (second === undefined || first === second) return [first]
  throw new NsxError(`${a.text} is of type ${first}, but ${b.text} of type ${second}`, {
    code: 'different-types',
    exitCode: EXIT.usage,
    target: b.text,
    hint: 'name two namespaces of one type, or processes',
  })
}

function nothingAsked(sides: readonly [Side, Side], targets: readonly PairTarget[]): NsxError {
  const at = sides.findIndex(({ place }) => place !== null)
  const { text = '' } = targets[at] ?? {}
  return new NsxError(`nothing to compare: ${text} is of type ${sides[at]?.place?.type}`, {
    code: 'different-types',
    exitCode: EXIT.usage,
    target: text,
    hint: 'where a namespace is named, only its type is compared: leave out --type',
  })
}

function addSides(context: Context, sides: readonly Side[]): void {
  addSubjects(
    context,
    sides.flatMap(({ subject }) => subject ?? []),
  )
  const handles = sides.flatMap(({ place }) => place?.handle ?? [])
  if (handles.length === 0 || !context.host.describe) return
  addFacts(context, context.host.describe(handles, { nsid: false }).facts)
}

type Inums = Partial<Record<NsType, number>>

function inumsOf({ subject, place }: Side, types: readonly NsType[]): Inums {
  const links = subject ? subject.links : { [place.type]: place.inum }
  return Object.fromEntries(
    types.flatMap((type) => (links[type] === undefined ? [] : [[type, links[type]]])),
  )
}

interface Look {
  readonly inums: Inums
  readonly contents: ComparedSide['contents']
  readonly containers: Awaited<ReturnType<typeof containersOf>>
}

function sideOf(
  host: Host,
  { subject, place }: Side,
  { inums, contents, containers }: Look,
): ComparedSide {
  if (!subject)
    return { task: null, inums, contents: contents.filter(({ inum }) => inum === place.inum) }
  const inside = new Set(Object.values(inums))
  return {
    task: {
      subject,
      user: userOf(host, subject),
      container: containers[subject.tgid],
    },
    inums,
    contents: contents.filter(({ inum }) => inside.has(inum)),
  }
}

function pairOf({ host, draft }: Context, subjects: readonly [Subject, Subject]): Pair {
  const { pair, unread } = readPair(host, subjects)
  draft.sources.set('relations', 'read')
  for (const { errno, pid } of unread) addGap(draft, 'relations', { errno, pid })
  return pair
}
