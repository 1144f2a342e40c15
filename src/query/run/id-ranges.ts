import type { NsxError } from '../../errors.ts'
import type { IdMapLine } from '../../kernel/id-map.ts'
import type { AskedMap, AskedRange } from '../../model/run-request.ts'
import { misuse } from '../misuse.ts'
import { howToGrant, type IdKind, idKindRow, type Whose } from './id-kinds.ts'

/** Most lines of a map (UID_GID_MAP_MAX_EXTENTS), and the page that the kernel takes at once. */
const MOST_LINES = 340
const MOST_BYTES = 4096
/** (uid_t) -1 is no id. */
const END_OF_IDS = 0xffff_ffff

/**
 * The lines of a map as they will be written, the single id first; none: it was not asked for.
 *
 * @throws NsxError where the kernel would refuse them, with the lines.
 */
export function resolveMap(asked: AskedMap, kind: IdKind, whose: Whose): readonly AskedRange[] {
  const { effective } = whose
  const self =
    asked.self === null
      ? null
      : { inside: asked.self === 'same' ? effective : asked.self, outside: effective, count: 1 }
  const ranges = asked.ranges.flatMap((range) => {
    const [ranges, grows] = [expand(range, kind, whose), range === 'auto']
    return self ? ranges.flatMap((each) => around(each, self, grows)) : ranges
  })
  const lines = self ? [self, ...ranges] : ranges
  check(lines, kind)
  return lines
}

function expand(range: AskedMap['ranges'][number], kind: IdKind, whose: Whose): AskedRange[] {
  if (typeof range === 'object') return [range]
  if (range === 'all') return passedThrough(whose.map, kind)
  const subids = whose.own.subids ?? []
  const [first] = subids
  if (!first) throw noSubids(kind, whose)
  if (range === 'auto') return [{ inside: 0, outside: first.first, count: first.count }]
  return subids.map(({ first, count }) => ({ inside: first, outside: first, count }))
}

function passedThrough(map: Whose['map'], kind: IdKind): AskedRange[] {
  if (map && map.length > 0) {
    return map.map(({ inside, count }) => ({ inside, outside: inside, count }))
  }
  const { flag, title } = idKindRow(kind)
  throw misuse('no-ids', `the user namespace of the caller has no ${title} ids to pass on`, {
    target: flag,
    hint: 'run nsx where /proc/self/uid_map and gid_map have lines',
  })
}

function noSubids(kind: IdKind, { user }: Whose): NsxError {
  const { flag, file } = idKindRow(kind)
  const message = `${file} has no range for ${user.name ?? 'a user'} (uid ${user.uid})`
  return misuse('no-subids', message, { target: flag, hint: howToGrant(kind, user) })
}

/**
 * Cuts a single id out of a range, as unshare(1) does: what stands behind it moves up by one, inside, outside or
 * both. Where either number is in the range, it maps one id less: the topmost.
 *
 * @param grows the range may take one more number inside instead
 */
function around(range: AskedRange, self: AskedRange, grows: boolean): AskedRange[] {
  const { inside, outside, count } = range
  const [inner, outer] = [self.inside - inside, self.outside - outside]
  const taken = (at: number) => at >= 0 && at < count
  const left = taken(outer) || (taken(inner) && !grows) ? count - 1 : count
  const cuts = [inner, outer].filter((at) => at > 0 && at < left)
  const bounds = [0, ...cuts.sort((a, b) => a - b), left]
  return bounds.slice(1).flatMap((end, i) => {
    const at = bounds[i] as number
    const skip = (where: number) => (taken(where) && at >= where ? 1 : 0)
    const piece = { inside: inside + at + skip(inner), outside: outside + at + skip(outer) }
    return end > at ? [{ ...piece, count: end - at }] : []
  })
}

function check(lines: readonly AskedRange[], kind: IdKind): void {
  for (const line of lines) checkRange(line, lines, kind)
  for (const side of ['inside', 'outside'] as const) {
    const twice = overlap(lines, side)
    if (twice === null) continue
    const where = side === 'inside' ? '' : ' of the caller'
    const name = idKindRow(kind).title
    throw refusedMap('overlapping-map', `maps ${name} id ${twice}${where} twice`, { lines, kind })
  }
  if (lines.length <= MOST_LINES && formatMap(lines).length < MOST_BYTES) return
  const most = `at most ${MOST_LINES} lines, of less than ${MOST_BYTES} bytes together`
  throw refusedMap('long-map', `has ${lines.length} lines, and the kernel takes ${most}`, {
    ...{ lines, kind },
  })
}

function checkRange(line: AskedRange, lines: readonly AskedRange[], kind: IdKind): void {
  const { inside, outside, count } = line
  if (count === 0) throw refusedMap('empty-range', 'has a line of no ids', { lines, kind })
  if (inside + count <= END_OF_IDS && outside + count <= END_OF_IDS) return
  throw refusedMap('no-such-id', `reaches beyond the last id, ${END_OF_IDS - 1}`, { lines, kind })
}

/** The first id that is in two of the lines. */
function overlap(lines: readonly AskedRange[], side: 'inside' | 'outside'): number | null {
  const sorted = [...lines].sort((a, b) => a[side] - b[side])
  for (const [i, line] of sorted.entries()) {
    const next = sorted[i + 1]
    if (next && next[side] < line[side] + line.count) return next[side]
  }
  return null
}

function refusedMap(
  code: string,
  why: string,
  { lines, kind }: { lines: readonly AskedRange[]; kind: IdKind },
): NsxError {
  const { title, flag } = idKindRow(kind)
  return misuse(code, `the ${title} map ${why}; it would be: ${shownMap(lines)}`, {
    target: flag,
    hint: 'each line is INNER:OUTER:COUNT, and no id may be in two of them',
  })
}

/** A long map is cut. */
export function shownMap(lines: readonly AskedRange[]): string {
  const shown = lines.slice(0, 8).map(formatLine)
  return `${shown.join(', ')}${lines.length > 8 ? `, and ${lines.length - 8} more` : ''}`
}

/** As the kernel takes it. */
export function formatMap(lines: readonly AskedRange[]): string {
  return lines.map(({ inside, outside, count }) => `${inside} ${outside} ${count}\n`).join('')
}

function formatLine({ inside, outside, count }: AskedRange): string {
  return `${inside}:${outside}:${count}`
}

/** Whether a user namespace with this map, numbered as inside, has an id. */
export function hasId(id: number, lines: readonly Pick<IdMapLine, 'inside' | 'count'>[]): boolean {
  return lines.some(({ inside, count }) => id >= inside && id < inside + count)
}
