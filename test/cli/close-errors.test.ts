import { describe, expect, it } from 'vitest'
import { faultsOf } from '../support/schemas.ts'
import { nsx } from './run-cli.ts'

/** As in test/fixtures: whatever runs here, these namespaces are of the boot. */
const INITIAL_UTS = 'uts:[4026531838]'
const NOWHERE = '/nonexistent'

type Bad = readonly [words: readonly string[], exitCode: number, message: string]

const NO_TARGET = 'names neither a process nor a namespace nor a container'
const bad = (text: string, shown = text): Bad => [[text], 2, `'${shown}' ${NO_TARGET}`]

/** What neither command can find its target by. */
const TARGETS: readonly Bad[] = [
  ...[bad(''), bad('0'), bad('-5'), bad('99999999999999'), bad('4294967296'), bad(':')],
  ...[bad('net:[4026531833'), bad('net:blue'), bad('id:x'), bad('docker:')],
  ...[bad('a\nb', 'a\\nb'), bad('\u001b[2J', '\\x1b[2J'), bad('\u202eexe', '\\u{202e}exe')],
  [['4194304'], 3, 'there is no process 4194304'],
  [['net:[1]'], 3, 'there is no namespace net:[1]'],
  // It is of another type.
  [['mnt:[4026531838]'], 3, 'there is no namespace mnt:[4026531838]'],
  [['id:999999999999'], 3, 'there is no namespace id:999999999999'],
  [['netns:none'], 3, '/run/netns/none does not lead to a namespace'],
  [[NOWHERE], 3, `${NOWHERE} does not lead to a namespace`],
  [['/etc/passwd'], 3, '/etc/passwd does not lead to a namespace: it is not a namespace file'],
  [['docker:none'], 3, "there is no container 'docker:none'"],
  [['7@none'], 3, "there is no container 'none'"],
]

const FLAGS: readonly Bad[] = [
  [['--type', 'bogus'], 2, "unknown namespace type 'bogus'"],
  [['--type', ''], 2, "unknown namespace type ''"],
  [['--type'], 2, '--type needs a value'],
  [['--bogus'], 2, 'unknown flag --bogus'],
  [['-o', 'NS'], 2, 'unknown flag -o'],
  [['--procfs', NOWHERE], 3, `${NOWHERE} cannot be read: no such file or directory (ENOENT)`],
  [['--procfs', '/etc'], 3, '/etc is not a procfs'],
]

const prefixed = (before: readonly string[], rows: readonly Bad[], after: readonly string[] = []) =>
  rows.map(([words, ...rest]): Bad => [[...before, ...words, ...after], ...rest])

const SHOW: readonly Bad[] = [
  [['show'], 2, 'TARGET is missing'],
  [['show', 'self', 'x'], 2, 'unexpected argument x'],
  ...prefixed(['show'], TARGETS),
  ...prefixed(['show', 'self'], FLAGS),
]

const DIFF: readonly Bad[] = [
  [['diff'], 2, 'A is missing'],
  [['diff', 'self'], 2, 'B is missing'],
  [['diff', 'self', 'self', 'x'], 2, 'unexpected argument x'],
  [
    ['diff', INITIAL_UTS, 'ipc:[4026531839]'],
    2,
    `${INITIAL_UTS} is of type uts, but ipc:[4026531839] of type ipc`,
  ],
  [
    ['diff', 'self', INITIAL_UTS, '-t', 'mnt'],
    2,
    `nothing to compare: ${INITIAL_UTS} is of type uts`,
  ],
  ...prefixed(['diff', 'self'], TARGETS),
  ...prefixed(['diff'], TARGETS.slice(0, 16), ['self']),
  ...prefixed(['diff', 'self', 'self'], FLAGS),
]

describe.each([
  { command: 'show', rows: SHOW },
  { command: 'diff', rows: DIFF },
])('nsx $command', ({ command, rows }) => {
  it.each(rows)('refuses %j with %i: %s', (words, exitCode, message) => {
    const { stdout, stderr, status } = nsx(words)
    const [said = '', hint = '', ...more] = stderr.split('\n')
    expect({ stdout, status, more }).toEqual({ stdout: '', status: exitCode, more: [''] })
    expect(said.startsWith(`nsx: ${message}`)).toBe(true)
    expect(hint).toMatch(/^ {2}\S/)
    expect(stderr).toMatch(/^[\n -~]*$/)
  })

  it.each(rows)('refuses %j with %i in one document under --json', (words, exitCode) => {
    // --type and --procfs would take it for their value.
    const { stdout, stderr, status } = nsx([words[0] ?? '', '--json', ...words.slice(1)])
    const document = JSON.parse(stdout)
    expect(faultsOf('error', document)).toEqual([])
    expect({ stderr, status }).toEqual({ stderr: '', status: exitCode })
    expect(document).toMatchObject({ command, error: { exitCode } })
    expect(document.error.hint).not.toBeNull()
  })
})
