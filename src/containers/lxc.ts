import { monitorOf, userOfPath } from './evidence.ts'
import type { Family, Match, ProcessEvidence, Relative } from './family.ts'

/**
 * LXC, LXD and Incus: `lxc.payload.NAME`, before LXC 4 (and on Proxmox) `lxc/NAME`. Their monitors, in
 * `lxc.monitor.NAME`, are in no container.
 */
export const lxc: Family = {
  family: 'lxc',
  inCgroup({ path, evidence }) {
    const leaf = path.at(-1) ?? ''
    const payload = /^lxc\.payload\.(.+)$/s.exec(leaf)?.[1]
    if (payload === undefined && path.at(-2) !== 'lxc') return null
    const name = payload ?? leaf
    const rest = path.length - (payload === undefined ? 2 : 1)
    const monitor = monitorOf(
      evidence.lineage,
      userOfPath(path),
      (relative) => monitored(relative)?.name === name,
    )
    return { ...matchOf(name, monitor, evidence), rest }
  },
  byProcess({ index, relative, evidence }) {
    const monitor = index > 0 ? monitored(relative) : null
    return monitor && matchOf(monitor.name, index, evidence)
  },
}

interface Monitor {
  readonly folder: string
  readonly name: string
}

/** The monitor calls itself `[lxc monitor] FOLDER NAME` (lxc, start.c). */
function monitored({ args }: Relative): Monitor | null {
  const title = /^\[lxc monitor\] (\/\S*) (\S+)\s*$/.exec(args.join(' '))
  return title?.[1] && title[2] ? { folder: title[1], name: title[2] } : null
}

function matchOf(name: string, monitor: number | null, { lineage }: ProcessEvidence): Match {
  const watcher = monitor === null ? undefined : lineage[monitor]
  const folder = (watcher && monitored(watcher)?.folder) ?? ''
  // LXD and Incus put the project before the name, unless it is the default one. A name of theirs has no
  // underscore, a project can.
  const project = /\/(?:lxd|incus)\//.test(`${folder}/`)
    ? /^(.+)_([^_]+)$/.exec(name)?.[2]
    : undefined
  return {
    ...{ kind: 'container', id: null, monitor, tells: [], wants: [] },
    told: { name: project ?? name, image: null },
  }
}
