import { boolean, string } from '@oclif/core/flags'
import type { BooleanFlag, OptionFlag } from '@oclif/core/interfaces'
import { unguardValue } from './argv.ts'
import { type FlagRow, type FlagValues, rowsOf } from './flag-table.ts'

type OclifFlag<Value> = [Value] extends [boolean | undefined]
  ? BooleanFlag<Value>
  : OptionFlag<Value>

export type OclifFlags<Command extends string> = {
  [Name in keyof FlagValues<Command>]: OclifFlag<FlagValues<Command>[Name]>
}

/** The oclif flags of a command, made of its rows in the table. */
export function flagsOf<const Command extends string>(command: Command): OclifFlags<Command> {
  return oclifFlags(rowsOf(command)) as OclifFlags<Command>
}

export function oclifFlags(rows: readonly FlagRow[]): Record<string, unknown> {
  return Object.fromEntries(
    rows.flatMap((row) =>
      row.kind === 'optional-value'
        ? [
            [row.name, oclifFlag(row)],
            [`${row.name}-from`, string({ hidden: true, parse: unguarded })],
          ]
        : [[row.name, oclifFlag(row)]],
    ),
  )
}

function oclifFlag(row: FlagRow): unknown {
  const common = {
    description: row.description,
    helpGroup: row.helpGroup,
    ...(row.char === undefined ? {} : { char: row.char }),
    ...(row.hidden === undefined ? {} : { hidden: row.hidden }),
  } as { readonly description: string; readonly helpGroup: string; readonly char?: 'a' }
  if (row.kind !== 'value') {
    return row.negatable
      ? boolean({ ...common, allowNo: true })
      : boolean({ ...common, default: false })
  }
  const value = {
    ...common,
    helpValue: row.placeholder ?? row.name.toUpperCase(),
    parse: unguarded,
  }
  if (!row.multiple) return string(value)
  // Without multipleNonGreedy oclif takes every argument that follows for another value.
  const many = { ...value, multiple: true, multipleNonGreedy: true } as const
  return row.multiple === 'list' ? string({ ...many, delimiter: ',' }) : string(many)
}

async function unguarded(value: string): Promise<string> {
  return unguardValue(value)
}
