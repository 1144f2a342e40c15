import type { Host } from '../host/port.ts'
import { parseProcStat } from '../kernel/proc-stat.ts'
import { parseStatus } from '../kernel/proc-status.ts'
import type { Kin } from '../model/kin.ts'

export { type Kin, topmost } from '../model/kin.ts'

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
