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
  const entry = entryOf(files, id)
  const own = configOf(files, id)
  if (entry === undefined && own === undefined) return undefined
  const names: unknown = (entry as { names?: unknown } | undefined)?.names
  const name = Array.isArray(names) ? names.find((one) => typeof one === 'string') : undefined
  // A text within the text.
  const image = stringAt(parseJson(stringAt(entry, 'metadata') ?? ''), 'image-name')
  const { wants, ...pod } = podOf({ id, told }, own, files)
  return {
    ...(name === undefined ? {} : { name }),
    ...(entry === undefined ? {} : { image }),
    ...(pod.name === null && pod.uid === null
      ? {}
      : { pod: { name: pod.name, namespace: null, uid: pod.uid } }),
    ...(wants.length > 0 ? { wants } : {}),
  }
}

function entryOf(files: readonly WantedFile[], id: string | null): unknown {
  const lists = ['/containers.json', '/volatile-containers.json'].flatMap((end) =>
    documentsOf(files, end),
  )
  return lists
    .flatMap((list): unknown[] => (Array.isArray(list) ? list : []))
    .find((entry) => stringAt(entry, 'id') === id)
}

function configOf(files: readonly WantedFile[], id: string | null): unknown {
  return documentsOf(files, `/${id}/userdata/config.json`)[0]
}

/** A pod's name stands in podman's database alone, but it is the host name of its infra container. */
function podOf(
  { id, told }: Pick<Match, 'id' | 'told'>,
  own: unknown,
  files: readonly WantedFile[],
): { name: string | null; uid: string | null; wants: readonly Want[] } {
  const infra = stringAt(own, 'annotations', 'io.kubernetes.cri-o.SandboxID')
  const uid = told.pod?.uid ?? null
  if (uid === null && infra === null) return { name: null, uid, wants: [] }
  const name = stringAt(infra === null ? own : configOf(files, infra), 'hostname')
  const { want } = files.find(({ want }) => want.path.endsWith(`/${id}/userdata/config.json`)) ?? {}
  // Nothing but a number may lead to another file.
  const leads = name === null && infra !== null && LONG_ID.test(infra) && want
  return { name, uid, wants: leads ? [infraWant(want, `${id}`, infra)] : [] }
}

function infraWant(want: Want, id: string, infra: string): Want {
  return { ...want, path: want.path.replace(`/${id}/`, `/${infra}/`) }
}
