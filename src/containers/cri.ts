import { dockerMatch } from './docker.ts'
import { dockerNaming } from './docker-files.ts'
import { LONG_ID, userOfPath } from './evidence.ts'
import type { CgroupPlace, Family, Match, Naming, ProcessEvidence } from './family.ts'
import { documentsOf, objectAt, stringAt } from './json.ts'
import { kubeNaming, podOfUid, podUidOf } from './kube.ts'
import { bundleWants, shimIn, usualBundle } from './shim.ts'

/** containerd's namespace of CRI. */
const K8S = 'k8s.io'

/**
 * Containers of Kubernetes pods by containerd or dockershim: `podUID/ID`, `cri-containerd-ID.scope`,
 * `docker-ID.scope` in a pod's slice, and `SLICE:cri-containerd:ID`, which a driver that was told of
 * systemd by mistake leaves as it is.
 *
 * One shim serves a whole pod and has the sandbox's id, so only the cgroup tells the container's.
 */
export const cri: Family = {
  family: 'cri',
  inCgroup(place) {
    const { path, evidence } = place
    const found = idOf(place)
    if (found === null) return null
    const pod = podUidOf(found.slice ?? path.at(-2))
    const match = found.docker
      ? dockerMatch(found.id, evidence, path)
      : containerdMatch(found.id, evidence, path)
    return {
      ...match,
      told: podOfUid(pod),
      tells: ['name', 'image', ...(pod === null ? (['pod'] as const) : [])],
      rest: path.length - (podUidOf(path.at(-2)) === null ? 1 : 2),
    }
  },
  name(match, files) {
    const annotated = documentsOf(files, '/config.json').concat(documentsOf(files, 'config.json'))
    for (const bundle of annotated) {
      const naming = annotatedNaming(objectAt(bundle, 'annotations'))
      if (naming) return naming
    }
    const told = dockerNaming(match, files)
    return told && { ...told, ...kubeNaming(told.name ?? null) }
  },
}

interface Found {
  readonly id: string
  /** Dockershim's. */
  readonly docker: boolean
  readonly slice?: string
}

function idOf({ path, evidence }: CgroupPlace): Found | null {
  const leaf = path.at(-1) ?? ''
  const scoped = /^cri-containerd-([0-9a-f]{64})\.scope$/.exec(leaf)?.[1]
  if (scoped !== undefined) return { id: scoped, docker: false }
  const [, slice, unresolved] = /^(.+\.slice):cri-containerd:([0-9a-f]{64})$/.exec(leaf) ?? []
  if (unresolved !== undefined && slice !== undefined)
    return { id: unresolved, docker: false, slice }
  if (podUidOf(path.at(-2)) === null) return null
  const dockers = /^docker-([0-9a-f]{64})\.scope$/.exec(leaf)?.[1]
  if (dockers !== undefined) return { id: dockers, docker: true }
  if (!LONG_ID.test(leaf)) return null
  const moby = shimIn(evidence, userOfPath(path), ({ namespace, id }) => {
    return namespace === 'moby' && id === leaf
  })
  return { id: leaf, docker: moby !== null }
}

function containerdMatch(id: string, evidence: ProcessEvidence, path: readonly string[]): Match {
  const user = userOfPath(path)
  const found = shimIn(evidence, user, ({ namespace }) => namespace === K8S)
  return {
    kind: 'container',
    id,
    told: {},
    tells: [],
    monitor: found?.index ?? null,
    wants: found
      ? bundleWants(found.relative, found.shim, id)
      : user === null
        ? [usualBundle(K8S, id)]
        : [],
  }
}

const PREFIX = 'io.kubernetes.cri.'

/** containerd, pkg/cri/annotations. */
function annotatedNaming(annotations: unknown): Naming | null {
  const at = (key: string): string | null => stringAt(annotations, `${PREFIX}${key}`)
  const type = at('container-type')
  if (type === null) return null
  const pod = {
    name: at('sandbox-name'),
    namespace: at('sandbox-namespace'),
    uid: at('sandbox-uid'),
  }
  return type === 'sandbox'
    ? { kind: 'sandbox', name: null, image: at('image-name'), pod }
    : { name: at('container-name'), image: at('image-name'), pod }
}
