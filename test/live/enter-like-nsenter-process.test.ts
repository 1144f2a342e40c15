import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { until, type Watched, watch } from './support/children.ts'
import { stateOf } from './support/family.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { attempt, childOf, inumOf } from './support/proc.ts'
import { nsxCommand, runTool } from './support/seen.ts'
import { endUnshared, type Unshared, unshared } from './support/unshared.ts'

const able = requireRoot() && ['unshare', 'nsenter', 'env'].every(requireCommand)

let target: Unshared

beforeAll(async () => {
  if (!able) return
  const flags = ['-m', '-u', '-n', '-p', '-f', '--mount-proc']
  target = await unshared('env', '-i', 'HOME=/h', 'A=b c', 'PATH=/usr/bin', 'unshare', ...flags)
})

afterAll(endUnshared)

/** Without and with a process that waits. */
const WAYS = [{ flags: ['-n'] }, { flags: ['-m', '-p'] }, { flags: ['-m', '-p', '-F'] }]

const SH = '/bin/sh'
const ENDS: readonly (readonly [what: string, command: readonly string[]])[] = [
  ...[0, 1, 42, 125, 126, 127, 128, 255].map(
    (code) => [`exit ${code}`, [SH, '-c', `exit ${code}`]] as const,
  ),
  ...['TERM', 'KILL', 'INT', 'HUP', 'USR1', 'SEGV', 'ABRT'].map(
    (name) => [`SIG${name}`, [SH, '-c', `ulimit -c 0; kill -${name} $$`]] as const,
  ),
  ['a program that is not there', ['/usr/bin/no-such-program']],
  ['a program that is nowhere in PATH', ['no-such-program']],
  ['a file that cannot be executed', ['/etc/passwd']],
  ['a directory', ['/usr']],
]

describe.runIf(able && requireAddon()).each(WAYS)('enter $flags, as nsenter', ({ flags }) => {
  test.each(ENDS)('ends as the command does: %s', async (_, command) => {
    const words = ['-t', String(target.pid), ...flags, '--', ...command]
    const ours = await runTool(nsxCommand('enter', ...words))
    const { code, signal, stdout } = await runTool(['nsenter', ...words])
    expect(ours).toMatchObject({ code, signal, stdout })
  })
})

describe.runIf(able && requireAddon())('enter', () => {
  test.each(['-n', '-m', '-m -p'])(
    '-e with %s gives the environment of the target',
    async (flags) => {
      const words = ['-t', String(target.pid), ...flags.split(' '), '-e', '--', 'env']
      const { stdout, ...end } = await runTool(nsxCommand('enter', ...words), {
        env: { OURS: '1' },
      })
      expect(end).toMatchObject({ code: 0, stderr: '' })
      const own = readFileSync(`/proc/${target.pid}/environ`, 'utf8').replaceAll('\0', '\n')
      expect(linesOf(stdout)).toEqual(linesOf(own))
      expect(own).toContain('A=b c\n')
    },
  )

  test('without a mount namespace the command has our environment, as with nsenter', async () => {
    const words = ['-t', String(target.pid), '-n', '-u', '--', '/usr/bin/env']
    const env = { OURS: '1', ODD: 'a\nb=c', _: 'x' }
    const [ours, theirs] = [
      await runTool(nsxCommand('enter', ...words), { env }),
      await runTool(['nsenter', ...words], { env }),
    ]
    expect(linesOf(ours.stdout)).toEqual(linesOf(theirs.stdout))
  })

  test.each(['TERM', 'HUP', 'INT', 'QUIT', 'USR1', 'USR2'])(
    'passes on SIG%s that is sent to it, which nsenter does not',
    async (name) => {
      const script = `trap 'echo got; kill $!; exit 7' ${name}; sleep 20 & echo up; wait`
      const { pid, watched } = await started(['-m', '-p', '--', SH, '-c', script])
      await until('the command', () => watched.stdout().includes('up') || null)
      process.kill(pid, `SIG${name}`)
      expect(await watched.end).toBe(7)
      expect(watched.stdout()).toBe('up\ngot\n')
    },
  )

  test('stops when the command stops, and goes on with it', async () => {
    const script = 'echo up; kill -STOP $$; echo again; exit 3'
    const { pid, watched } = await started(['-m', '-p', '--', SH, '-c', script])
    await until('both to stop', () => {
      const [command] = [childOf(pid)]
      return command !== null && stateOf(pid) === 'T' && stateOf(command) === 'T' ? true : null
    })
    process.kill(pid, 'SIGCONT')
    expect(await watched.end).toBe(3)
    expect(watched.stdout()).toBe('up\nagain\n')
  })

  test('leaves one process outside that waits, in none of the namespaces of the target', async () => {
    const { pid, watched } = await started([
      '-m',
      '-u',
      '-n',
      '-p',
      '--',
      SH,
      '-c',
      'echo up; read x',
    ])
    await until('the command', () => watched.stdout().includes('up') || null)
    const own = namespacesOf(process.pid)
    expect(namespacesOf(pid)).toEqual(own)
    // Whoever has made it may take its time to end.
    const command = await until('the command alone', () => onlyChildOf(pid))
    expect(namespacesOf(command)).toEqual(namespacesOf(target.pid))
    process.kill(command, 'SIGKILL')
    expect(await watched.end).toBe('SIGKILL')
  })
})

async function started(words: readonly string[]): Promise<{ pid: number; watched: Watched }> {
  const [node = '', ...args] = nsxCommand('enter', String(target.pid), ...words)
  const child = spawn(node, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const watched = watch(child)
  onTestFinished(async () => {
    // Whatever it waits for.
    const command = watched.over() ? null : childOf(child.pid as number)
    if (command !== null) attempt(() => process.kill(command, 'SIGKILL'))
    if (!watched.over()) child.kill('SIGKILL')
    await watched.end
  })
  return { pid: child.pid as number, watched }
}

function namespacesOf(pid: number): number[] {
  return ['mnt', 'uts', 'ipc', 'net', 'pid'].map((type) => inumOf(pid, type))
}

function linesOf(text: string): string[] {
  return text.split('\n').sort()
}

function onlyChildOf(pid: number): number | null {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  return children.length === 1 ? Number(children[0]) || null : null
}
