import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readArgv } from '../../src/cli/argv.ts'

/** A command line, what of it is ours as oclif reads it, and the command; or the code of the error. */
type Line = readonly [line: string, ours: string, words: string | null]

const BACKGROUND: readonly Line[] = [
  [
    'enter --target 812 --mount --uts --ipc --net --pid -- env --ignore-environment -- /bin/bash',
    '--target 812 --mount --uts --ipc --net --pid',
    'env --ignore-environment -- /bin/bash',
  ],
  [
    'run --mount --ipc --pid --net --mount-proc=/proc --fork /bin/bash',
    '--mount --ipc --pid --net --mount-proc --mount-proc-from /proc --fork',
    '/bin/bash',
  ],
  [
    'run -Urpmfn --mount-proc -- sh',
    '--user --map-root-user --pid --mount --fork --net --mount-proc',
    'sh',
  ],
]

const ENTER: readonly Line[] = [
  ['enter web', 'web', ''],
  ['enter web --', 'web', ''],
  ['enter web -- sh -c x', 'web', 'sh -c x'],
  ['enter web sh -c x', 'web', 'sh -c x'],
  ['enter web -n ip -br addr', 'web --net', 'ip -br addr'],
  ['enter -n web ip -br addr', '--net web', 'ip -br addr'],
  ['enter -nm web -u ip -n', '--net --mount web --uts', 'ip -n'],
  ['enter 812 --net -- ip -br addr', '812 --net', 'ip -br addr'],
  ['enter web ls -- -a --', 'web', 'ls -- -a --'],
  ['enter web -- -- x', 'web', '-- x'],
  ['enter web -- --help -J', 'web', '--help -J'],
  ['enter web ls --help --version', 'web', 'ls --help --version'],
  ['enter web -', 'web', '-'],
  ['enter web -1', 'web', '-1'],
  ['enter -n -- ip', '--net', 'ip'],
  // By nsenter's letters.
  ['enter -t 812 ps', '--target 812', 'ps'],
  ['enter -t812 ps', '--target 812', 'ps'],
  ['enter -t=812 ps', '--target 812', 'ps'],
  ['enter --target=812 ps aux', '--target 812', 'ps aux'],
  ['enter --target 812:4097 ps', '--target 812:4097', 'ps'],
  ['enter -t 812 -m -u ps -- -e', '--target 812 --mount --uts', 'ps -- -e'],
  ['enter -mnt 812 -p ps', '--mount --net --target 812 --pid', 'ps'],
  ['enter -t 812 -n ip -- x', '--target 812 --net', 'ip -- x'],
  ['enter web -t 812 ps', 'web --target 812', 'ps'],
  ['enter web -a -S0 -G 0 id', 'web --all --setuid 0 --setgid 0', 'id'],
  ['enter web -S follow -Gfollow id', 'web --setuid follow --setgid follow', 'id'],
  ['enter web -r/srv -w=/tmp ls', 'web --root --root-from /srv --wd --wd-from /tmp', 'ls'],
  ['enter web -r ls /', 'web --root', 'ls /'],
  ['enter web -W /tmp ls', 'web --wdns /tmp', 'ls'],
  [
    'enter web -W/tmp -eFcZ ls',
    'web --wdns /tmp --env --no-fork --join-cgroup --follow-context',
    'ls',
  ],
  ['enter web -N3 -T -C -i -U ls', 'web --net-socket 3 --time --cgroup --ipc --user', 'ls'],
  // A value is given by = or, to a letter, by a slash; never by a blank.
  ['enter web --net=/x ls', 'web --net --net-from /x', 'ls'],
  ['enter web -n/x ls', 'web --net --net-from /x', 'ls'],
  ['enter web -n=id:7 ls', 'web --net --net-from id:7', 'ls'],
  ['enter web -n /x', 'web --net', '/x'],
  ['enter web -mn=/x -p ls', 'web --mount --net --net-from /x --pid', 'ls'],
  ['enter web --net= ls', 'web --net --net-from ', 'ls'],
  // No target is needed where all is named.
  ['enter --net=/run/netns/blue ip -br addr', '--net --net-from /run/netns/blue', 'ip -br addr'],
  ['enter -n=netns:blue -u/x ip', '--net --net-from netns:blue --uts --uts-from /x', 'ip'],
  ['enter --net=/x -- ip', '--net --net-from /x', 'ip'],
  ['enter --net=/x -S0 id', '--net --net-from /x --setuid 0', 'id'],
  [
    'enter --net=/x --root=/srv --wd=/ id',
    '--net --net-from /x --root --root-from /srv --wd --wd-from /',
    'id',
  ],
  ['enter --net=/x --sys --keep-env ip', '--net --net-from /x --sys --keep-env', 'ip'],
  // But something is taken from one.
  ['enter --net=/x -m web ip', '--net --net-from /x --mount web', 'ip'],
  ['enter --net=/x -a web ip', '--net --net-from /x --all web', 'ip'],
  ['enter --net=/x --root web ip', '--net --net-from /x --root web', 'ip'],
  ['enter --net=/x -S follow web id', '--net --net-from /x --setuid follow web', 'id'],
  ['enter --net=/x --env web env', '--net --net-from /x --env web', 'env'],
  ['enter web --net=/x ip', 'web --net --net-from /x', 'ip'],
  ['enter --root=/srv web ls', '--root --root-from /srv web', 'ls'],
  ['enter --pty --no-pty web', '--pty --no-pty web', ''],
  ['enter web --status-fd 3 --preserve-fds=2 sh', 'web --status-fd 3 --preserve-fds 2', 'sh'],
  ['--color enter web --dry-run -J', '--color web --dry-run --json', ''],
  ['-J enter web --dry-run', '--json web --dry-run', ''],
  ['enter --net=/x web -- ip', 'ambiguous-command', null],
  ['enter --nte web', 'unknown-flag', null],
  ['enter web -x ls', 'unknown-flag', null],
  ['enter web --procfs /p ls', 'unknown-flag', null],
  ['enter web --all=1', 'unexpected-value', null],
  ['enter web -S', 'missing-value', null],
  ['enter web --wdns -- ls', 'missing-value', null],
]

const RUN: readonly Line[] = [
  ['run', '', ''],
  ['run sh', '', 'sh'],
  ['run -- sh', '', 'sh'],
  ['run sh -c x -- -y', '', 'sh -c x -- -y'],
  ['run -n -- --weird', '--net', '--weird'],
  ['run -nf ip link', '--net --fork', 'ip link'],
  ['run --mount-proc /bin/bash', '--mount-proc', '/bin/bash'],
  ['run -p=/x -m/y sh', '--pid --pid-from /x --mount --mount-from /y', 'sh'],
  ['run -rc sh', '--map-root-user --map-current-user', 'sh'],
  ['run -R /srv -w/tmp ls', '--root /srv --wd /tmp', 'ls'],
  ['run -S0 -G 0 id', '--setuid 0 --setgid 0', 'id'],
  ['run -T --monotonic=-5 --boottime -7 sh', '--time --monotonic \0-5 --boottime \0-7', 'sh'],
  ['run -l :a:M::b::/c: sh', '--load-interp :a:M::b::/c:', 'sh'],
  ['run --map-users 0:1:2 --map-users=all sh', '--map-users 0:1:2 --map-users all', 'sh'],
  ['run --kill-child TERM', '--kill-child', 'TERM'],
  ['run --kill-child=TERM sh', '--kill-child --kill-child-from TERM', 'sh'],
  ['run --no-init -p sh -h', '--no-init --pid', 'sh -h'],
  ['run --fork=1 sh', 'unexpected-value', null],
  ['run -t 5 sh', 'unknown-flag', null],
  ['run --hostname', 'missing-value', null],
]

const split = (text: string): string[] => (text === '' ? [] : text.split(' '))

describe.each([
  ['the lines that this began with', BACKGROUND],
  ['enter', ENTER],
  ['run', RUN],
])('%s', (_, lines) => {
  it.each(lines)('nsx %s', (line, ours, words) => {
    const invocation = readArgv(split(line))
    if (words === null) return expect(invocation.problem?.details.code).toBe(ours)
    expect(invocation.problem).toBeUndefined()
    expect(invocation.args).toEqual(split(ours))
    expect(invocation.words).toEqual(split(words))
  })
})

describe('the words of the command', () => {
  const word = fc.string({ unit: 'binary' })

  it.each([[['run', '-n', '--']], [['enter', 'web', '--']], [['enter', '-t', '1', '-m', '--']]])(
    'are passed on as they are behind %j',
    (head) => {
      fc.assert(
        fc.property(fc.array(word), (words) => {
          expect(readArgv([...head, ...words]).words).toEqual(words)
        }),
      )
    },
  )

  it('are passed on as they are where the first one begins it', () => {
    fc.assert(
      fc.property(
        word.filter((text) => !/^-\D/u.test(text)),
        fc.array(word),
        (first, rest) => {
          expect(readArgv(['run', first, ...rest]).words).toEqual([first, ...rest])
          expect(readArgv(['enter', 'web', first, ...rest]).words).toEqual([first, ...rest])
        },
      ),
    )
  })

  it('hold no flag of ours', () => {
    expect(readArgv(split('run -n sh -hVJ --no-color'))).toMatchObject({
      ...{ help: false, version: false, json: false, color: undefined },
    })
    expect(readArgv(split('enter web -h ls'))).toMatchObject({ help: true, words: ['ls'] })
  })

  it('are nothing of a command that only looks', () => {
    expect(readArgv(split('list -n -- -x'))).toMatchObject({
      args: ['--noheadings', '--', '-x'],
      words: [],
    })
  })
})

it('names both ways out where a word may be the target or the command', () => {
  const { problem } = readArgv(split('enter --net=/x web -- ip'))
  expect(problem?.message).toBe('web could be the target or the command')
  expect(problem?.details.hint).toContain('nsx enter web')
})
