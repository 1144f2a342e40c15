import { dirname, posix } from 'node:path'
import { monitorOf, optionOf, programOf } from './evidence.ts'
import type { ProcessEvidence, Relative, Want } from './family.ts'

/** What containerd's shim, the parent of a container, says on its command line. */
export interface Shim {
  /** `moby` is docker's, `k8s.io` that of CRI. */
  readonly namespace: string
  /** Of CRI: the sandbox's, for one shim serves the whole pod. */
  readonly id: string
  readonly address: string | null
}

export function shimOf(relative: Relative): Shim | null {
  if (!programOf(relative).startsWith('containerd-shim')) return null
  const { args } = relative
  const namespace = optionOf(args, '-namespace', '--namespace')
  const id = optionOf(args, '-id', '--id')
  if (namespace === null || id === null) return null
  return { namespace, id, address: optionOf(args, '-address', '--address') }
}

/** The shim of a lineage for which something holds. */
export function shimIn(
  { lineage }: ProcessEvidence,
  user: number | null,
  holds: (shim: Shim) => boolean,
): { readonly index: number; readonly relative: Relative; readonly shim: Shim } | null {
  const index = monitorOf(lineage, user, (relative) => {
    const shim = shimOf(relative)
    return shim !== null && holds(shim)
  })
  const relative = index === null ? undefined : lineage[index]
  const shim = relative && shimOf(relative)
  return index !== null && relative && shim ? { index, relative, shim } : null
}

const TASKS = 'io.containerd.runtime.v2.task'

/**
 * Where the OCI bundle's config.json of a container may be: the working directory of its shim, and
 * containerd's state directory, which lies beside its socket (that of dockerd's own in `daemon/`).
 */
export function bundleWants(
  relative: Relative,
  { namespace, id: shimId, address }: Shim,
  id: string,
): Want[] {
  const { pid } = relative
  const own: Want[] = shimId === id ? [{ below: { pid, link: 'cwd' }, path: 'config.json' }] : []
  if (address === null || !address.startsWith('/')) return own
  const state = posix.normalize(dirname(address)).slice(1)
  const bundle = `${TASKS}/${namespace}/${id}/config.json`
  return [
    ...own,
    ...[state, `${state}/daemon`].map(
      (folder): Want => ({ below: { pid, link: 'root' }, path: `${folder}/${bundle}` }),
    ),
  ]
}

/** The same where no shim is seen. */
export function usualBundle(namespace: string, id: string): Want {
  return { below: 'host', path: `run/containerd/${TASKS}/${namespace}/${id}/config.json` }
}
