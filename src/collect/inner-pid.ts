import { EXIT, NsxError } from '../errors.ts'
import type { Host } from '../host/port.ts'
import type { ContainerCandidate, InnerTarget } from '../model/target.ts'
import { readKin } from './topmost.ts'

/**
 * The process that is pid `target.pid` in the PID namespace of a container, as the reader sees it. It need
 * not be the container's own: others may share its PID namespace or stand below it.
 *
 * @param leader a process of the container
 * @throws NsxError where there is none
 */
export function findInner(
  host: Host,
  how: { target: InnerTarget; candidate: ContainerCandidate; leader: number },
): number {
  const { target, candidate, leader } = how
  const level = (readKin(host, [leader])[0]?.nsPids.length ?? 0) - 1
  const found =
    level < 0
      ? undefined
      : readKin(host, visible(host, leader) ?? candidate.pids).find(
          ({ nsPids }) => nsPids[level] === target.pid,
        )
  if (found) return found.pid
  throw new NsxError(`${candidate.label} sees no process ${target.pid}`, {
    code: 'no-such-process',
    exitCode: EXIT.noTarget,
    target: target.text,
    hint: `its topmost process is pid ${leader} as we see it; ps -e inside shows the others`,
  })
}

/**
 * The processes in the PID namespace of the leader or in one below it; null: that may not be read, and
 * only the container's own processes are known to be in it.
 */
function visible(host: Host, leader: number): number[] | null {
  const pids = host.listPids()
  const { inums } = host.scanProcesses({
    ...{ pids, types: ['pid'], descriptors: false, sockets: false },
  })
  const root = inums[pids.indexOf(leader)] ?? 0
  if (root === 0) return null
  const below = descendants(host, root, { pids, inums })
  return [...pids].filter((_, i) => below.has(inums[i] as number))
}

function descendants(
  { describe }: Host,
  root: number,
  { pids, inums }: { pids: Int32Array; inums: Uint32Array },
): ReadonlySet<number> {
  const below = new Set([root])
  if (!describe) return below
  const members = new Map([...inums].map((inum, i) => [inum, pids[i] as number]))
  members.delete(0)
  const handles = [...members].map(([inum, pid]) => ({
    ...({ kind: 'link', pid, type: 'pid', inum } as const),
  }))
  const parents = new Map(
    describe(handles, { nsid: false }).facts.map(({ inum, parent }) => [inum, parent]),
  )
  for (const inum of members.keys()) {
    const path: number[] = []
    let at: number | string | null | undefined = inum
    while (typeof at === 'number' && !below.has(at)) {
      path.push(at)
      at = parents.get(at)
    }
    if (typeof at === 'number') for (const one of path) below.add(one)
  }
  return below
}
