import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandPath } from './needs.ts'
import { type NsxResult, runNsx } from './nsx.ts'

export interface SystemCall {
  readonly tid: number
  readonly name: string
  /** The arguments as strace prints them, descriptors with their paths: `20</proc/7>, "ns/net"`. */
  readonly args: string
  readonly result: string
}

export interface Traced extends NsxResult {
  readonly calls: readonly SystemCall[]
  /** Whose tid is that of the main thread. */
  readonly pid: number
}

export interface TraceOptions {
  /** System calls, as after -e trace=; a question mark before what not every machine has. */
  readonly trace: string
  /** Only those that are about one of these paths, or whose path argument is written so. */
  readonly paths?: readonly string[]
  /** What happens to them, as after -e inject=. */
  readonly inject?: string
}

/** Runs nsx under strace(1), with all its threads. */
export async function traceNsx(
  args: readonly string[],
  { trace, paths = [], inject }: TraceOptions,
): Promise<Traced> {
  const folder = mkdtempSync(join(tmpdir(), 'nsx-strace-'))
  const log = `${folder}/log`
  try {
    const how = ['-f', '--quiet=all', '--decode-fds=path', '--signal=none', '-s', '4096', '-o', log]
    const via = [
      ...[commandPath('strace'), ...how, '-e', `trace=${trace}`],
      ...paths.flatMap((path) => ['-P', path]),
      ...(inject === undefined ? [] : ['-e', `inject=${inject}`]),
    ]
    const result = await runNsx(args, { via })
    const calls = readFileSync(log, 'utf8').split('\n').flatMap(parseCall)
    return { ...result, calls, pid: calls[0]?.tid ?? 0 }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Of a call that another thread interrupted only the beginning, which has the arguments. */
function parseCall(line: string): SystemCall[] {
  const [, tid, name = '', args = '', result = ''] =
    /^(\d+) +(\w+)\((.*?)(?:\) += (.*)| <unfinished \.\.\.>)$/.exec(line) ?? []
  return tid === undefined ? [] : [{ tid: Number(tid), name, args, result }]
}
