import { describe, expect, expectTypeOf, it } from 'vitest'
import { FLAG_ROWS, type FlagRow, type FlagValues, rowsOf } from '../../src/cli/flag-table.ts'
import { flagsOf, oclifFlags } from '../../src/cli/flags.ts'

/** The table, typed a second time. A change here is a change of the command line. */
const TABLE = `
list,show,diff -t --type TYPE...
diff     -q --quiet
show     -v --verbose
list     -p --task PID
list     -P --persistent
list     -Q --filter EXPR
list     -o --output LIST
list        --output-all
list     -H --list-columns
list        --sort COLUMN
list     -r --raw
list     -n --noheadings
list     -u --notruncate
list     -W --nowrap
list        --boxed
list     -l --list
list        --no-sockets
list        --no-descriptors
list,show,diff    --strict
looking     --procfs DIR
looking  -J --json
global      --[no-]color
global   -h --help
global   -V --version
`

describe('the table of flags', () => {
  const rows: readonly FlagRow[] = FLAG_ROWS

  it('is the table typed here', () => {
    const lines = rows.map(({ on, name, char, kind, multiple, negatable, placeholder }) => {
      const value = kind === 'value' ? ` ${placeholder}${multiple ? '...' : ''}` : ''
      const letter = char === undefined ? '  ' : `-${char}`
      return `${on.join(',').padEnd(8)} ${letter} --${negatable ? '[no-]' : ''}${name}${value}`
    })
    expect(lines).toEqual(TABLE.trim().split('\n'))
  })

  it('gives no letter and no name twice to one command', () => {
    for (const command of new Set(rows.flatMap(({ on }) => on))) {
      const names = rowsOf(command).flatMap(({ name, char }) => (char ? [name, char] : [name]))
      expect(new Set(names).size).toBe(names.length)
    }
  })

  it('describes every flag in one phrase and names every value', () => {
    for (const { description, kind, placeholder } of rows) {
      expect(description).toMatch(/^[a-z].*[^.]$/)
      if (kind !== 'boolean') expect(placeholder).toBeDefined()
    }
  })
})

describe('rowsOf', () => {
  it('gives a command without rows of its own what all looking commands have', () => {
    const names = rowsOf('whatever').map(({ name }) => name)
    expect(names).toEqual(['procfs', 'json', 'color', 'help', 'version'])
    expect(rowsOf()).toEqual(rowsOf('whatever'))
  })

  it('gives help only what every command has', () => {
    expect(rowsOf('help').map(({ name }) => name)).toEqual(['color', 'help', 'version'])
  })
})

describe('flagsOf', () => {
  it('makes an oclif flag of every row', () => {
    const flags = flagsOf('list')
    expect(Object.keys(flags)).toEqual(rowsOf('list').map(({ name }) => name))
    expect(flags.type).toMatchObject({ type: 'option', char: 't', multiple: true, delimiter: ',' })
    expect(flags.type).toMatchObject({ multipleNonGreedy: true })
    expect(flags.raw).toMatchObject({ type: 'boolean', char: 'r', default: false })
    expect(flags.color).toMatchObject({ type: 'boolean', allowNo: true })
  })

  it('gives an optional-value flag a hidden companion for the value', () => {
    const row: FlagRow = {
      on: [],
      name: 'net',
      kind: 'optional-value',
      helpGroup: '',
      description: '',
    }
    expect(oclifFlags([row])).toMatchObject({
      net: { type: 'boolean' },
      'net-from': { type: 'option', hidden: true },
    })
  })

  it('types what a command finds', () => {
    expectTypeOf<FlagValues<'list'>['type']>().toEqualTypeOf<string[] | undefined>()
    expectTypeOf<FlagValues<'list'>['sort']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<FlagValues<'list'>['raw']>().toEqualTypeOf<boolean>()
    expectTypeOf<FlagValues<'list'>['color']>().toEqualTypeOf<boolean | undefined>()
    expectTypeOf<keyof FlagValues<'help'>>().toEqualTypeOf<'color' | 'help' | 'version'>()
  })
})
