import { errnoName } from '../host/errno-name.ts'
import type { Host } from '../host/port.ts'
import { throwIfOurs } from '../host/system-error.ts'
import { isInitialInum, NS_TYPE_NAMES, type NsType } from '../kernel/namespace-types.ts'
import { processNamespaces } from './context.ts'

/** The first kernel thread: it stays in the namespaces of the boot (kernel/kthread.c). */
const KTHREADD = 2

/**
 * Which namespaces are those of the boot. Their inode numbers tell; before Linux 6.18 not those of mnt and
 * net, which are then looked up at kthreadd, as far as it may be read.
 *
 * @param pidNs inode of the reader's PID namespace: in another one, pid 2 is anybody.
 */
export function initialNamespaces(
  host: Host,
  pidNs: number | undefined,
): (inum: number) => boolean {
  if (pidNs === undefined || !isInitialInum(pidNs)) return isInitialInum
  const { inums, errnos } = processNamespaces(host, KTHREADD)
  for (const errno of errnos.values()) throwIfOurs(errnoName(errno), `process ${KTHREADD}`)
  const types: readonly NsType[] = NS_TYPE_NAMES
  const found = new Set(types.flatMap((type) => inums.get(type) ?? []))
  return (inum) => isInitialInum(inum) || found.has(inum)
}
