import { execFileSync } from 'node:child_process'

export interface LsnsRow {
  readonly inum: number
  readonly type: string
  readonly processes: number
  /** The lowest pid in it. */
  readonly pid: number
}

/** What util-linux finds: nsx must find at least that. */
export function lsns(): LsnsRow[] {
  return lsnsColumns('NS', 'TYPE', 'NPROCS', 'PID').map(([inum, type, processes, pid]) => ({
    inum: Number(inum),
    type: type ?? '',
    processes: Number(processes),
    pid: Number(pid),
  }))
}

/** Any columns that hold no spaces, e.g. PNS (parent) and ONS (owner). */
export function lsnsColumns(...columns: string[]): string[][] {
  const text = execFileSync('lsns', ['--noheadings', '--list', '--output', columns.join(',')], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
  })
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.trim().split(/ +/))
}
