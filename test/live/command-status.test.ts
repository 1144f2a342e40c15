import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type SpawnOptions, spawnPlan } from '../../src/act/spawn-plan.ts'
import type { Outcome } from '../../src/act/status.ts'
import type { ExecStep, Operation } from '../../src/model/exec-plan.ts'
import { PROJECT } from './support/children.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { type NsxResult, runNsx } from './support/nsx.ts'
import { endUnshared, unshared } from './support/unshared.ts'

const canRun = requireRoot() && requireAddon() && requireCommand('unshare')

const NEWPID = 0x20000000
const EVERY = Array.from({ length: 256 }, (_, status) => status)
const QUIET: SpawnOptions = { packageRoot: PROJECT, stdio: ['ignore', 'ignore', 'ignore'] }

/** `TARGET` stands for the pid of a container. */
const WAYS: readonly (readonly string[])[] = [
  ['run', '-u'],
  ['run', '-u', '--fork'],
  ['run', '-p'],
  ['run', '-p', '--no-init'],
  ['run', '-p', '--clone'],
  ['run', '-Ur'],
  ['enter', 'TARGET', '-U', '-u'],
  ['enter', 'TARGET'],
]

afterEach(endUnshared)

function endingWith(status: number, ...before: Operation[]): ExecStep[] {
  const args = ['sh', '-c', `exit ${status}`]
  const exec: Operation = { name: 'exec', file: '/bin/sh', args, environment: [] }
  return [...before, { name: 'seal', keep: [] } as const, exec].map((operation) => ({
    operation,
    what: 'do this',
    advice: [],
  }))
}

async function withTarget(words: readonly string[]): Promise<string[]> {
  const pid = words.includes('TARGET') ? (await unshared('-Urpmnuif', '--mount-proc')).pid : 0
  return words.map((word) => (word === 'TARGET' ? String(pid) : word))
}

/** The lines on descriptor 3, too. */
async function runTelling(
  words: readonly string[],
  ...command: readonly string[]
): Promise<NsxResult & { readonly lines: readonly Outcome[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'nsx-status-'))
  try {
    const via = ['/bin/sh', '-c', 'exec "$@" 3>"$0"', join(folder, 'status')]
    const result = await runNsx([...words, '--status-fd', '3', '--', ...command], { via })
    const text = readFileSync(join(folder, 'status'), 'utf8')
    return {
      ...result,
      lines: text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe.runIf(canRun)('every exit status is passed on', () => {
  test.each<[string, Operation[]]>([
    ['by whoever waits', []],
    [
      'by whoever waits and an init',
      [
        { name: 'monitor', spawns: true, pty: false, statusFd: null },
        { name: 'unshare', flags: NEWPID, patienceMs: 2000 },
        { name: 'spawn', flags: 0, go: null },
        { name: 'init' },
      ],
    ],
  ])('%s', async (_, before) => {
    const statuses: (number | null)[] = []
    for (const status of EVERY) {
      statuses.push((await spawnPlan({ steps: endingWith(status, ...before) }, QUIET)).exitCode)
    }
    expect(statuses).toEqual(EVERY)
  })
})

describe.runIf(canRun).each(WAYS.map((words) => ({ line: words.join(' '), words })))(
  '$line',
  ({ words }) => {
    test.each([0, 1, 42, 125, 126, 127, 128, 143, 255])(
      'ends with %d as the command does',
      async (status) => {
        const { code, stderr } = await runNsx([
          ...(await withTarget(words)),
          ...['--', '/bin/sh', '-c', `exit ${status}`],
        ])
        expect({ code, stderr }).toEqual({ code: status, stderr: '' })
      },
    )

    test.each([
      [127, 'ENOENT', '/nowhere/x'],
      [127, 'ENOENT', 'no-such-command'],
      [126, 'EACCES', '/etc/passwd'],
      [126, 'EACCES', '/etc'],
    ])('ends with %d (%s) where the command is %s, and tells why', async (status, errno, file) => {
      const told = await runTelling(await withTarget(words), file)
      expect(told.code).toBe(status)
      expect(told.stderr).toMatch(new RegExp(`^nsx: cannot run ${file}: .*\\(${errno}\\)`))
      const last = told.lines.at(-1)
      expect(last).toEqual({
        ...{ pid: expect.any(Number), exitCode: status, signal: null },
        error: { message: expect.stringContaining(`cannot run ${file}`), errno },
      })
    })

    test('ends with 125 where it cannot do what it was asked for, and tells why', async () => {
      const flag = words[0] === 'run' ? '--wd' : '--wdns'
      const told = await runTelling([...(await withTarget(words)), flag, '/nowhere'], '/bin/true')
      expect(told.code).toBe(125)
      expect(told.stderr).toMatch(/^nsx: cannot .*\(ENOENT\)/)
      expect(told.lines.at(-1)).toMatchObject({
        ...{ exitCode: 125, signal: null },
        error: { message: expect.stringContaining('/nowhere'), errno: 'ENOENT' },
      })
    })

    test('tells of the start and of the end', async () => {
      const script = 'echo $$; exit 5'
      const { code, stdout, lines } = await runTelling(
        await withTarget(words),
        '/bin/sh',
        '-c',
        script,
      )
      expect(code).toBe(5)
      const pid = lines[0]?.pid as number
      expect(lines).toEqual([
        { pid, exitCode: null, signal: null, error: null },
        { pid, exitCode: 5, signal: null, error: null },
      ])
      // Where the PID namespace is ours, the numbers are.
      const isOurs = !words.includes('-p') && words.join(' ') !== 'enter TARGET'
      expect(Number(stdout) === pid).toBe(isOurs)
    })

    // Nothing kills process 1 from within.
    test.skipIf(words.includes('--no-init'))(
      'tells of the signal that the command died by',
      async () => {
        const script = 'kill -KILL $$'
        const { code, lines } = await runTelling(await withTarget(words), '/bin/sh', '-c', script)
        expect(code).toBeNull()
        expect(lines.at(-1)).toMatchObject({ exitCode: null, signal: 'KILL', error: null })
      },
    )
  },
)
