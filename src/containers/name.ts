import type { Container } from '../model/container.ts'
import type { Want, WantedFile } from './family.ts'
import type { Recognised } from './recognise.ts'

/** What has been read of the files that a container wants. */
export type FilesOf = (recognised: Recognised) => readonly WantedFile[]

/** The files that may tell more of a container than has been read of it so far. */
export function wantsOf(recognised: Recognised, files: readonly WantedFile[]): Want[] {
  const { match, family } = recognised
  const told = files.length > 0 ? family.name?.(match, files) : undefined
  const read = new Set(files.map(({ want }) => wantKey(want)))
  return [...match.wants, ...(told?.wants ?? [])].filter((want) => !read.has(wantKey(want)))
}

/** One for each file. */
export function wantKey({ below, path }: Want): string {
  return below === 'host' ? `/${path}` : `${below.pid}/${below.link}/${path}`
}

/** What no file has confirmed, where none is allowed to be read. */
export const UNTOLD = 'untold'

/**
 * The container with its name, and those around it.
 *
 * @returns null: it is none, after all; `untold`: only a file that may not be read could tell.
 */
export function containerOf(
  recognised: Recognised,
  filesOf: FilesOf,
): Container | null | typeof UNTOLD {
  const { family, match, evidence, outer } = recognised
  const around = outer && containerOf(outer, filesOf)
  const files = filesOf(recognised)
  const told = family.name?.(match, files)
  if (match.doubtful && (told === undefined || told.wants)) {
    const refused = files.some(({ answer }) => 'errno' in answer && answer.errno !== 'ENOENT')
    return refused && around === null ? UNTOLD : around
  }
  const { wants: _, ...naming } = told ?? {}
  const known = { ...match.told, ...naming }
  return {
    family: family.family,
    kind: known.kind ?? match.kind,
    id: match.id,
    name: known.name ?? null,
    image: known.image ?? null,
    pod: known.pod ?? null,
    compose: known.compose ?? null,
    outer: around === UNTOLD ? null : around,
    evidence: told === undefined ? evidence : [...evidence, ...fileEvidence(recognised, files)],
    unknown: match.tells.filter((field) => known[field] === undefined),
  }
}

function fileEvidence({ maker }: Recognised, files: readonly WantedFile[]): Container['evidence'] {
  return files.flatMap(({ want, answer }) =>
    'text' in answer ? { kind: 'file' as const, where: whereOf(want), uid: maker } : [],
  )
}

/** As a person would look there, in our procfs or at our own root. */
function whereOf({ below, path }: Want): string {
  return below === 'host' ? `/${path}` : `${below.pid}/${below.link}/${path}`
}
