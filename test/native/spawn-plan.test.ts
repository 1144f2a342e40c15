import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { spawnPlan } from '../../src/act/spawn-plan.ts'
import type { Outcome } from '../../src/act/status.ts'
import type { ExecStep } from '../../src/model/exec-plan.ts'
import { type ExecPackage, execPackage, type Told } from './exec-package.ts'
import { openDescriptors, temporaryDirectory } from './support.ts'

const PROJECT = join(import.meta.dirname, '../..')

let standIn: ExecPackage
beforeAll(async () => {
  standIn = await execPackage()
})

interface Spawned {
  readonly outcome: Outcome
  readonly started: readonly number[]
  readonly stdout: string
}

async function spawned(packageRoot: string, steps: readonly ExecStep[]): Promise<Spawned> {
  const path = join(temporaryDirectory(), 'stdout')
  const stdout = openSync(path, 'w')
  const started: number[] = []
  try {
    const outcome = await spawnPlan(
      { steps },
      { packageRoot, stdio: ['ignore', stdout, 'ignore'], onStart: (pid) => started.push(pid) },
    )
    return { outcome, started, stdout: readFileSync(path, 'utf8') }
  } finally {
    closeSync(stdout)
  }
}

/** The stand-in is to say this of the status, and to end so (a negative number: by a signal). */
function saying(end: number, ...status: readonly object[]): ExecStep[] {
  const words = [...status.map((line) => `STATUS:${JSON.stringify(line)}`), `EXIT:${end}`]
  return words.map((what) => ({ operation: { name: 'init' }, what, advice: [] }))
}

function commandOf(script: string): ExecStep[] {
  const exec = { name: 'exec', file: '/bin/sh', args: ['sh', '-c', script] } as const
  return [
    { operation: { name: 'seal', keep: [] }, what: 'close what is not needed', advice: [] },
    { operation: { ...exec, environment: ['A=1'] }, what: 'run sh', advice: [] },
  ]
}

/** The descriptors that any child of ours has: Node itself closes none past the first hole. */
function inheritable(): number[] {
  const flags = (fd: string) =>
    Number.parseInt(
      /flags:\t(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1] ?? '',
      8,
    )
  const open = readdirSync('/proc/self/fd').filter((fd) => existsSync(`/proc/self/fdinfo/${fd}`))
  return open.filter((fd) => (flags(fd) & O_CLOEXEC) === 0).map(Number)
}

const STATUS_FD = 4
const O_CLOEXEC = 0o2_000_000

const STARTED = { pid: 7, exitCode: null, signal: null, error: null }

describe('nsx-exec, spawned,', () => {
  it('has its plan as descriptor 3 and the status pipe as 4, and a program nobody can change', async () => {
    const { stdout } = await spawned(standIn.root, saying(0))
    const told: Told = JSON.parse(stdout)
    expect(told).toMatchObject({ name: 'nsx-exec', plan: 3, environment: 0 })
    expect(told.planSeals & told.exeSeals & 0xf).toBe(0xf)
    const others = new Set(inheritable())
    const fds = told.descriptors.map(({ fd }) => fd)
    expect(fds.filter((fd) => fd <= STATUS_FD || !others.has(fd))).toEqual([0, 1, 2, 3, STATUS_FD])
  })

  it('tells of the start, once, and of the end', async () => {
    const ended = { ...STARTED, exitCode: 3 }
    const { outcome, started } = await spawned(standIn.root, saying(3, STARTED, ended))
    expect({ outcome, started }).toEqual({ outcome: ended, started: [7] })
  })

  it('tells of what it could not do', async () => {
    const error = { message: 'cannot enter the network namespace of web', errno: 'EPERM' }
    const failed = { pid: null, exitCode: 125, signal: null, error }
    const { outcome, started } = await spawned(standIn.root, saying(125, failed))
    expect({ outcome, started }).toEqual({ outcome: failed, started: [] })
  })

  it.each([
    ['is killed after the start', saying(-9, STARTED), { pid: 7, exitCode: null, signal: 'KILL' }],
    ['ends without a word', saying(125), { pid: null, exitCode: 125, signal: null }],
  ])('that %s has an end all the same', async (_, steps, end) => {
    const { outcome } = await spawned(standIn.root, steps)
    expect(outcome).toMatchObject(end)
    expect(outcome.error?.message).toContain('before it told')
  })

  it('leaves no descriptor behind', async () => {
    await spawned(standIn.root, saying(0))
    const before = openDescriptors()
    await spawned(standIn.root, saying(0))
    await expect(spawned(temporaryDirectory(), [])).rejects.toThrow('addon is missing')
    expect(openDescriptors()).toBe(before)
  })
})

describe('a command', () => {
  it('runs with its own environment and nothing but standard input, output and error', async () => {
    const { stdout } = await spawned(PROJECT, commandOf('echo $A; cd /proc/$$/fd; echo *'))
    // 3 is the directory that the shell reads.
    expect(stdout).toBe('1\n0 1 2 3\n')
  })

  it('ends as it likes', async () => {
    const { outcome, started } = await spawned(PROJECT, commandOf('exit 42'))
    expect(outcome).toEqual({ pid: started[0], exitCode: 42, signal: null, error: null })
  })

  it('may die by a signal', async () => {
    const { outcome } = await spawned(PROJECT, commandOf('kill -TERM $$'))
    expect(outcome).toMatchObject({ exitCode: null, signal: 'TERM', error: null })
  })

  it('that there is none of is an error with its errno', async () => {
    const exec = { name: 'exec', file: '/nowhere/x', args: ['x'], environment: [] } as const
    const { outcome } = await spawned(PROJECT, [
      { operation: exec, what: 'run /nowhere/x', advice: [] },
    ])
    expect(outcome.error?.errno).toBe('ENOENT')
    expect(outcome.exitCode).toBe(127)
  })
})
