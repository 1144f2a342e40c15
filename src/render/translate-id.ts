import { OVERFLOW_ID } from '../query/capable.ts'
import type { IdLevelRow, IdRow, IdView } from '../query/translate-id.ts'
import { renderColumns } from './columns.ts'
import { cleanerOf } from './safe-text.ts'
import type { Theme } from './theme.ts'
import type { TranslationOptions } from './translate-pid.ts'
import { refText, whoText } from './who.ts'

/** Ids, a block each: what it is, and its number at every level. */
export async function renderIds(view: IdView, options: TranslationOptions): Promise<string> {
  const blocks: string[] = []
  for (const [i, row] of view.ids.entries()) {
    const before = view.ids[i - 1]
    const isNew = row.subject === null || before?.target !== row.target
    blocks.push(
      [
        ...(isNew && row.subject
          ? [`${options.theme.heading(whoText(row.subject, options.theme))}\n`]
          : []),
        await renderId(row, view, options),
      ].join(''),
    )
  }
  return blocks.join('\n')
}

async function renderId(row: IdRow, view: IdView, options: TranslationOptions): Promise<string> {
  const { theme } = options
  // Of an id of ours there is nothing to be seen above of the asker.
  const plain = view.in !== null && row.levels.length === 1
  return [
    ...headLines(row, view, theme).map((line) => `${line}\n`),
    ...(plain ? [] : [await levelTable(row.levels, view, options)]),
    ...(view.in === null ? [] : [await levelTable(row.inLevels, view, options)]),
    ...grantLines(row, view, theme).map((line) => `${line}\n`),
  ].join('')
}

function headLines(row: IdRow, view: IdView, theme: Theme): string[] {
  const clean = cleanerOf(theme)
  const { kind, in: asker } = view
  const { roles, id, target, unknown } = row
  const what = roles.length > 0 ? roleText(row, view) : wordText(target, kind)
  const name = clean(what)
  const lines: string[] = []
  if (roles.length === 0) lines.push(...ownLines(row, view, { name, theme }))
  else if (unknown.includes('id')) lines.push(theme.unsure(`${name} cannot be told`))
  else lines.push(`${name}: ${id}`)
  if (asker !== null) lines.push(askerLine(row, view, { name, theme }))
  return lines
}

/** `uid 1000 of web`. */
function wordText(target: string, kind: string): string {
  const [, id, whose] = /^(\d+)@(.+)$/s.exec(target) ?? []
  return id === undefined ? `${kind} ${target}` : `${kind} ${id} of ${whose}`
}

/** `effective and saved uid`. */
function roleText({ roles }: IdRow, { kind }: IdView): string {
  const [last, ...others] = [...roles].reverse()
  const list = others.length > 0 ? `${others.reverse().join(', ')} and ${last}` : last
  return `${list} ${kind}`
}

interface Wording {
  /** Safe already. */
  readonly name: string
  readonly theme: Theme
}

/** What an id that was written is to us; of one of ours that goes without saying. */
function ownLines(row: IdRow, { kind }: IdView, { name, theme }: Wording): string[] {
  if (!/^\d+@/.test(row.target)) return []
  if (row.unknown.includes('id')) {
    return [theme.unsure(`what ${name} is here cannot be told: no process shows its map`)]
  }
  if (row.id === null) {
    return [theme.bad(`${name} is not mapped: no ${kind} outside is meant by it`)]
  }
  return [theme.good(`${name} is ${kind} ${row.id} here`)]
}

function askerLine(row: IdRow, { in: asker, kind }: IdView, { name, theme }: Wording): string {
  const who = cleanerOf(theme)(asker ?? '')
  if (row.inside !== null) return theme.good(`${who} calls it ${row.inside}`)
  if (row.unknown.includes('inside')) {
    return theme.unsure(`what ${who} calls it cannot be told: no process shows its map`)
  }
  return theme.bad(
    `${name} has no ${kind} in ${who}: its files show as ${OVERFLOW_ID} (nobody) there`,
  )
}

function levelTable(
  levels: readonly IdLevelRow[],
  { kind }: IdView,
  options: TranslationOptions,
): Promise<string> {
  const table = {
    columns: [
      { name: 'LEVEL', align: 'right', shrink: 0 },
      { name: kind.toUpperCase(), align: 'right', shrink: 0 },
      { name: 'NAME', align: 'left', shrink: 2 },
      { name: 'NS', align: 'left', shrink: 0 },
      { name: 'MAP', align: 'left', shrink: 0 },
      { name: 'CONTAINER', align: 'left', shrink: 1 },
    ],
    rows: levels.map((level) => {
      const { unknown, line } = level
      const or = <T>(field: (typeof unknown)[number], value: T) =>
        unknown.includes(field) ? '?' : value
      return [
        or('level', level.level),
        or('id', level.id),
        or('name', level.name),
        level.ns === null ? '?' : refText(level.ns),
        or('line', line && `${line.inside} ${line.outside ?? '?'} ${line.count}`),
        or('container', level.container?.label ?? null),
      ]
    }),
  } as const
  return renderColumns(table, { ...options, headings: true })
}

function grantLines({ grants, id }: IdRow, { kind }: IdView, theme: Theme): string[] {
  const clean = cleanerOf(theme)
  return grants.map(({ owner, first, count }) =>
    clean(`${id} is of ${owner} by /etc/sub${kind} (${first} to ${first + count - 1})`),
  )
}
