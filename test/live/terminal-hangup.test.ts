import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { until } from './support/children.ts'
import { familyOf } from './support/family.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { attempt, commOf } from './support/proc.ts'
import { NSX, openPty, type Pty } from './support/pty.ts'

const canRun =
  requireRoot() &&
  requireAddon() &&
  ['python3', 'unshare'].map(requireCommand).every((present) => present)

/** Of the hundred that a second has. */
const FEW_TICKS = 30

/** A shell script behind a pty of nsx that has said that it is ready. */
async function started(script: string, ...flags: string[]): Promise<Pty> {
  const words = ['run', '-u', '--pty', ...flags, '--', '/bin/sh', '-c', script]
  const pty = await openPty([...NSX, ...words])
  await pty.see('ready')
  const family = familyOf(pty.pid)
  onTestFinished(() => {
    for (const pid of family) attempt(() => process.kill(pid, 'SIGKILL'))
  })
  return pty
}

/** What it has used, in user and kernel mode (proc_pid_stat(5), 14 and 15). */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return Number(utime) + Number(stime)
}

async function ticksInASecond(pid: number): Promise<number> {
  const before = ticksOf(pid)
  await delay(1000)
  return ticksOf(pid) - before
}

describe.runIf(canRun)('when its terminal is closed, nsx with a pty', () => {
  test.each([[[]], [['-pm', '--mount-proc']]])('tells the command, with %j', async (flags) => {
    const pty = await started(
      'trap "exit 9" HUP; echo ready; while :; do sleep 0.05; done',
      ...flags,
    )
    pty.hangUp()
    expect(await pty.end).toBe(9 << 8)
  })

  test('dies as the command does', async () => {
    const pty = await started('echo ready; exec sleep 100')
    pty.hangUp()
    expect(await pty.end).toBe(1)
  })

  test('waits in peace for one that goes on', async () => {
    const pty = await started('trap "" HUP; echo ready; exec sleep 100')
    const find = () => familyOf(pty.pid).find((pid) => commOf(pid) === 'sleep') ?? null
    const command = await until('sleep', find)
    pty.hangUp()
    expect(await ticksInASecond(pty.pid)).toBeLessThan(FEW_TICKS)
    process.kill(command, 'SIGTERM')
    expect(await pty.end).toBe(15)
  })
})

test.runIf(canRun)('a command that has closed its pty is waited for in peace', async () => {
  const reopen = 'trap "exec >/dev/tty; echo back; exit 4" USR1'
  const close = 'exec <&- >&- 2>&-'
  const pty = await started(`${reopen}; echo ready; ${close}; while :; do sleep 0.05; done`)
  expect(await ticksInASecond(pty.pid)).toBeLessThan(FEW_TICKS)
  process.kill(pty.pid, 'SIGUSR1')
  await pty.see('back')
  expect(await pty.end).toBe(4 << 8)
})
