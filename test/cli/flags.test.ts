import { describe, expect, expectTypeOf, it } from 'vitest'
import { FLAG_ROWS, type FlagRow, type FlagValues, rowsOf } from '../../src/cli/flag-table.ts'
import { flagsOf, oclifFlags } from '../../src/cli/flags.ts'

/** The table, typed a second time. A change here is a change of the command line. */
const TABLE = `
list,show,diff,caps,tree,matrix,limits,doctor -t --type TYPE...
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
list        --deep
list        --no-sockets
list        --no-descriptors
show     -v --verbose
diff     -q --quiet
tree        --by ORDER
tree     -v --verbose
matrix   -v --verbose
why      -t --type TYPE
why      -v --verbose
doctor   -v --verbose
enter    -m --mount[=NS]
enter    -u --uts[=NS]
enter    -i --ipc[=NS]
enter    -n --net[=NS]
enter    -p --pid[=NS]
enter    -U --user[=NS]
enter    -C --cgroup[=NS]
enter    -T --time[=NS]
enter    -a --all
enter       --user-parent
enter    -N --net-socket FD
enter    -t --target PID[:INODE]
enter    -S --setuid UID
enter    -G --setgid GID
enter       --preserve-credentials
enter       --like
enter    -c --join-cgroup
enter    -Z --follow-context
enter    -r --root[=DIR]
enter    -w --wd[=DIR]
enter    -W --wdns DIR
enter       --dns
enter       --sys
enter    -e --env
enter       --keep-env
enter    -F --no-fork
run      -m --mount[=FILE]
run      -u --uts[=FILE]
run      -i --ipc[=FILE]
run      -n --net[=FILE]
run      -p --pid[=FILE]
run      -U --user[=FILE]
run      -C --cgroup[=FILE]
run      -T --time[=FILE]
run         --clone
run      -r --map-root-user
run      -c --map-current-user
run         --map-user USER
run         --map-group GROUP
run         --map-users MAP*
run         --map-groups MAP*
run         --map-auto
run         --map-subids
run         --owner UID:GID
run         --setgroups allow|deny
run      -S --setuid UID
run      -G --setgid GID
run      -R --root DIR
run      -w --wd DIR
run         --propagation MODE
run         --mount-proc[=DIR]
run         --mount-binfmt[=DIR]
run      -l --load-interp SPEC
run         --cgroup-path PATH
run         --hostname NAME
run         --loopback
run         --monotonic SECONDS
run         --boottime SECONDS
run         --clear-env
run         --whitelist-env NAMES...
run      -f --fork
run         --no-init
run         --kill-child[=SIGNAL]
run         --forward-signals
pid,uid,gid    --in TARGET
pid,uid,gid -q --quiet
enter,run    --keep-caps
enter,run    --[no-]pty
enter,run    --preserve-fds N
enter,run    --status-fd N
enter,run    --dry-run
enter,run -J --json
list,show,diff,pid,uid,gid,caps,tree,matrix,limits,why,doctor    --strict
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
      const value = {
        boolean: '',
        value: ` ${placeholder}${multiple ? { list: '...', whole: '*' }[multiple] : ''}`,
        'optional-value': `[=${placeholder}]`,
      }[kind]
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

  it.each(['enter', 'run'])('gives %s nothing of what only looking has', (command) => {
    const names = rowsOf(command).map(({ name }) => name)
    expect(names).not.toContain('procfs')
    expect(names.slice(-5)).toEqual(['dry-run', 'json', 'color', 'help', 'version'])
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

  it('splits the values of a list at commas, and takes others whole', () => {
    expect(flagsOf('run')['whitelist-env']).toMatchObject({ multiple: true, delimiter: ',' })
    expect(flagsOf('run')['map-users']).toMatchObject({ multiple: true, multipleNonGreedy: true })
    expect(flagsOf('run')['map-users'].delimiter).toBeUndefined()
  })

  it('types what a command finds', () => {
    expectTypeOf<FlagValues<'list'>['type']>().toEqualTypeOf<string[] | undefined>()
    expectTypeOf<FlagValues<'list'>['sort']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<FlagValues<'list'>['raw']>().toEqualTypeOf<boolean>()
    expectTypeOf<FlagValues<'list'>['color']>().toEqualTypeOf<boolean | undefined>()
    expectTypeOf<FlagValues<'enter'>['root']>().toEqualTypeOf<boolean>()
    expectTypeOf<FlagValues<'enter'>['root-from']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<FlagValues<'run'>['root']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<FlagValues<'run'>['map-users']>().toEqualTypeOf<string[] | undefined>()
    expectTypeOf<keyof FlagValues<'help'>>().toEqualTypeOf<'color' | 'help' | 'version'>()
  })
})
