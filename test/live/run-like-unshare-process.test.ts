import { spawn } from 'node:child_process'
import { describe, expect, onTestFinished, test } from 'vitest'
import { until, type Watched, watch } from './support/children.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { attempt, childOf, commOf } from './support/proc.ts'
import { nsxCommand, runTool } from './support/seen.ts'

const able = requireRoot() && ['unshare', 'sleep'].every(requireCommand)

const SH = '/bin/sh'
const WAYS = [
  { flags: ['-n'] },
  { flags: ['-u', '-f'] },
  { flags: ['-p', '-f', '--mount-proc'] },
  { flags: ['-r', '-p', '-f', '--mount-proc', '--kill-child'] },
]
const ENDS: readonly (readonly [what: string, command: readonly string[]])[] = [
  ...[0, 1, 42, 125, 126, 127, 255].map(
    (code) => [`exit ${code}`, [SH, '-c', `exit ${code}`]] as const,
  ),
  ['a program that is not there', ['/usr/bin/no-such-program']],
  ['a file that cannot be executed', ['/etc/passwd']],
]

describe.runIf(able && requireAddon()).each(WAYS)('run $flags, as unshare', ({ flags }) => {
  test.each(ENDS)('ends as the command does: %s', async (_, command) => {
    const ours = await runTool(nsxCommand('run', ...flags, '--', ...command))
    const { code, signal } = await runTool(['unshare', ...flags, '--', ...command])
    expect(ours).toMatchObject({ code, signal })
  })

  // Process 1 of a PID namespace cannot be killed by itself; below our init it can.
  test.each(['TERM', 'KILL', 'HUP'])('ends by the signal of the command: SIG%s', async (name) => {
    const script = `kill -${name} $$`
    const ours = await runTool(nsxCommand('run', ...flags, '--', SH, '-c', script))
    expect(ours.signal).toBe(`SIG${name}`)
  })
})

describe.runIf(able && requireAddon())('run --pid', () => {
  test('has an init that takes in orphans, and leaves none of them dead', async () => {
    const look = [
      'pid=$(sh -c "sleep 0.3 >&- & echo \\$!")',
      'grep ^PPid /proc/$pid/status',
      'while test -e /proc/$pid; do sleep 0.1; done',
      'cat /proc/1/comm; echo gone',
    ].join('; ')
    const { watched } = await started(['-p', '--mount-proc', '--', SH, '-c', look])
    expect(await watched.end).toBe(0)
    expect(watched.stdout()).toBe('PPid:\t1\nnsx-init\ngone\n')
  })

  test.each(['TERM', 'HUP', 'INT', 'QUIT', 'USR1', 'USR2'])(
    'passes on SIG%s that is sent to nsx',
    async (name) => {
      const script = `trap 'echo got; kill $!; exit 7' ${name}; sleep 20 & echo up; wait`
      const { pid, watched } = await started(['-p', '--', SH, '-c', script])
      await until('the command', () => watched.stdout().includes('up') || null)
      process.kill(pid, `SIG${name}`)
      expect(await watched.end).toBe(7)
      expect(watched.stdout()).toBe('up\ngot\n')
    },
  )

  test('lets SIGTERM end a command that has no handler for it, as pid 1 would not', async () => {
    const { pid, watched } = await started(['-p', '--', SH, '-c', 'echo up; exec sleep 20'])
    await until('the command', () => watched.stdout().includes('up') || null)
    process.kill(pid, 'SIGTERM')
    expect(await watched.end).toBe('SIGTERM')
  })

  test.each([{ init: [] }, { init: ['--no-init'] }])(
    '--kill-child: whatever is inside ends with nsx: %o',
    async ({ init }) => {
      const words = ['-p', '--kill-child', ...init, '--', SH, '-c', 'echo up; exec sleep 20']
      const { pid, watched } = await started(words)
      await until('the command', () => watched.stdout().includes('up') || null)
      const first = childOf(pid) as number
      const command = init.length === 0 ? (childOf(first) as number) : first
      await until('sleep', () => (commOf(command) === 'sleep' ? true : null))
      process.kill(pid, 'SIGKILL')
      expect(await watched.end).toBe('SIGKILL')
      await until('the end of it', () => (commOf(command) === 'sleep' ? null : true))
    },
  )

  test('without --kill-child the command outlives nsx, as with unshare', async () => {
    const { pid, watched } = await started(['-p', '--', SH, '-c', 'echo up; exec sleep 20'])
    await until('the command', () => watched.stdout().includes('up') || null)
    const init = childOf(pid) as number
    const command = await until('sleep', () => {
      const found = childOf(init)
      return found !== null && commOf(found) === 'sleep' ? found : null
    })
    process.kill(pid, 'SIGKILL')
    await until('its end', () => (attempt(() => process.kill(pid, 0)) === null ? true : null))
    expect(commOf(command)).toBe('sleep')
    process.kill(init, 'SIGKILL')
    await watched.end
  })
})

async function started(words: readonly string[]): Promise<{ pid: number; watched: Watched }> {
  const [node = '', ...args] = nsxCommand('run', ...words)
  const child = spawn(node, args, {
    ...{ stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' },
    env: { PATH: '/usr/bin:/bin' },
  })
  const watched = watch(child)
  onTestFinished(async () => {
    // With the first of its PID namespace all others end.
    const first = watched.over() ? null : childOf(child.pid as number)
    if (first !== null) attempt(() => process.kill(first, 'SIGKILL'))
    if (!watched.over()) child.kill('SIGKILL')
    await watched.end
  })
  return { pid: child.pid as number, watched }
}
