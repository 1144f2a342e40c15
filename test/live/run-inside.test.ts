import { describe, expect, test } from 'vitest'
import { AS_USER } from './support/foreign.ts'
import { EIGHT, linksIn } from './support/links.ts'
import { commandPath, requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { publicPackage } from './support/package.ts'

const ready =
  requireRoot() && requireAddon() && requireCommand('unshare') && requireCommand('bwrap')

const env = { PATH: process.env.PATH ?? '' }

/** What is around nsx, and so around what it starts. */
const CONTAINERS: readonly (readonly [what: string, words: readonly string[]])[] = [
  ['namespaces of root', ['unshare', '-munipC', '--fork', '--mount-proc']],
  ['a user namespace', [...AS_USER, 'unshare', '-Ur', '-munipC', '--fork', '--mount-proc']],
  [
    'a sandbox of bubblewrap, without rights',
    [
      ...[...AS_USER, 'bwrap', '--unshare-all', '--bind', '/', '/'],
      ...['--proc', '/proc', '--dev', '/dev'],
    ],
  ],
]

describe.runIf(ready).each(CONTAINERS)('inside %s', (_, [command = '', ...words]) => {
  /** Has a shell there run nsx with these words, as `"$@"`; the lines that come of it. */
  async function inside(script: string, ...args: readonly string[]): Promise<string[]> {
    const via = [commandPath(command), ...words, '/bin/sh', '-c', script, 'sh']
    const root = publicPackage().root
    const { stdout, stderr, code } = await runNsx(args, { env, via, root })
    expect({ stderr, code }).toEqual({ stderr: '', code: 3 })
    return stdout.trimEnd().split('\n')
  }

  test('root in namespaces of their own is what one can be', async () => {
    const flags = ['-U', '-r', '-p', '-m', '-n', '-u', '--mount-proc']
    const look = `${linksIn(EIGHT)}; id -u; ls -d /proc/[0-9]*; exit 3`
    const outside = `${linksIn(EIGHT)}; exec "$@"`
    const lines = await inside(outside, 'run', ...flags, '--', '/bin/sh', '-c', look)
    const [before, after] = [lines.slice(0, 8), lines.slice(8, 16)]
    const differing = EIGHT.filter((_, i) => before[i] !== after[i])
    expect(differing).toEqual(['mnt', 'net', 'pid', 'user', 'uts'])
    expect(lines.slice(16)).toEqual(['0', '/proc/1', '/proc/2'])
  })

  test('what runs there is entered from there', async () => {
    const script = [
      'unshare -Urnu sleep 600 & target=$!',
      'until [ "$(cat /proc/$target/comm)" = sleep ]; do :; done',
      ...EIGHT.map((type) => `readlink /proc/$target/ns/${type}`),
      `"$@" $target -- /bin/sh -c '${linksIn(EIGHT).replaceAll('\n', ';')}; id -u; exit 3'`,
      'status=$?; kill $target; exit $status',
    ].join('\n')
    const lines = await inside(script, 'enter')
    expect(lines.slice(8)).toEqual([...lines.slice(0, 8), '0'])
  })
})
