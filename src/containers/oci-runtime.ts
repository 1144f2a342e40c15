import { programOf } from './evidence.ts'
import type { CgroupPlace, Match, ProcessEvidence, Relative, Want } from './family.ts'

/**
 * A container of a bare OCI runtime, which nobody but the runtime knows. Its cgroup is `/ID`, where ID is
 * what the user typed, below the runtime's own cgroup: any directory could be meant. So it is believed
 * only where the runtime is its parent (`runc run ID`), or its state directory has that id.
 *
 * @param runtime `runc` or `crun`: the program, and its folder in /run
 */
export function bareMatch(
  { path, evidence }: CgroupPlace,
  runtime: string,
  stateFile: string,
): Match | null {
  const id = path.at(-1) ?? ''
  if (!isIdOfAll(id, evidence)) return null
  const monitor = monitorOfBare(evidence.lineage, runtime, id)
  const wants: Want[] = [{ below: 'host', path: `run/${runtime}/${id}/${stateFile}` }]
  return {
    ...{ kind: 'container', id, tells: [], rest: path.length - 1, monitor, wants },
    told: { name: id, image: null },
    ...(monitor === null ? { doubtful: true } : {}),
  }
}

/** Of runc and crun alike: letters, digits, and a few signs (libcontainer, validateID). */
const ID = /^[\w+.@-]{1,1024}$/
/** Names that others give to cgroups: systemd, its machines, LXC and podman's monitors, kubelet. */
const OTHERS =
  /\.(?:slice|scope|service|mount|socket|swap)$|^(?:lxc\.|kubepods|pod)|^(?:\.\.?|payload|supervisor|container|init|conmon|burstable|besteffort)$/

/**
 * Whether a directory is the process's in every hierarchy, as a runtime makes it: it goes into all. One
 * that is left at its root (v2 beside v1, systemd's own) tells nothing.
 */
function isIdOfAll(id: string, { cgroups }: ProcessEvidence): boolean {
  if (!ID.test(id) || OTHERS.test(id)) return false
  const telling = cgroups.filter(
    ({ controllers, path }) => path.length > 0 || !isSecondary(controllers),
  )
  return telling.every(({ path }) => path.includes(id))
}

function isSecondary(controllers: string): boolean {
  return controllers === '' || controllers.startsWith('name=')
}

function monitorOfBare(lineage: readonly Relative[], runtime: string, id: string): number | null {
  const index = lineage.findLastIndex((relative, i) => i > 0 && isRunOf(relative, runtime, id))
  return index < 0 ? null : index
}

/** `runc [options] run|create [options] ID`. */
function isRunOf(relative: Relative, runtime: string, id: string): boolean {
  if (programOf(relative) !== runtime) return false
  const { args } = relative
  return (args.includes('run') || args.includes('create')) && args.at(-1) === id
}
