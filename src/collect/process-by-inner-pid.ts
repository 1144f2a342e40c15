import { EXIT, NsxError } from '../errors.ts'
import type { Host, NsHandle } from '../host/port.ts'
import type { FoundTask } from './inspecting.ts'
import { readKinship } from './kinship.ts'
import { readKin } from './topmost.ts'

export interface InnerPid {
  /** As it was named: `7@1234`. */
  readonly text: string
  readonly pid: number
  /** The PID namespace that numbers it so; null: it could not be read. */
  readonly inum: number | null
  /** Null: it cannot be opened. */
  readonly handle: NsHandle | null
}

/**
 * The process that has a pid in a PID namespace, whatever that is of: by the kernel (NS_GET_TGID_FROM_PIDNS,
 * Linux 6.11), else by `NSpid:` of the processes whose links can be read.
 *
 * @throws NsxError where there is none
 */
export function processByInnerPid(host: Host, inner: InnerPid): FoundTask {
  const pid = inner.inum === null ? null : (askKernel(host, inner) ?? lookFor(host, inner))
  const [kin] = pid === null || pid === 0 ? [] : readKin(host, [pid])
  if (kin) return kin
  const whose = inner.text.slice(inner.text.indexOf('@') + 1)
  if (inner.inum === null) {
    throw new NsxError(`the PID namespace of ${whose} cannot be read`, {
      code: 'permission-denied',
      exitCode: EXIT.permission,
      target: inner.text,
      hint: 'run it as root: sudo nsx',
    })
  }
  throw new NsxError(`${whose} sees no process ${inner.pid}`, {
    code: 'no-such-process',
    exitCode: EXIT.noTarget,
    target: inner.text,
    hint: `pid:[${inner.inum}] has no such pid, or we do not see whose it is`,
  })
}

/** Null: it cannot be asked. 0: there is none. */
function askKernel({ pidIn }: Host, { handle, pid }: InnerPid): number | null {
  if (!pidIn || !handle) return null
  const answer = pidIn(handle, Int32Array.of(pid), 'from')
  return typeof answer === 'string' ? null : (answer[0] as number)
}

function lookFor(host: Host, { inum, pid }: InnerPid): number {
  const pids = host.listPids()
  const { inums } = host.scanProcesses({
    ...{ pids, types: ['pid'], descriptors: false, sockets: false },
  })
  const members = new Map([...inums].map((each, i) => [each, pids[i] as number]))
  members.delete(0)
  const handles = [...members].map(
    ([each, member]) => ({ kind: 'link', pid: member, type: 'pid', inum: each }) as const,
  )
  const { pidParents } = readKinship(host, handles)
  const found = readKin(host, [...pids]).find((kin) => {
    const own = inums[pids.indexOf(kin.pid)] as number
    const steps = stepsUp(own, inum as number, pidParents)
    return steps !== null && kin.nsPids.at(-1 - steps) === pid
  })
  return found?.pid ?? 0
}

/** How far above the one stands the other; null: it does not. */
function stepsUp(
  from: number,
  to: number,
  parents: ReadonlyMap<number, number | null>,
): number | null {
  const seen = new Set<number>()
  let at: number | null | undefined = from
  for (let steps = 0; typeof at === 'number' && at !== 0 && !seen.has(at); steps++) {
    if (at === to) return steps
    seen.add(at)
    at = parents.get(at)
  }
  return null
}
