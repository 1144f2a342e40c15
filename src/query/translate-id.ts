import type { IdMapLine } from '../kernel/id-map.ts'
import type { SubidGrant } from '../kernel/subid-grants.ts'
import type { IdFacts, IdKind, IdLevel, IdPath, IdSource } from '../model/id-facts.ts'
import type { KnownNamespace } from '../model/inspection.ts'
import type { NsRef } from '../model/snapshot.ts'
import { OVERFLOW_ID } from './capable.ts'
import { type ContainerRow, containerRows } from './container-row.ts'
import { insideOf, lineOfInside, lineOfOutside, outsideOf } from './id-maps.ts'
import { lossyPaths } from './lossy.ts'
import { type SubjectRow, subjectRow } from './subject-row.ts'

/** Ids at every level; the field names are the JSON contract's. */
export interface IdView {
  readonly kind: IdKind
  /** Who asks what it calls them; null: nobody. */
  readonly in: string | null
  readonly ids: readonly IdRow[]
}

export const ID_ROLES = ['real', 'effective', 'saved', 'fs', 'group'] as const
export type IdRole = (typeof ID_ROLES)[number]

export interface IdRow {
  /** As it was named. */
  readonly target: string
  /** The process that was named; null: none was. */
  readonly subject: SubjectRow | null
  /** Which of the ids of the process it is; empty: it was named itself. */
  readonly roles: readonly IdRole[]
  /** As the reader numbers it; null: the reader has no number for it, or `unknown` names it. */
  readonly id: number | null
  /** From the reader's user namespace down to the one in which it is named. */
  readonly levels: readonly IdLevelRow[]
  /** What the asker calls it; null: nothing, nobody asks, or `unknown` names it. */
  readonly inside: number | null
  /** From the reader's user namespace down to the asker's. */
  readonly inLevels: readonly IdLevelRow[]
  /** Who may map it, by /etc/subuid or /etc/subgid. */
  readonly grants: readonly SubidGrant[]
  /** `levels`, `inLevels`: some between the first and the last are missing. */
  readonly unknown: readonly ('id' | 'levels' | 'inside' | 'inLevels' | 'grants')[]
}

export interface IdLevelRow {
  /** 0: the reader's. Null: how many are above it is not known. */
  readonly level: number | null
  /** Null: `unknown` names it. */
  readonly ns: NsRef | null
  /** Null: it has no number there, or `unknown` names it. */
  readonly id: number | null
  /** By the passwd or group file of a process in it; null: none, or `unknown` names it. */
  readonly name: string | null
  /** The line of the map by which it is told; null: of the reader's own, of no number, or `unknown` names it. */
  readonly line: IdMapLine | null
  /** Null: none, or `unknown` names it. */
  readonly container: ContainerRow | null
  readonly unknown: readonly ('level' | 'ns' | 'id' | 'name' | 'line' | 'container')[]
  readonly lossy: readonly string[]
}

export function idView(facts: IdFacts): IdView {
  const { kind, within, sources } = facts
  return { kind, in: within?.text ?? null, ids: sources.flatMap((each) => idRows(each, facts)) }
}

function idRows(source: IdSource, facts: IdFacts): IdRow[] {
  const { word, task, path } = source
  if (word.id !== null) return [idRow(source, { named: namedId(source), roles: [] }, facts)]
  const roles = task ? rolesOf(task, facts.kind) : null
  const told = [...(roles ?? new Map<number | null, IdRole[]>([[null, ['effective']]]))]
  return told.map(([id, each]) => {
    const known = id === null || (id === OVERFLOW_ID && !facts.kernelIds) ? undefined : id
    return idRow({ ...source, path }, { named: known, roles: each }, facts)
  })
}

/** Ids of a task, each once, with what they are to it; null: they could not be read. */
function rolesOf(
  { subject }: NonNullable<IdSource['task']>,
  kind: IdKind,
): Map<number, IdRole[]> | null {
  const { credentials } = subject
  if (credentials === null) return null
  const { real, effective, saved, fs } = credentials[kind]
  const roles = new Map<number, IdRole[]>()
  const add = (id: number, role: IdRole): void => {
    const known = roles.get(id)
    if (known) known.push(role)
    else roles.set(id, [role])
  }
  add(effective, 'effective')
  for (const [role, id] of Object.entries({ real, saved, fs })) add(id, role as IdRole)
  if (kind === 'gid') for (const id of new Set(credentials.groups)) add(id, 'group')
  for (const each of roles.values()) {
    each.sort((a, b) => ID_ROLES.indexOf(a) - ID_ROLES.indexOf(b))
  }
  return roles
}

/** The number of the reader's for an id that was written; null: there is none; undefined: not told. */
function namedId({ word, path, id }: IdSource): number | null | undefined {
  if (id !== null) return id
  const map = path.levels.at(-1)?.map ?? null
  return map === null ? undefined : outsideOf(word.id as number, map)
}

interface Named {
  /** As the reader numbers it. Null: there is none; undefined: it is not told. */
  readonly named: number | null | undefined
  readonly roles: readonly IdRole[]
}

function idRow(
  { word, task, path }: IdSource,
  { named, roles }: Named,
  { within, grants, namespaces }: IdFacts,
): IdRow {
  const known = new Map(namespaces.map((ns) => [ns.inum, ns]))
  const written = typeof word.id === 'number' && word.target !== null ? word.id : null
  const levels = levelRows(path, { id: named, written, known })
  const inLevels = within ? levelRows(within, { id: named, written: null, known }) : []
  const last = inLevels.at(-1)
  const mayMap = typeof named === 'number' && grants !== null
  return {
    ...{ target: word.text, subject: task && subjectRow(task), roles, id: named ?? null, levels },
    ...{ inside: last?.id ?? null, inLevels },
    grants: mayMap ? grants.filter((each) => isIn(named, each)) : [],
    unknown: [
      ...(named === undefined ? (['id'] as const) : []),
      ...(path.complete ? [] : (['levels'] as const)),
      ...(last?.unknown.includes('id') ? (['inside'] as const) : []),
      ...(within && !within.complete ? (['inLevels'] as const) : []),
      ...(grants === null || named === undefined ? (['grants'] as const) : []),
    ],
  }
}

function isIn(id: number, { first, count }: SubidGrant): boolean {
  return id >= first && id < first + count
}

interface Translated {
  readonly id: number | null | undefined
  /** As it was written for the last level; null: it was not. */
  readonly written: number | null
  readonly known: ReadonlyMap<number, KnownNamespace>
}

function levelRows({ levels, complete }: IdPath, { id, written, known }: Translated): IdLevelRow[] {
  const rowOf = containerRows()
  return levels.map((level, i): IdLevelRow => {
    const isLast = i === levels.length - 1
    const depth = i === 0 || complete ? i : null
    const own = isLast && written !== null && id !== null ? written : idAt(level, id)
    const line = i === 0 ? null : lineAt(level, { id, written: isLast ? written : null })
    const name = typeof own === 'number' ? (level.names?.get(own) ?? null) : null
    const container = level.container ? rowOf(level.container) : null
    return {
      ...{ level: depth, ns: refOf(level, known), id: own ?? null, name, line: line ?? null },
      container,
      unknown: [
        ...(depth === null ? (['level'] as const) : []),
        ...(level.inum === null ? (['ns'] as const) : []),
        ...(own === undefined ? (['id'] as const) : []),
        ...(own === undefined || (own !== null && level.names === null) ? (['name'] as const) : []),
        ...(line === undefined ? (['line'] as const) : []),
        ...(level.container === undefined ? (['container'] as const) : []),
      ],
      lossy: [...lossyPaths(name, 'name'), ...lossyPaths(container?.name, 'container.name')],
    }
  })
}

function refOf({ inum }: IdLevel, known: Translated['known']): NsRef | null {
  return inum === null ? null : { type: 'user', inum, id: known.get(inum)?.id ?? null }
}

function idAt({ map }: IdLevel, id: number | null | undefined): number | null | undefined {
  if (id === null) return null
  return map === null || id === undefined ? undefined : insideOf(id, map)
}

/** Null: none holds it; undefined: it cannot be told. */
function lineAt(
  { map }: IdLevel,
  { id, written }: Pick<Translated, 'id' | 'written'>,
): IdMapLine | null | undefined {
  if (map === null) return id === null ? null : undefined
  if (written !== null) return lineOfInside(written, map)
  if (id === undefined) return undefined
  return id === null ? null : lineOfOutside(id, map)
}
