import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** The oracle: what /proc says, read as plainly as can be. */

export function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

export function inumOf(pid: number | 'self', type: string): number {
  return Number(/\d+/.exec(readlinkSync(`/proc/${pid}/ns/${type}`))?.[0])
}

export function membersOf(type: string, inum: number): number[] {
  return pids().filter((pid) => attempt(() => inumOf(pid, type)) === inum)
}

export function effectiveUidOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^Uid:\t\d+\t(\d+)/m.exec(status)?.[1])
}

export function argsOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
}

/** Its first child; null: it has none. */
export function childOf(pid: number): number | null {
  const text = attempt(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'))
  return Number(text?.split(' ')[0]) || null
}

export function parentOf(pid: number): number {
  return Number(/^PPid:\t(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

/** Null: it is gone. */
export function commOf(pid: number): string | null {
  return attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trimEnd())
}

/** Null where it fails: processes come and go. */
export function attempt<T>(ask: () => T): T | null {
  try {
    return ask()
  } catch {
    return null
  }
}
