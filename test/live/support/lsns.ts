import { spawnSync } from 'node:child_process'

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
  return runLsns(['--noheadings', '--list', '--output', columns.join(',')])
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.trim().split(/ +/))
}

/** It gives up where a process ends while it is read, so it is asked again. */
function runLsns(args: readonly string[]): string {
  const env = { PATH: process.env.PATH ?? '', LC_ALL: 'C' }
  let failure = ''
  for (let round = 0; round < 10; round++) {
    const { status, stdout, stderr } = spawnSync('lsns', args, { encoding: 'utf8', env })
    if (status === 0) return stdout
    failure = stderr
  }
  throw new Error(`lsns: ${failure}`)
}
