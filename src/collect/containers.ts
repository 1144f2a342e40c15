import { containerOf, UNTOLD } from '../containers/name.ts'
import { type Recognised, recognise, tellsItself } from '../containers/recognise.ts'
import type { FileText, Host } from '../host/port.ts'
import type { Errno } from '../kernel/errno.ts'
import type { Container } from '../model/container.ts'
import type { Gap, Process } from '../model/snapshot.ts'
import { addGap, newDraft } from './draft.ts'
import { readLineages, readMounts, type Told } from './lineage.ts'
import { readWantedFiles } from './wanted-files.ts'

/** What processes are contained in. */
export interface Containers {
  /**
   * By pid; processes of one container share one object. Null: it is in none. A pid that is not there:
   * the process is gone, or it could not be told (then a gap says why).
   */
  readonly of: ReadonlyMap<number, Container | null>
  readonly gaps: readonly Gap[]
  /** Nothing here reads the files that would name some of them. */
  readonly partial: boolean
}

/**
 * Tells what each of these processes is contained in, without asking a daemon. Names come from a few files
 * a container, read by a child that cannot hang us.
 *
 * @param known what has been read of these processes: that is not read again.
 * @param cgroups of those known: what was read in the same visit.
 * @throws an error of a system call that makes all answers worthless (see `Host`), or an NsxError where our
 *   own resources run out.
 */
export async function collectContainers(
  host: Host,
  pids: readonly number[],
  known: readonly Process[] = [],
  cgroups: ReadonlyMap<number, FileText> = new Map(),
): Promise<Containers> {
  const draft = newDraft()
  const onFailure = (errno: Errno, pid: number): void => addGap(draft, 'containers', { errno, pid })
  const told = readLineages(host, [...new Set(pids)], { known, cgroups, onFailure })
  const recognised = recogniseAll(told, (pid) => readMounts(host, pid, onFailure))
  const files = await readWantedFiles(host, [...new Set(recognised.values())])
  const named = new Map<Recognised, Container | null | typeof UNTOLD>()
  const of = new Map<number, Container | null>()
  for (const [pid, { broken }] of told) {
    const found = recognised.get(pid)
    if (!found) {
      // Of a parent that could not be read nobody knows what it would have told.
      if (!broken) of.set(pid, null)
      continue
    }
    const container = named.has(found)
      ? (named.get(found) as Container | null | typeof UNTOLD)
      : containerOf(files.owned(found), files.of)
    named.set(found, container)
    if (container !== UNTOLD) of.set(pid, container)
    if (isLacking(container)) for (const errno of files.errnos(found)) onFailure(errno, pid)
  }
  return { of, gaps: [...draft.gaps.values()], partial: files.unread }
}

function isLacking(container: Container | null | typeof UNTOLD): boolean {
  if (container === null || container === UNTOLD) return container === UNTOLD
  return container.unknown.length > 0 || isLacking(container.outer)
}

/** One object for each container, however many processes have shown it. */
function recogniseAll(
  told: ReadonlyMap<number, Told>,
  mountsOf: (pid: number) => Told['evidence']['mounts'],
): Map<number, Recognised> {
  const all = new Map<number, Recognised>()
  const known = new Map<string, Recognised | null>()
  const interned: Interned = { byKey: new Map(), numbers: new Map() }
  for (const [pid, { evidence, key }] of told) {
    const own = tellsItself(evidence)
    let found = own ? undefined : known.get(key)
    if (found === undefined) {
      const recognised = recognise(evidence)
      found = recognised && intern(recognised, evidence.lineage, interned)
      if (!own) known.set(key, found)
    }
    // Rootless podman's may have no cgroup, and a parent that says nothing.
    if (isUncontained(found) && evidence.lineage[0]?.uid !== 0) {
      const recognised = recognise({ ...evidence, mounts: mountsOf(pid) })
      found = recognised && intern(recognised, evidence.lineage, interned)
    }
    if (found) all.set(pid, found)
  }
  return all
}

function isUncontained(found: Recognised | null): boolean {
  return found === null || (found.match.kind === 'unit' && isUncontained(found.outer))
}

/** The containers so far by what makes them the same, and a number for each. */
interface Interned {
  readonly byKey: Map<string, Recognised>
  readonly numbers: Map<Recognised, number>
}

/**
 * The same container as seen before: of the same family, number and name, told by the same cgroup, or the
 * same process, of the same user, and in the same one. A number alone does not make it the same: anybody
 * can say one.
 */
function intern(
  found: Recognised,
  lineage: Told['evidence']['lineage'],
  interned: Interned,
): Recognised {
  const { byKey, numbers } = interned
  const outer = found.outer && intern(found.outer, lineage, interned)
  const { family, match, cgroup, maker } = found
  const monitor = match.monitor === null ? null : lineage[match.monitor]?.pid
  const key = JSON.stringify([
    ...[family.family, match.id, match.told.name, match.doubtful, maker],
    ...[cgroup ? cgroup.path : monitor, outer && numbers.get(outer)],
  ])
  const same = byKey.get(key)
  if (same) return same
  const fresh = { ...found, outer }
  byKey.set(key, fresh)
  numbers.set(fresh, numbers.size)
  return fresh
}
