import type { Pod } from '../model/container.ts'
import type { Naming } from './family.ts'

/**
 * The uid of the pod in whose cgroup a path leads (kubelet, pkg/kubelet/cm): `podUID`, or a slice that
 * ends in `-podUID.slice`, in which systemd's escape turns each `-` into `_`. Null: no pod's.
 */
export function podUidOf(directory: string | undefined): string | null {
  const uid = /^(?:kube.*-)?pod([0-9a-zA-Z_-]+?)(?:\.slice)?$/.exec(directory ?? '')?.[1]
  return uid === undefined ? null : uid.replaceAll('_', '-')
}

/** What is known of a pod by its cgroup alone. */
export function podOfUid(uid: string | null): { pod?: Pod } {
  return uid === null ? {} : { pod: { name: null, namespace: null, uid } }
}

/**
 * The parts of a name that kubelet's dockershim and CRI-O give: `k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT`.
 * None of the parts can hold an underscore (they are names of DNS). Container `POD` is the pause container.
 */
export function kubeNaming(name: string | null): Naming | undefined {
  const parts = name?.split('_') ?? []
  const [prefix, container, pod, namespace, uid] = parts
  if (prefix !== 'k8s' || parts.length !== 6 || !container || !pod || !namespace || !uid) {
    return undefined
  }
  const named = { name: container, pod: { name: pod, namespace, uid } }
  return container === 'POD' ? { ...named, kind: 'sandbox' } : named
}
