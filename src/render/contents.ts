import { contentsType } from '../contents/contents-types.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { ContentsData } from '../model/inspection.ts'
import type { Cell, Table } from '../query/table.ts'
import { renderColumns } from './columns.ts'
import { cleanerOf } from './safe-text.ts'
import type { Theme } from './theme.ts'
import { valueText } from './value-text.ts'

export interface ContentsOptions {
  readonly width: number | null
  readonly theme: Theme
}

/**
 * All that is inside of a namespace: a list of things of one kind as a table, anything else as a line.
 * It knows no type, so that a new field is shown without another word.
 */
export async function renderContents(
  contents: ContentsData,
  options: ContentsOptions,
): Promise<string> {
  const { type, unknown, ...fields } = contents
  const clean = cleanerOf(options.theme)
  const sections: string[] = []
  for (const [name, value] of Object.entries(fields)) {
    const heading = options.theme.heading(words(name))
    if (isTable(value)) {
      const table = await renderColumns(tableOf(value, { type, list: name }), {
        ...options,
        headings: true,
      })
      sections.push(`${heading}\n${table.replace(/^(?=.)/gm, '  ')}`)
    } else {
      sections.push(`${heading}  ${clean(lineOf(value, type, name))}\n`)
    }
  }
  if (unknown.length > 0) {
    sections.push(options.theme.unsure(`not readable: ${clean(unknown.join(', '))}\n`))
  }
  return sections.join('')
}

type Record_ = Readonly<Record<string, unknown>>

function isTable(value: unknown): value is readonly Record_[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((each) => typeof each === 'object' && each !== null && !Array.isArray(each))
  )
}

function tableOf(rows: readonly Record_[], where: Where): Table {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const used = names.filter((name) => rows.some((row) => valueText(row[name]) !== '-'))
  return {
    columns: used.map((name, i) => ({
      name: words(name).toUpperCase(),
      align: rows.every((row) => typeof row[name] === 'number') ? 'right' : 'left',
      shrink: i === 0 ? 0 : 1,
    })),
    rows: rows.map((row) => used.map((name) => cellOf(row[name], { ...where, field: name }))),
  }
}

function lineOf(value: unknown, type: NsType, name: string): string {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const words = isObject ? contentsType(type).describe?.([name], value) : null
  return words || valueText(value)
}

interface Where {
  readonly type: NsType
  readonly list: string
}

function cellOf(value: unknown, { type, list, field }: Where & { readonly field: string }): Cell {
  if (typeof value === 'number') return value
  const describe = (each: unknown): string => {
    if (typeof each !== 'object' || each === null) return valueText(each)
    const words = contentsType(type).describe?.([list, '', field], each)
    // Of a thing within a thing its name is enough; the document has the rest.
    return words || valueText(Object.values(each)[0])
  }
  const text = Array.isArray(value) ? value.map(describe).join(', ') : describe(value)
  return text === '-' ? null : text
}

/** `uidMap` → `uid map`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
