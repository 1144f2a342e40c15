import { conmonOf } from './conmon.ts'
import { monitorOf, userOfPath } from './evidence.ts'
import type { Family, Naming, Relative, Want } from './family.ts'
import { documentsOf, objectAt, stringAt } from './json.ts'
import { kubeNaming, podOfUid, podUidOf } from './kube.ts'

const STORAGE = 'run/containers/storage/overlay-containers'

/**
 * CRI-O: `crio-ID.scope`, or `podUID/crio-ID`. Its monitors, in `crio-conmon-ID.scope`, are in no
 * container.
 */
export const crio: Family = {
  family: 'crio',
  inCgroup({ path, evidence }) {
    const leaf = path.at(-1) ?? ''
    const id = /^crio-([0-9a-f]{64})(?:\.scope)?$/.exec(leaf)?.[1]
    if (id === undefined) return null
    const user = userOfPath(path)
    const monitor = monitorOf(evidence.lineage, user, (relative) => conmonOf(relative)?.id === id)
    const watcher = monitor === null ? undefined : evidence.lineage[monitor]
    const named = kubeNaming((watcher && conmonOf(watcher)?.name) ?? null)
    const uid = podUidOf(path.at(-2))
    return {
      ...{ kind: 'container', id, monitor },
      told: { ...podOfUid(uid), ...named },
      tells: ['name', 'image', 'pod'],
      rest: path.length - (uid === null ? 1 : 2),
      wants: user === null ? wantsOf(watcher, id) : [],
    }
  },
  name(_, files) {
    const bundle = documentsOf(files, '/config.json')[0]
    return bundle === undefined ? undefined : namingOf(objectAt(bundle, 'annotations'))
  },
}

function wantsOf(watcher: Relative | undefined, id: string): Want[] {
  const below = watcher ? ({ pid: watcher.pid, link: 'root' } as const) : 'host'
  const bundle = watcher && conmonOf(watcher)?.bundle
  const folder = bundle ? bundle.slice(1) : `${STORAGE}/${id}/userdata`
  return [{ below, path: `${folder}/config.json` }]
}

/** CRI-O, internal/annotations, and kubelet's own labels. */
function namingOf(annotations: unknown): Naming {
  const at = (key: string): string | null => stringAt(annotations, `io.kubernetes.${key}`)
  const pod = { name: at('pod.name'), namespace: at('pod.namespace'), uid: at('pod.uid') }
  const image = at('cri-o.ImageName') ?? at('cri-o.Image')
  return at('cri-o.ContainerType') === 'sandbox'
    ? { kind: 'sandbox', name: null, image, pod }
    : { name: at('container.name'), image, pod }
}
