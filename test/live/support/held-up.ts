import { readdirSync, readFileSync } from 'node:fs'
import { arch } from 'node:os'
import { until, watch } from './children.ts'
import { commandPath } from './needs.ts'
import { type NsxResult, spawnNsx } from './nsx.ts'
import { attempt } from './proc.ts'

/** Numbers of system calls, for which strace has the names (syscalls(2)). */
const NUMBERS = {
  x64: { getdents64: 217, openat: 257 },
  arm64: { getdents64: 61, openat: 56 },
} as const

export interface HoldUp {
  readonly call: 'getdents64' | 'openat'
  /** Only calls about this path, as it is written. */
  readonly path: string
  /** The nth of them. */
  readonly nth: number
}

/** Runs nsx; as it is about to make that call it is held up (strace(1)) until `meanwhile` is done. */
export async function heldUp(
  args: readonly string[],
  { call, path, nth }: HoldUp,
  meanwhile: () => Promise<void>,
): Promise<NsxResult> {
  // With -D it is strace that is the child, of nsx.
  const how = ['-D', '-f', '--quiet=all', '--signal=none', '-o', '/dev/null', '-P', path]
  const inject = `inject=${call}:delay_enter=30000000:when=${nth}`
  const child = spawnNsx(args, {
    via: [commandPath('strace'), ...how, '-e', `trace=${call}`, '-e', inject],
  })
  const pid = child.pid as number
  const watched = watch(child)
  const number = NUMBERS[arch() as keyof typeof NUMBERS][call]
  let last: string | null = null
  try {
    await until(`nsx to come to ${call}`, () => {
      if (watched.over()) throw new Error(`nsx made no such call: ${watched.stderr()}`)
      const now = heldCall(pid, number)
      const same = now !== null && now === last
      last = now
      return same || null
    })
    await meanwhile()
  } finally {
    // With its tracer gone, nsx goes on (ptrace(2)).
    const tracer = attempt(() => tracerOf(pid)) ?? 0
    if (tracer > 0) process.kill(tracer, 'SIGKILL')
  }
  const code = await watched.end
  return {
    ...{ stdout: watched.stdout(), stderr: watched.stderr(), timedOut: false },
    code: typeof code === 'number' ? code : null,
  }
}

/** Which thread waits before that call, and where: in the words of /proc (proc_pid_syscall(5)). */
function heldCall(pid: number, number: number): string | null {
  for (const tid of attempt(() => readdirSync(`/proc/${pid}/task`)) ?? []) {
    const folder = `/proc/${pid}/task/${tid}`
    const stopped = attempt(() => readFileSync(`${folder}/status`, 'utf8'))?.includes('State:\tt')
    const call = attempt(() => readFileSync(`${folder}/syscall`, 'utf8')) ?? ''
    if (stopped && call.startsWith(`${number} `)) return `${tid} ${call}`
  }
  return null
}

function tracerOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^TracerPid:\t(\d+)$/m.exec(status)?.[1])
}
