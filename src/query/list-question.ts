import { EXIT, NsxError } from '../errors.ts'
import { isNsType, NS_TYPE_NAMES, type NsType } from '../kernel/namespace-types.ts'
import { NEEDS, type Need } from '../model/need.ts'
import type { NsTarget, Target } from '../model/target.ts'
import { chooseColumns, listColumn } from './choose-columns.ts'
import { type ListColumn, sortRows } from './columns.ts'
import { type Filter, type Filtered, parseFilter } from './filter.ts'
import { parseTarget } from './parse-target.ts'
import type { Row } from './rows.ts'
import { parseNsTarget } from './targets.ts'

/** The words of a `list` command line. */
export interface ListWords {
  readonly type: readonly string[]
  readonly task: string | undefined
  readonly namespaces: readonly string[]
  readonly persistent: boolean
  readonly filter: string | undefined
  readonly output: string | undefined
  readonly outputAll: boolean
  readonly sort: string | undefined
  /** A document has every field. */
  readonly json: boolean
}

/** Whose namespaces are listed: a process, or the topmost one of a container. */
export type ListTask = Exclude<Target, NsTarget>

/** What they mean. */
export interface ListQuestion {
  readonly types: ReadonlySet<NsType>
  readonly task: ListTask | null
  readonly targets: readonly NsTarget[]
  readonly persistent: boolean
  readonly columns: readonly ListColumn[]
  readonly sort: { readonly column: ListColumn; readonly descending: boolean } | null
  readonly filter: Filter | null
  readonly needs: ReadonlySet<Need>
}

/** @throws NsxError (usage) for the first word that is wrong. */
export async function listQuestion(words: ListWords): Promise<ListQuestion> {
  const types = parseTypes(words.type)
  const columns = chooseColumns({
    output: words.output?.split(','),
    all: words.outputAll,
    types,
    persistent: words.persistent,
  })
  const sort = words.sort === undefined ? null : parseSort(words.sort)
  const task = words.task === undefined ? null : parseTask(words.task)
  const targets = words.namespaces.map(parseNsTarget)
  const filter = words.filter === undefined ? null : await parseFilter(words.filter)
  const shown = [...columns, ...(sort ? [sort.column] : [])].flatMap(({ needs }) => needs)
  const needs = new Set(words.json || filter ? NEEDS : shown)
  return { types, task, targets, persistent: words.persistent, columns, sort, filter, needs }
}

/** None named means all. */
export function parseTypes(words: readonly string[]): Set<NsType> {
  const types = words.map((word) => {
    if (isNsType(word)) return word
    throw new NsxError(`unknown namespace type '${word}'`, {
      code: 'unknown-type',
      exitCode: EXIT.usage,
      target: word,
      hint: `types: ${NS_TYPE_NAMES.join(', ')} (nsx help namespaces)`,
    })
  })
  return new Set(types.length > 0 ? types : NS_TYPE_NAMES)
}

/** @throws NsxError (usage) for what is no task, and is not known to have one. */
function parseTask(text: string): ListTask {
  const target = parseTarget(text)
  if (target.kind !== 'inum' && target.kind !== 'id' && target.kind !== 'path') return target
  throw new NsxError(`'${text}' is a namespace, not a process`, {
    code: 'bad-pid',
    exitCode: EXIT.usage,
    target: text,
    hint: `nsx list ${text} lists it; --task takes a pid, self, or a container (nsx help targets)`,
  })
}

/** `COLUMN`, or `-COLUMN` for the greatest first. */
function parseSort(text: string): { column: ListColumn; descending: boolean } {
  const descending = text.startsWith('-')
  return { column: listColumn(descending ? text.slice(1) : text), descending }
}

/** The rows that match, in the order asked for; a sorted copy. */
export function arrangeRows(
  rows: readonly Row[],
  { filter, sort }: Pick<ListQuestion, 'filter' | 'sort'>,
): Filtered {
  const filtered = filter ? filter(rows) : { rows, failed: 0 }
  return sort ? { ...filtered, rows: sortRows(filtered.rows, sort) } : filtered
}
