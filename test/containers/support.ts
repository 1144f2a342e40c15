import type { ProcessEvidence, Relative, WantedFile } from '../../src/containers/family.ts'
import { containerOf, UNTOLD, wantKey, wantsOf } from '../../src/containers/name.ts'
import { type Recognised, recognise } from '../../src/containers/recognise.ts'
import type { Errno } from '../../src/kernel/errno.ts'
import { parseMountinfo } from '../../src/kernel/mountinfo.ts'
import { parseProcCgroup } from '../../src/kernel/proc-cgroup.ts'
import type { Container } from '../../src/model/container.ts'
import { containerLabel } from '../../src/model/container-label.ts'

export const ID = '3f2a9c0b1d4e'.padEnd(64, '7')
export const ID2 = '77b1d0e2f3a4'.padEnd(64, '5')
export const POD = '11111111-2222-3333-4444-555555555555'
export const PODID = 'aa'.repeat(32)

export interface Seen {
  /** The lines of /proc/PID/cgroup, or one path of cgroup v2. */
  readonly cgroup?: string
  /** The process first. Command lines as one would type them. */
  readonly lineage?: readonly (string | Partial<Relative>)[]
  readonly mountinfo?: string
  /** By `/path` of the host, or `PID/link/path`: a text, a value to be JSON, or an errno. */
  readonly files?: Readonly<Record<string, unknown>>
}

/** Relatives get the pids 1000, 999, 998 … and are root's, but for the process, which is 1000's. */
export function evidenceOf({
  cgroup = '/',
  lineage = ['sleep 9'],
  mountinfo,
}: Seen): ProcessEvidence {
  return {
    cgroups: parseProcCgroup(cgroup.includes(':/') ? cgroup : `0::${cgroup}`),
    lineage: lineage.map((relative, i) => relativeOf(relative, i)),
    mounts: mountinfo === undefined ? null : parseMountinfo(mountinfo),
  }
}

function relativeOf(relative: string | Partial<Relative>, i: number): Relative {
  const given = typeof relative === 'string' ? { args: relative.split(' ') } : relative
  const program = given.args?.[0]?.split('/').at(-1) ?? ''
  return { pid: 1000 - i, comm: program.slice(0, 15), args: [], uid: i === 0 ? 1000 : 0, ...given }
}

/** What collect/ does, with the files of the test: a missing one is ENOENT. */
export function nameOf(seen: Seen): Container | null | typeof UNTOLD {
  const recognised = recognise(evidenceOf(seen))
  if (!recognised) return null
  const files = new Map<Recognised, WantedFile[]>()
  for (let one: Recognised | null = recognised; one; one = one.outer) {
    const read: WantedFile[] = []
    files.set(one, read)
    for (let round = 0; round < 3; round++) {
      for (const want of wantsOf(one, read)) {
        read.push({ want, answer: answerOf(seen.files?.[wantKey(want)]) })
      }
    }
  }
  return containerOf(recognised, (one) => files.get(one) ?? [])
}

function answerOf(value: unknown): { text: string } | { errno: Errno } {
  if (value === undefined) return { errno: 'ENOENT' }
  if (typeof value !== 'string') return { text: JSON.stringify(value) }
  return /^E[A-Z]+$/.test(value) ? { errno: value } : { text: value }
}

export function labelOf(seen: Seen): string | null {
  const container = nameOf(seen)
  return container === null || container === UNTOLD ? container : containerLabel(container)
}

/** As `nameOf`, where there must be one. */
export function containerIn(seen: Seen): Container {
  const container = nameOf(seen)
  if (container === null || container === UNTOLD)
    throw new Error(`nothing was recognised: ${container}`)
  return container
}

export function shim(
  namespace: string,
  id: string,
  more: Partial<Relative> = {},
): Partial<Relative> {
  const args = ['/usr/bin/containerd-shim-runc-v2', '-namespace', namespace, '-id', id]
  return {
    comm: 'containerd-shim',
    args: [...args, '-address', '/run/containerd/containerd.sock'],
    ...more,
  }
}

export function conmon(id: string, name: string, more: Partial<Relative> = {}): Partial<Relative> {
  const bundle = `/var/lib/containers/storage/overlay-containers/${id}/userdata`
  const args = ['/usr/bin/conmon', '--api-version', '1', '-c', id, '-u', id, '-r', '/usr/bin/runc']
  return {
    comm: 'conmon',
    args: [...args, '-b', bundle, '-n', name, '--exit-dir', '/run/x'],
    ...more,
  }
}
