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

/** Runs nsx; as it is about to make that call it is held up (strace(1)), and `meanwhile` runs. */
export async function heldUp(
  args: readonly string[],
  { call, path, nth }: HoldUp,
  meanwhile: () => Promise<void>,
): Promise<NsxResult> {
  const how = ['-f', '--quiet=all', '--signal=none', '-o', '/dev/null', '-P', path]
  const inject = `inject=${call}:delay_enter=1000000:when=${nth}`
  const child = spawnNsx(args, {
    via: [commandPath('strace'), ...how, '-e', `trace=${call}`, '-e', inject],
  })
  const watched = watch(child)
  const number = NUMBERS[arch() as keyof typeof NUMBERS][call]
  let last: string | null = null
  await until(`nsx to come to ${call}`, () => {
    if (watched.over()) throw new Error(`nsx made no such call: ${watched.stderr()}`)
    const now = heldCall(child.pid as number, number)
    const same = now !== null && now === last
    last = now
    return same || null
  })
  await meanwhile()
  const code = await watched.end
  return {
    ...{ stdout: watched.stdout(), stderr: watched.stderr(), timedOut: false },
    code: typeof code === 'number' ? code : null,
  }
}

/** Which thread waits before that call, and where: in the words of /proc (proc_pid_syscall(5)). */
function heldCall(strace: number, number: number): string | null {
  const [traced] = childrenOf(strace)
  const tids =
    traced === undefined ? [] : (attempt(() => readdirSync(`/proc/${traced}/task`)) ?? [])
  for (const tid of tids) {
    const folder = `/proc/${traced}/task/${tid}`
    const stopped = attempt(() => readFileSync(`${folder}/status`, 'utf8'))?.includes('State:\tt')
    const call = attempt(() => readFileSync(`${folder}/syscall`, 'utf8')) ?? ''
    if (stopped && call.startsWith(`${number} `)) return `${tid} ${call}`
  }
  return null
}

function childrenOf(pid: number): string[] {
  const text = attempt(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')) ?? ''
  return text.split(' ').filter((word) => word !== '')
}
