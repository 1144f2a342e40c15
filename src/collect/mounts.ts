import { errnoName } from '../host/errno-name.ts'
import { errnoOf } from '../host/system-error.ts'
import { parseMountinfo } from '../kernel/mountinfo.ts'
import { parseNsLink } from '../kernel/ns-link.ts'
import type { Context } from './context.ts'
import { addGap, addHolder, namespaceOf } from './draft.ts'

/** Bind mounts of namespaces in our own mount namespace: /run/netns and the like. */
export function collectMounts({ host, draft, request, reader }: Context): void {
  draft.sources.set('mounts', 'read')
  try {
    for (const mount of parseMountinfo(host.procfs.text('self/mountinfo'))) {
      const link = mount.fsType === 'nsfs' ? parseNsLink(mount.root) : null
      if (!link || !request.types.includes(link.type)) continue
      addHolder(namespaceOf(draft, link.type, link.inum), 'mount', {
        path: mount.mountPoint,
        namespace: reader.get('mnt') ?? null,
      })
    }
  } catch (error) {
    const errno = errnoName(errnoOf(error))
    addGap(draft, 'mounts', { errno })
    // A procfs that shows no `self` (of another PID namespace, or a saved one) has no mounts of ours.
    draft.sources.set('mounts', 'unavailable')
  }
}
