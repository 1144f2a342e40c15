/** What places a process among others. */
export interface Kin {
  readonly pid: number
  readonly ppid: number
  readonly startTicks: string
  readonly state: string
  /** Its pid in each PID namespace, the innermost last; empty: not told. */
  readonly nsPids: readonly number[]
}

/**
 * The topmost of some processes: none of the others is its parent. Whoever was sent into a container later
 * (docker exec) has its parent outside too, so the init of the PID namespace goes first, then what is older.
 */
export function topmost<K extends Kin>(kin: readonly K[]): K | null {
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
