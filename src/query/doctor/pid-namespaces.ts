import type { LingeringProcess } from '../../model/checkup.ts'
import { dependentsOf } from '../../model/dependents.ts'
import type { Namespace } from '../../model/snapshot.ts'
import { countOf } from '../why/words.ts'
import type { Observation } from './finding.ts'
import { heldAlone } from './held-alone.ts'
import type { Scene } from './scene.ts'

/**
 * PID namespaces whose init has ended: nothing can be started in them any more (fork fails with ENOMEM,
 * pid_namespaces(7)); and those in which init cannot end, because it waits for a process that does not go
 * (zap_pid_ns_processes() in kernel/pid_namespace.c).
 */
export function checkPidNamespaces(scene: Scene): Observation[] {
  const { made, snapshot, checkup } = scene
  return made.flatMap((ns): Observation[] => {
    if (ns.type !== 'pid' || checkup.unborn.includes(ns.inum)) return []
    const below = dependentsOf(snapshot.namespaces, ns.inum)
      .filter(({ relation }) => relation === 'child')
      .flatMap(({ inum }) => snapshot.namespaces.find((one) => one.inum === inum) ?? [])
    const members = [ns, ...below].flatMap((one) => one.members)
    if (members.length === 0) return isEmpty(ns, scene) ? [deadOf(ns, scene)] : []
    return stuckOf(ns, members, scene)
  })
}

/** All processes of PID namespaces below ours are in sight, of others none need be (pid_namespaces(7)). */
function isEmpty(ns: Namespace, { snapshot, checkup }: Scene): boolean {
  if (checkup.innerUntold) return false
  const parents = new Map(snapshot.namespaces.map(({ inum, parent }) => [inum, parent]))
  let at: number | null | undefined = ns.inum
  while (at && at !== snapshot.host.pidNs?.inum) at = parents.get(at)
  return at === snapshot.host.pidNs?.inum
}

function deadOf(ns: Namespace, scene: Scene): Observation {
  const held = heldAlone(ns, scene)
  const waiting = ns.holders.find(({ kind }) => kind === 'forChildren')
  const base = { code: 'dead-pid-namespace', type: 'pid', subject: held.subject } as const
  if (waiting) {
    const parent = scene.who(waiting.pid)
    return {
      ...{ ...base, severity: 'error', group: `children ${waiting.pid}` },
      say: () => ({
        text: `${parent} cannot start any process: its children would be born into a PID namespace whose init has ended, so that fork fails with ENOMEM (cannot allocate memory)`,
        remedy: `end ${parent}, and start it by unshare --pid --fork, or nsx run --pid`,
      }),
    }
  }
  return {
    ...{ ...base, severity: 'warning', group: held.group },
    say: (subjects) => ({
      text: `${countOf(subjects.length, DEAD)}, kept by ${held.words ?? 'nothing that could be seen'}: nothing can be started in it any more`,
      remedy: `let go of ${subjects.length === 1 ? 'it' : 'them'}: ${whyHint(subjects[0]?.namespace?.inum ?? ns.inum)}`,
    }),
  }
}

const DEAD = ['PID namespace whose init has ended', 'PID namespaces whose init has ended'] as const

function whyHint(inum: number): string {
  return `nsx why pid:[${inum}] tells how`
}

function stuckOf(ns: Namespace, members: readonly number[], scene: Scene): Observation[] {
  const { placed, checkup } = scene
  const lingering = new Map(checkup.lingering.map((process) => [process.pid, process]))
  const init = ns.members.find((pid) => placed.get(pid)?.nsPids.at(-1) === 1)
  // Still there, and nothing is left of it but what a zombie has.
  const ending = init === undefined ? undefined : lingering.get(init)
  if (init === undefined || !ending || scene.isAlive(init)) return []
  const others = members.filter((pid) => pid !== init)
  const blockers = others.length > 0 ? others : [init]
  return blockers.flatMap((pid): Observation[] => {
    const process = lingering.get(pid)
    const blocked = blockerOf(pid, process, scene)
    return [
      {
        ...{ code: 'stuck-pid-namespace', severity: 'error', type: 'pid' },
        group: `${ns.inum} ${blocked.remedy}`,
        subject: scene.subject({ ns, pid, detail: blocked.text }),
        say: (subjects) => ({
          text: stuckText({ ns, init, count: subjects.length, waits: others.length > 0 }, scene),
          remedy: blocked.remedy,
        }),
      },
    ]
  })
}

interface Stuck {
  readonly ns: Namespace
  readonly init: number
  readonly count: number
  /** Init waits for others; else nobody waits for it. */
  readonly waits: boolean
}

function stuckText({ ns, init, count, waits }: Stuck, { who }: Scene): string {
  const where = `pid:[${ns.inum}]`
  if (!waits) return `the init of ${where}, ${who(init)}, has ended, and nobody has waited for it`
  const blocked = countOf(count, ['process that does not go', 'processes that do not go'])
  return `${where} cannot end: its init ${who(init)} waits for ${blocked}`
}

/** Why a process does not go, and what would make it. */
function blockerOf(
  pid: number,
  process: LingeringProcess | undefined,
  { who, placed }: Scene,
): { readonly text: string; readonly remedy: string } {
  const name = who(pid)
  const ppid = placed.get(pid)?.ppid ?? 0
  const parent = ppid === 0 ? 'its parent, which is out of sight' : who(ppid)
  if (process && process.tracer !== null) {
    const tracer = who(process.tracer)
    return { text: `${name} is traced by ${tracer}`, remedy: `end the tracer ${tracer}` }
  }
  if (process?.state === 'Z') {
    return {
      text: `${name} is a zombie: ${parent} does not wait for it`,
      remedy: `end or mend ${parent}, which has to wait for its children (wait(2))`,
    }
  }
  if (process?.state === 'D') {
    return {
      text: `${name} waits in the kernel and cannot be interrupted`,
      remedy: `find what it waits for: /proc/${pid}/stack; often a disk or a file server that does not answer`,
    }
  }
  return { text: `${name} has been killed and has not ended`, remedy: `look at /proc/${pid}/stack` }
}
