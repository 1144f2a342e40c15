import type { Host } from '../host/port.ts'
import { parseProcStat } from '../kernel/proc-stat.ts'
import { parseStatus } from '../kernel/proc-status.ts'

/** What orders the processes of a container. */
export interface Kin {
  readonly pid: number
  readonly ppid: number
  readonly startTicks: string
  readonly state: string
  /** Its pid in each PID namespace, the innermost last; empty: not told. */
  readonly nsPids: readonly number[]
}

/** Reads those that are there still, in the order of `pids`. */
export function readKin(host: Host, pids: readonly number[]): Kin[] {
  const texts = host.readProcesses(pids, { status: true, cmdlineBytes: 0 })
  return texts.flatMap(({ stat, status }, i) => {
    const parsed = Buffer.isBuffer(stat) ? parseProcStat(stat) : null
    if (!parsed || parsed.pid !== pids[i]) return []
    const { pid, ppid, startTicks, state } = parsed
    const nsPids = (Buffer.isBuffer(status) && parseStatus(status)?.nsPids) || []
    return { pid, ppid, startTicks, state, nsPids }
  })
}

/**
 * The topmost process of a container: none of the others is its parent. Whoever was sent in later (docker
 * exec) has its parent outside too, so the init of the PID namespace goes first, then what is older.
 */
export function topmost(kin: readonly Kin[]): Kin | null {
  const pids = new Set(kin.map(({ pid }) => pid))
  const tops = kin.filter(({ ppid }) => !pids.has(ppid))
  return [...tops].sort(byRank)[0] ?? null
}

function byRank(a: Kin, b: Kin): number {
  return (
    Number(a.state === 'Z') - Number(b.state === 'Z') ||
    Number(isInit(b)) - Number(isInit(a)) ||
    Number(BigInt(a.startTicks) - BigInt(b.startTicks)) ||
    a.pid - b.pid
  )
}

function isInit({ nsPids }: Kin): boolean {
  return nsPids.length > 1 && nsPids.at(-1) === 1
}
