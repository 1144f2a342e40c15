import type { Container } from '../../model/container.ts'
import type { Group } from './groups.ts'

/** Which pod a group is in, and whether it is the container that holds the pod's namespaces. */
export interface InPod {
  /** `default/web`, or whatever of it is known; null: in none. */
  readonly pod: string | null
  readonly pause: boolean
}

/** What the containers of a pod share (Kubernetes, podman). */
const SHARED = ['net', 'ipc', 'uts'] as const

/**
 * The pods of groups. A container that says which pod it is of is in that; one that does not is in the pod
 * of a pause container with which it shares a namespace that is not the host's.
 *
 * @param initial inodes of the initial namespaces.
 */
export function podsOf(groups: readonly Group[], initial: ReadonlySet<number>): InPod[] {
  const holders = new Map<number, string>()
  for (const group of groups) {
    const { container, set, main } = group
    if (!container || !main || !isPause(group)) continue
    for (const type of SHARED) {
      const inum = set[type]
      if (inum !== undefined && !initial.has(inum)) holders.set(inum, podName(container))
    }
  }
  return groups.map((group) => {
    const { container, set } = group
    if (!container) return { pod: null, pause: false }
    const pause = isPause(group)
    const shared = SHARED.flatMap((type) => holders.get(set[type] ?? 0) ?? [])[0] ?? null
    const named = container.pod === null ? null : podName(container)
    return { pod: pause ? podName(container) : (named ?? shared), pause }
  })
}

/** Kubernetes' own, by containerd, CRI-O or dockershim; podman's infra container; anybody's `pause`. */
function isPause({ container, leader }: Group): boolean {
  if (container === null || container.kind === 'machine') return false
  if (container.pod !== null) {
    return container.kind === 'sandbox' || /^[0-9a-f]{12}-infra$/.test(container.name ?? '')
  }
  return container.kind === 'container' && leader.comm === 'pause'
}

function podName({ pod, name, id }: Container): string {
  const parts = [pod?.namespace, pod?.name].filter((part) => part)
  if (parts.length > 0) return parts.join('/')
  return pod?.uid ?? name ?? id ?? ''
}
