import { expect } from 'vitest'
import type { Coverage, HostInfo } from '../../../src/model/snapshot.ts'
import type { HolderRow, Row } from '../../../src/query/rows.ts'
import { type NsxOptions, runNsx } from './nsx.ts'

/** Both ways in which nsx reads a machine. */
export const ENGINES = [
  { engine: 'the addon', how: [] },
  { engine: 'TypeScript', how: ['--procfs', '/proc'] },
] as const

export interface ListDocument {
  readonly schema: string
  readonly host: HostInfo
  readonly coverage: Coverage
  readonly namespaces: readonly Row[]
}

/** `nsx list --json`, which must succeed; all that it has to say is in the document. */
export async function listDocument(
  args: readonly string[] = [],
  options?: NsxOptions,
): Promise<ListDocument> {
  const { stdout, stderr, code } = await runNsx(['list', '--json', ...args], options)
  // A warning would say that the addon could not be loaded: then these tests would test half.
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  const document: ListDocument = JSON.parse(stdout)
  expect(stateOf(document, 'relatives')).not.toBe('unavailable')
  return document
}

/** The only row of a namespace. */
export function rowFor(
  { namespaces }: Pick<ListDocument, 'namespaces'>,
  { type, inum }: { type: string | null; inum: number | undefined },
): Row {
  const [row, ...others] = namespaces.filter((candidate) => candidate.inum === inum)
  expect({ type: row?.type, others }, `${type}:[${inum}]`).toEqual({ type, others: [] })
  return row as Row
}

/** All but member processes, in few words: `descriptor 5 of 812`, `child 4026532281`. */
export function holdersOf({ holders }: Row): string[] {
  return holders.map(holderWords)
}

function holderWords({ kind, process, fd, path, namespace }: HolderRow): string {
  if (process !== null) return `${kind} ${fd} of ${process.pid}`
  return `${kind} ${path ?? namespace?.inum}`
}

export function stateOf({ coverage }: Pick<ListDocument, 'coverage'>, source: string): string {
  return coverage.sources.find(({ name }) => name === source)?.state ?? 'missing'
}
