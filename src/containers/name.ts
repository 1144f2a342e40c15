import { isGone } from '../kernel/errno.ts'
import type { Container } from '../model/container.ts'
import type { Want, WantedFile } from './family.ts'
import type { Recognised } from './recognise.ts'

/** What has been read of the files that a container wants. */
export type FilesOf = (recognised: Recognised) => readonly WantedFile[]

/** The files that may tell more of a container than has been read of it so far. */
export function wantsOf(recognised: Recognised, files: readonly WantedFile[]): Want[] {
  const { match, family } = recognised
  const told = files.length > 0 ? family.name?.(match, files) : undefined
  const wanted = new Map(
    [...match.wants, ...(told?.wants ?? [])].map((want) => [wantKey(want), want]),
  )
  for (const { want } of files) wanted.delete(wantKey(want))
  return [...wanted.values()]
}

/** One for each file: an absolute path, or one in the procfs as `PID/cwd/config.json`. */
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
    const refused = files.some(({ answer }) => 'errno' in answer && !isGone(answer.errno))
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

/** The files that tell something by themselves. */
function fileEvidence(
  { family, match, maker }: Recognised,
  files: readonly WantedFile[],
): Container['evidence'] {
  return files.flatMap((file) => {
    const told = 'text' in file.answer ? family.name?.(match, [file]) : undefined
    if (told === undefined || told.wants) return []
    return { kind: 'file' as const, where: wantKey(file.want), uid: file.want.owner ?? maker }
  })
}
