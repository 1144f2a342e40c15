import { readdirSync, readFileSync } from 'node:fs'
import { attempt } from './proc.ts'

/** A process and all below it, parents first. */
export function familyOf(pid: number): number[] {
  const tids = attempt(() => readdirSync(`/proc/${pid}/task`)) ?? []
  const children = tids.flatMap((tid) => {
    const text = attempt(() => readFileSync(`/proc/${pid}/task/${tid}/children`, 'utf8')) ?? ''
    return text.split(' ').filter(Boolean).map(Number)
  })
  return [pid, ...children.flatMap(familyOf)]
}

/** As after the name in /proc/PID/stat: R, S, T, Z, …; null: it is gone. */
export function stateOf(pid: number): string | null {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  return /.*\) (\S)/s.exec(stat ?? '')?.[1] ?? null
}
