import type { AnyContents } from '../contents/contents-types.ts'
import type { InsideOf } from '../model/inspection.ts'
import { type ContentsPlace, collectContents } from './contents.ts'
import { nameEnds, unnamedEnds } from './contents-peers.ts'
import type { Context } from './context.ts'
import { addGaps } from './draft.ts'

export interface InsideOptions {
  /** Network namespaces in which the other ends of interfaces may be. */
  readonly nets: readonly ContentsPlace[]
  /** Also look for the processes that listen. */
  readonly owners?: boolean
}

/** So many other ends of interfaces are named; a bridge may have thousands. */
const MOST_ENDS = 16

/**
 * What is inside of some namespaces; what could not be read is booked. Other ends of interfaces are named,
 * for which it is looked into a few more network namespaces.
 */
export async function readInside(
  { host, draft }: Context,
  places: readonly ContentsPlace[],
  { nets, owners = false }: InsideOptions,
): Promise<InsideOf[]> {
  if (places.length === 0) return []
  const peers = nets.flatMap(({ inum, handle }) => (handle ? [{ inum, handle }] : []))
  const { contents, gaps } = await collectContents(host, places, { owners, peers })
  draft.sources.set('contents', 'read')
  addGaps(draft, gaps)
  const ends = [...contents.values()].flatMap((inside) =>
    inside.type === 'net' ? unnamedEnds(inside) : [],
  )
  const there = nets.filter(({ inum }) => ends.includes(inum)).slice(0, MOST_ENDS)
  const known = await namesThere({ host, draft }, there)
  return [...contents].map(([inum, inside]) => ({
    ...(inside.type === 'net' ? nameEnds(inside, known) : inside),
    inum,
  }))
}

/** Nothing but names is asked of these: what else of them cannot be read, is missing to nobody. */
async function namesThere(
  { host, draft }: Pick<Context, 'host' | 'draft'>,
  places: readonly ContentsPlace[],
): Promise<ReadonlyMap<number, AnyContents>> {
  if (places.length === 0) return new Map()
  const { contents, gaps } = await collectContents(host, places)
  if ([...contents.values()].some(({ unknown }) => unknown.includes('interfaces'))) {
    addGaps(draft, gaps)
  }
  return contents
}
