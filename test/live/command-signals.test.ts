import type { ChildProcess } from 'node:child_process'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { until, type Watched, watch } from './support/children.ts'
import { familyOf, stateOf } from './support/family.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { spawnNsx } from './support/nsx.ts'
import { attempt, commOf } from './support/proc.ts'
import { endUnshared, unshared } from './support/unshared.ts'

const canRun = requireRoot() && requireAddon() && requireCommand('unshare')

interface Way {
  readonly how: string
  /** `TARGET` stands for the pid of a container. */
  readonly words: readonly string[]
}

const PLAIN: Way = { how: 'run as a plain command', words: ['run', '-u'] }
const WAITING: readonly Way[] = [
  { how: 'enter a PID namespace', words: ['enter', 'TARGET'] },
  { how: 'run --fork', words: ['run', '-u', '--fork'] },
  { how: 'run with an init', words: ['run', '-p'] },
]
const WAYS: readonly Way[] = [
  ...WAITING,
  PLAIN,
  { how: 'enter as a plain command', words: ['enter', 'TARGET', '-U', '-u'] },
]

const HANDLED = ['HUP', 'INT', 'QUIT', 'TERM', 'USR2', 'ALRM', 'WINCH'] as const

afterEach(endUnshared)

async function start(
  { words }: Pick<Way, 'words'>,
  script: string,
): Promise<{ child: ChildProcess; watched: Watched; heard: (text: string) => Promise<unknown> }> {
  const target = words.includes('TARGET') ? (await unshared('-Urpmnuif', '--mount-proc')).pid : 0
  const args = words.map((word) => (word === 'TARGET' ? String(target) : word))
  const child = spawnNsx([...args, '--', '/bin/bash', '-c', script])
  const watched = watch(child)
  onTestFinished(async () => {
    for (const pid of familyOf(child.pid as number)) attempt(() => process.kill(pid, 'SIGKILL'))
    await watched.end
  })
  const heard = (text: string) =>
    until(text, () => {
      if (watched.stdout().includes(text)) return true
      if (watched.over()) throw new Error(`it is over: ${watched.stderr()}`)
      return null
    })
  await heard('ready')
  return { child, watched, heard }
}

function isOver(pid: number): boolean {
  return [null, 'Z'].includes(stateOf(pid))
}

function commandOf(child: ChildProcess, comm: string): Promise<number> {
  const find = () => familyOf(child.pid as number).find((pid) => commOf(pid) === comm) ?? null
  return until(comm, find)
}

/** Waits without a child that would get signals of its own. */
const WAIT = 'while :; do read -t 0.05 <> <(:); done'

describe.runIf(canRun).each(WAYS)('what is sent to $how', (way) => {
  test('reaches the command, once', async () => {
    const traps = HANDLED.map((name) => `trap 'echo got ${name}' ${name}`).join('\n')
    const { child, watched, heard } = await start(
      way,
      `${traps}\ntrap 'exit 7' USR1\necho ready\n${WAIT}`,
    )
    for (const name of HANDLED) {
      child.kill(`SIG${name}`)
      await heard(`got ${name}\n`)
    }
    child.kill('SIGUSR1')
    expect(await watched.end).toBe(7)
    const got = watched.stdout().match(/got \w+/g)
    expect(got).toEqual(HANDLED.map((name) => `got ${name}`))
  })

  test.each(['TERM', 'HUP', 'INT', 'QUIT', 'USR1'] as const)(
    'SIG%s, kills it, and whoever waits sees that',
    async (name) => {
      const { child, watched } = await start(way, 'ulimit -c 0; echo ready; exec /bin/sleep 100')
      await commandOf(child, 'sleep')
      child.kill(`SIG${name}`)
      expect(await watched.end).toBe(`SIG${name}`)
    },
  )

  test.each(['KILL', 'SEGV', 'TERM'] as const)('or dies by SIG%s by itself', async (name) => {
    const { watched } = await start(way, `ulimit -c 0; echo ready; kill -${name} $$`)
    // Process 1 of a PID namespace of ours is an init, so this kills the command.
    expect(await watched.end).toBe(`SIG${name}`)
  })
})

test.runIf(canRun)('what the command sends to its parent does not come back to it', async () => {
  const script = 'trap "exit 3" TERM; echo ready; kill -TERM $PPID; read -t 0.3 <> <(:); exit 4'
  const { watched } = await start({ words: ['run', '-u', '--fork'] }, script)
  expect(await watched.end).toBe(4)
})

describe.runIf(canRun).each(WAITING)('$how', (way) => {
  test('stops when the command is stopped, and continues it when it is continued', async () => {
    const { child, watched, heard } = await start(
      way,
      `trap 'exit 7' USR1; trap 'echo went on' CONT; echo ready; ${WAIT}`,
    )
    const pid = child.pid as number
    const command = await commandOf(child, 'bash')
    process.kill(command, 'SIGSTOP')
    await until('it to be stopped', () => stateOf(pid) === 'T' || null)
    expect(stateOf(command)).toBe('T')
    child.kill('SIGCONT')
    await heard('went on')
    expect(stateOf(pid)).not.toBe('T')
    child.kill('SIGUSR1')
    expect(await watched.end).toBe(7)
  })
})

describe.runIf(canRun)('when nsx run is killed by force', () => {
  test.each([[['--fork']], [['-p']], [['-p', '--no-init']], [['-Ur', '--fork']], [['-Urp']]])(
    'the command is, too, with %j --kill-child',
    async (flags) => {
      const words = ['run', '-u', ...flags, '--kill-child']
      const { child, watched } = await start({ words }, 'echo ready; exec /bin/sleep 100')
      const family = familyOf(child.pid as number).slice(1)
      expect(family.length).toBeGreaterThan(0)
      child.kill('SIGKILL')
      await until('all to be gone', () => family.every(isOver) || null)
      expect(await watched.end).toBe('SIGKILL')
    },
  )

  test('the command gets the signal that was chosen', async () => {
    const words = ['run', '-u', '--kill-child=USR2']
    const { child, watched } = await start(
      { words },
      `trap 'echo got USR2; exit' USR2; echo ready; ${WAIT}`,
    )
    child.kill('SIGKILL')
    await watched.end
    expect(watched.stdout()).toContain('got USR2')
  })

  test('the command stays without --kill-child', async () => {
    const { child } = await start(
      { words: ['run', '-u', '--fork'] },
      'echo ready; exec /bin/sleep 100',
    )
    const command = await commandOf(child, 'sleep')
    onTestFinished(() => void process.kill(command, 'SIGKILL'))
    child.kill('SIGKILL')
    await until('nsx to be gone', () => isOver(child.pid as number) || null)
    expect(stateOf(command)).toBe('S')
  })
})
