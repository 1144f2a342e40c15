import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { publicPackage } from './support/package.ts'
import { endUnshared, unshared } from './support/unshared.ts'

const UID = 12_345
const O_NONBLOCK = 0o4000
const canRun =
  requireRoot() &&
  requireAddon() &&
  ['unshare', 'setpriv', 'bash'].map(requireCommand).every((present) => present)

const CONTAINER = ['-Urpmnuif', '--mount-proc']

/** `TARGET` stands for the pid of a container. */
const WAYS: readonly (readonly string[])[] = [
  ['run', '-u'],
  ['run', '-pm', '--mount-proc'],
  ['run', '-Ur', '--fork'],
  ['enter', 'TARGET', '-U', '-u'],
  ['enter', 'TARGET'],
]

afterEach(endUnshared)

async function withTarget(words: readonly string[]): Promise<string[]> {
  const pid = words.includes('TARGET') ? (await unshared(...CONTAINER)).pid : 0
  return words.map((word) => (word === 'TARGET' ? String(pid) : word))
}

/** Runs a command by a shell that does this before. */
function after(script: string): readonly string[] {
  return ['/bin/bash', '-c', `${script}\n"$@"; exit $?`, 'bash']
}

/** One more is that of the directory. */
const LIST = ['/bin/ls', '/proc/self/fd']

describe.runIf(canRun).each(WAYS.map((words) => ({ line: words.join(' '), words })))(
  'a command of $line',
  ({ words }) => {
    test('has descriptors 0 to 2 and no other', async () => {
      const via = after('exec 3</ 7</etc 100</dev/null 250</')
      const { stdout, stderr } = await runNsx([...(await withTarget(words)), '--', ...LIST], {
        via,
      })
      expect({ stdout, stderr }).toEqual({ stdout: '0\n1\n2\n3\n', stderr: '' })
    })

    test('has those that were asked for, and is told where one is not open', async () => {
      const args = [...(await withTarget(words)), '--preserve-fds', '2', '--', ...LIST]
      const via = after('exec 3</ 4</etc 5</dev/null 100</')
      expect((await runNsx(args, { via })).stdout).toBe('0\n1\n2\n3\n4\n5\n')
      const refused = await runNsx(args, { via: after('exec 3</ 4<&-') })
      expect(refused.code).toBe(125)
      expect(refused.stderr).toMatch(/^nsx: cannot pass on descriptor 4 \(--preserve-fds\)/)
    })

    test('has no signal ignored or blocked, and the limits of the shell that started it', async () => {
      const via = after('ulimit -Sn 777; trap "" PIPE USR1')
      const look = ['/bin/cat', '/proc/self/limits', '/proc/self/status']
      const { stdout } = await runNsx([...(await withTarget(words)), '--', ...look], { via })
      expect(/^Max open files\s+(\d+)/m.exec(stdout)?.[1]).toBe('777')
      expect(/^SigIgn:\s*(\w+)/m.exec(stdout)?.[1]).toBe('0'.repeat(16))
      expect(/^SigBlk:\s*(\w+)/m.exec(stdout)?.[1]).toBe('0'.repeat(16))
    })

    test('has standard streams that wait', async () => {
      const look = ['/bin/cat', ...[0, 1, 2].map((fd) => `/proc/self/fdinfo/${fd}`)]
      const { stdout } = await runNsx([...(await withTarget(words)), '--', ...look])
      const flags = [...stdout.matchAll(/^flags:\s*(\d+)/gm)].map(([, text]) => text ?? '')
      expect(flags).toHaveLength(3)
      for (const text of flags) expect(Number.parseInt(text, 8) & O_NONBLOCK).toBe(0)
    })
  },
)

const NOEXEC = '/proc/sys/vm/memfd_noexec'

describe.runIf(canRun && existsSync(NOEXEC))('where files in memory may not be run', () => {
  const forbidden = [
    ...['/bin/sh', '-c', `PATH=${process.env.PATH}; exec "$@"`, 'sh'],
    ...['unshare', '--pid', '--fork', '--mount-proc', 'sh', '-c', `echo 2 >${NOEXEC}; "$@"`, 'sh'],
  ]
  const asUser = ['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups']

  test.each([
    ['run', ['run', '-um']],
    ['run with an init', ['run', '-pm']],
    ['run in a user namespace', ['run', '-Urpm']],
  ])('root can %s all the same', async (_, words) => {
    const args = [...words, '--', '/bin/sh', '-c', 'echo ran']
    const { stdout, stderr } = await runNsx(args, { via: forbidden })
    expect({ stdout, stderr }).toEqual({ stdout: 'ran\n', stderr: '' })
  })

  test('it is: Python cannot', async () => {
    const script = "import os; fd = os.memfd_create('x', 0x10); print(fd)"
    const [file = '', ...args] = [...forbidden, 'python3', '-c', script]
    const { status, stderr } = spawnSync(file, args, { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toContain('PermissionError')
  })

  /** nsx of an ordinary user, after a script, whose $container it may use. */
  function runAsUser(script: string): { stdout: string; stderr: string; status: number | null } {
    const { root, node } = publicPackage()
    const command = ['/bin/bash', '-c', script, node, `${root}bin/run.js`]
    const [file = '', ...args] = [...forbidden, ...asUser, ...command]
    const { stdout, stderr, status } = spawnSync(file, args, { encoding: 'utf8', cwd: '/' })
    return { stdout, stderr, status }
  }

  test('an ordinary user enters a container in which nobody could write our program', () => {
    const started = 'until [ "$(cat /proc/$container/comm)" = sleep ]; do sleep 0.05; done'
    const enter = '"$0" "$1" enter $container -- /bin/sh -c "echo ran"'
    const script = `unshare -Urm sleep 30 & container=$!; ${started}; ${enter}; kill $container`
    const { stdout, stderr } = runAsUser(script)
    expect({ stdout, stderr }).toEqual({ stdout: 'ran\n', stderr: '' })
  })

  test('an ordinary user is told why, where it is not known who could', () => {
    const { stdout, stderr, status } = runAsUser('"$0" "$1" run -Ur -- /bin/sh -c "echo ran"')
    expect({ stdout, status }).toEqual({ stdout: '', status: 125 })
    expect(stderr).toMatch(/^nsx: cannot start nsx-exec so that nobody inside can change it/)
    expect(stderr).toContain('vm.memfd_noexec=1')
  })
})
