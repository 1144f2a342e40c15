import type { ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import type { Readable } from 'node:stream'
import type { IdMapLine } from '../kernel/id-map.ts'
import type { ExecPlan } from '../model/exec-plan.ts'
import { helperPath, helperPrograms } from './helper-program.ts'
import { addonOf, sealedPlan } from './sealed-plan.ts'
import { type Outcome, parseOutcome } from './status.ts'
import { withStatus } from './with-status.ts'

type Standard = 'inherit' | 'ignore' | number

export interface SpawnOptions {
  readonly packageRoot: string
  /** Standard input, output and error of the command: our own, /dev/null, or a descriptor. */
  readonly stdio?: readonly [Standard, Standard, Standard]
  /** As in PerformOptions. */
  readonly uidMap?: readonly IdMapLine[] | null
  /** Told once, as soon as the command's process is made. */
  readonly onStart?: (pid: number) => void
}

/** Of nsx-exec, after standard input, output and error. */
const PLAN_FD = 3
const STATUS_FD = 4
const ALL_OURS = ['inherit', 'inherit', 'inherit'] as const

/**
 * Carries out a plan in a process of its own, and waits for its end.
 *
 * @returns what became of the command; an `error` of its where a step of the plan failed.
 * @throws {NsxError} nsx-exec could not be started.
 */
export async function spawnPlan(plan: ExecPlan, options: SpawnOptions): Promise<Outcome> {
  const { packageRoot, stdio = ALL_OURS, uidMap = null, onStart = () => undefined } = options
  const addon = addonOf(packageRoot)
  const path = helperPath(packageRoot)
  // The child's own descriptors are laid over those of the same numbers.
  const lowest = STATUS_FD + 1
  const planFd = sealedPlan(addon, withStatus(plan, STATUS_FD), lowest)
  try {
    for (const program of helperPrograms({ addon, path, lowest, uidMap })) {
      const child = await started(program.fd, [...stdio, planFd]).catch(program.refuse)
      if (child) return await outcomeOf(child, onStart)
    }
  } finally {
    closeSync(planFd)
  }
  throw new Error('the last of the ways ended without a word')
}

function started(program: number, stdio: readonly Standard[]): Promise<ChildProcess> {
  // Loaded on use: enter and run, which nobody waits for, need no child.
  const { spawn } = process.getBuiltinModule('node:child_process')
  const child = spawn(`/proc/self/fd/${program}`, [String(PLAN_FD)], {
    argv0: 'nsx-exec',
    env: {},
    stdio: [...stdio, 'pipe'],
  })
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child))
    child.once('error', reject)
  })
}

/** The end of nsx-exec, and what it has told until then. */
function outcomeOf(child: ChildProcess, onStart: (pid: number) => void): Promise<Outcome> {
  const status = child.stdio[STATUS_FD] as Readable
  let text = ''
  let last: Outcome | null = null
  const take = (line: string) => {
    const told = parseOutcome(line)
    if (told === null) return
    if (last === null && told.pid !== null && told.error === null) onStart(told.pid)
    last = told
  }
  status.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (text + chunk).split('\n')
    text = lines.pop() as string
    lines.forEach(take)
  })
  return new Promise((resolve) => {
    child.once('close', (code: number | null, signal: NodeJS.Signals | null) => {
      const ended = last !== null && (last.exitCode ?? last.signal ?? last.error) !== null
      resolve(ended && last ? last : untold(last, code, signal))
    })
  })
}

/** It was killed, or could not even read its plan: then its own end is all that is known. */
function untold(last: Outcome | null, exitCode: number | null, signal: string | null): Outcome {
  return {
    pid: last?.pid ?? null,
    exitCode,
    signal: signal?.replace(/^SIG/, '') ?? null,
    error: { message: 'nsx-exec ended before it told what became of the command', errno: null },
  }
}
