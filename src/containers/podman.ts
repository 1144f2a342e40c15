import { type Conmon, conmonOf } from './conmon.ts'
import { LONG_ID, monitorOf, userOfPath } from './evidence.ts'
import type { Family, Match, Relative, Told, Want, WantedFile } from './family.ts'
import { documentsOf, parseJson, stringAt } from './json.ts'

/**
 * Podman: `libpod-ID.scope`, `libpod-ID`, in a unit of Quadlet `libpod-payload-ID`. Rootless without
 * systemd's user manager it makes no cgroup, and conmon, the parent, is what tells; where conmon is out of
 * sight, the mounts.
 */
export const podman: Family = {
  family: 'podman',
  inCgroup({ path, evidence }) {
    const id = /^libpod-(?:payload-)?([0-9a-f]{64})(?:\.scope)?$/.exec(path.at(-1) ?? '')?.[1]
    if (id === undefined) return null
    const user = userOfPath(path)
    const monitor = monitorOf(evidence.lineage, user, (relative) => conmonOf(relative)?.id === id)
    const parent = path.at(-2) ?? ''
    const slice = /libpod_pod_([0-9a-f]{64})\.slice$/.exec(parent)?.[1] ?? null
    const inPod = path.at(-3) === 'libpod_parent' && LONG_ID.test(parent)
    const depth = inPod ? 3 : parent === 'libpod_parent' || slice !== null ? 2 : 1
    return {
      ...matchOf(id, monitor === null ? undefined : evidence.lineage[monitor]),
      ...(monitor === null && user !== null ? { wants: [] } : {}),
      ...podTold(slice ?? (inPod ? parent : null), evidence.lineage, monitor),
      rest: path.length - depth,
      monitor,
    }
  },
  byProcess({ index, relative }) {
    const conmon = index > 0 ? conmonOf(relative) : null
    if (!conmon || !LONG_ID.test(conmon.id)) return null
    // CRI-O's are in its family, by their cgroup.
    if (conmon.name?.startsWith('k8s_')) return null
    return { ...matchOf(conmon.id, relative), monitor: index }
  },
  byMounts({ mounts, lineage }) {
    // Other mounts can be of the container whose network it shares; this one is its own.
    const own = mounts?.find(({ mountPoint }) => mountPoint === '/run/.containerenv')
    const file = /\/(?:overlay|vfs)-containers\/([0-9a-f]{64})\/userdata\/\.containerenv$/
    const id = file.exec(own?.root ?? '')?.[1]
    if (!own || id === undefined) return null
    const evidence = { kind: 'mount', where: own.root, uid: lineage[0]?.uid ?? null } as const
    return { ...matchOf(id, undefined), wants: [], monitor: null, evidence: [evidence] }
  },
  name: nameOf,
}

function matchOf(id: string, watcher: Relative | undefined): Match {
  const conmon = watcher && conmonOf(watcher)
  return {
    ...{ kind: 'container', id, monitor: null },
    told: conmon?.name ? { name: conmon.name } : {},
    tells: ['name', 'image'],
    wants: watcher && conmon ? conmonWants(watcher, conmon) : usualWants(id),
  }
}

/** A pod's name stands in podman's database alone, but it is the host name of its containers. */
function podTold(
  uid: string | null,
  lineage: readonly Relative[],
  monitor: number | null,
): Pick<Match, 'told'> | undefined {
  if (uid === null) return undefined
  const watcher = monitor === null ? undefined : lineage[monitor]
  const name = watcher && conmonOf(watcher)?.name
  return { told: { ...(name ? { name } : {}), pod: { name: null, namespace: null, uid } } }
}

const USUAL = 'var/lib/containers/storage'
const DRIVERS = ['overlay', 'vfs'] as const

function usualWants(id: string): Want[] {
  return DRIVERS.flatMap((driver) => storageWants('host', `${USUAL}/${driver}-containers`, id))
}

/** The bundle is `STORAGE/DRIVER-containers/ID/userdata`. */
function conmonWants({ pid }: Relative, { id, bundle }: Conmon): Want[] {
  const folder = /^\/(.+)\/[0-9a-f]{64}\/userdata\/*$/.exec(bundle ?? '')?.[1]
  return folder === undefined ? usualWants(id) : storageWants({ pid, link: 'root' }, folder, id)
}

function storageWants(below: Want['below'], folder: string, id: string): Want[] {
  return [
    { below, path: `${folder}/containers.json` },
    { below, path: `${folder}/${id}/userdata/config.json` },
    // Those of --rm.
    { below, path: `${folder}/volatile-containers.json` },
  ]
}

function nameOf({ id, told }: Match, files: readonly WantedFile[]): Told {
  const lists = documentsOf(files, '/containers.json').concat(
    documentsOf(files, '/volatile-containers.json'),
  )
  const entry = lists.flatMap((list) => (Array.isArray(list) ? list : [])).find((e) => e?.id === id)
  const bundle = documentsOf(files, '/config.json')[0]
  if (entry === undefined && bundle === undefined) return undefined
  const names: unknown[] = Array.isArray(entry?.names) ? entry.names : []
  const name = names.find((candidate): candidate is string => typeof candidate === 'string')
  // A text within the text.
  const image = stringAt(parseJson(stringAt(entry, 'metadata') ?? ''), 'image-name')
  const sandbox = stringAt(bundle, 'annotations', 'io.kubernetes.cri-o.SandboxID')
  const hostname = stringAt(bundle, 'hostname')
  return {
    ...(name === undefined ? {} : { name }),
    ...(entry === undefined ? {} : { image }),
    // Infra containers have the pod's number in their name, and so has the pod's cgroup.
    ...(told.pod ? { pod: { ...told.pod, name: hostname } } : {}),
    ...(!told.pod && sandbox !== null
      ? { pod: { name: hostname, namespace: null, uid: null } }
      : {}),
  }
}
