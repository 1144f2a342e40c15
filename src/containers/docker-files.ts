import type { Match, Naming, Told, Want, WantedFile } from './family.ts'
import { composeOf, documentsOf, objectAt, stringAt } from './json.ts'

/** What docker itself keeps of a container, below its data-root. */
export function dockerConfig(dataRoot: string, id: string): string {
  return `${dataRoot}/containers/${id}/config.v2.json`
}

/** What docker's own file says of a container; else where the OCI bundle tells that this file is. */
export function dockerNaming({ id }: Match, files: readonly WantedFile[]): Told {
  for (const config of documentsOf(files, '/config.v2.json')) {
    if (stringAt(config, 'ID') === id) return namingOf(config)
  }
  const wants = files.flatMap((file) =>
    dataRootsOf(file).map((root) => configBelow(root, id, file)),
  )
  return wants.length > 0 ? { wants } : undefined
}

function namingOf(config: unknown): Naming {
  return {
    name: stringAt(config, 'Name')?.replace(/^\//, '') ?? null,
    image: stringAt(config, 'Config', 'Image'),
    compose: composeOf(objectAt(config, 'Config', 'Labels')),
  }
}

/** Docker mounts these of every container, of another one's where it shares that one's network. */
const OWN_MOUNT = /^(\/.*)\/containers\/[0-9a-f]{64}\/(?:hostname|hosts|resolv\.conf)$/
const ROOTFS = /^(\/.*)\/(?:overlay2|fuse-overlayfs|vfs|btrfs|zfs|aufs|devicemapper|rootfs)\//

/** The data-root (dockerd --data-root), as the paths of a bundle's config.json have it. */
function dataRootsOf(file: WantedFile): string[] {
  return documentsOf([file], 'config.json').flatMap((bundle) => {
    const mounts = (bundle as { mounts?: unknown } | null)?.mounts
    const sources = Array.isArray(mounts) ? mounts.flatMap((m) => stringAt(m, 'source') ?? []) : []
    const mounted = sources.flatMap((source) => OWN_MOUNT.exec(source)?.[1] ?? [])
    const root = ROOTFS.exec(stringAt(bundle, 'root', 'path') ?? '')?.[1]
    return [...new Set([...mounted, ...(root === undefined ? [] : [root])])]
  })
}

/** As the shim sees it, whose bundle it was. */
function configBelow(dataRoot: string, id: string | null, { want }: WantedFile): Want {
  const below = want.below === 'host' ? want.below : { pid: want.below.pid, link: 'root' as const }
  return { below, path: dockerConfig(dataRoot.slice(1), id ?? '') }
}
