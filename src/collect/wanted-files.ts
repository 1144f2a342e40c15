import type { Want, WantedFile, WantedText } from '../containers/family.ts'
import { wantsOf } from '../containers/name.ts'
import { type Recognised, wantsOwner, withOwner } from '../containers/recognise.ts'
import type { Host } from '../host/port.ts'
import { type Errno, isGone } from '../kernel/errno.ts'
import { decodeText } from '../kernel/text.ts'
import type { FileBelow, FileContent } from '../model/inside.ts'

/** What was read of the files that name containers. */
export interface WantedFiles {
  /** A container as the owner of its cgroup makes it out. */
  owned(recognised: Recognised): Recognised
  /** Of such a one. */
  readonly of: (owned: Recognised) => readonly WantedFile[]
  /** Why files of a container, or of one around it, could not be read; not of those that are not there. */
  errnos(recognised: Recognised): readonly Errno[]
  /** There were such files, but nothing here reads them. */
  readonly unread: boolean
}

/** A list of podman's holds all its containers. */
const MOST_BYTES = 4 * 1024 * 1024
/** A file can tell of another one, which tells the name. */
const ROUNDS = 3

/** Reads them all at once, and once more for what they tell of. */
export async function readWantedFiles(
  host: Host,
  innermost: readonly Recognised[],
): Promise<WantedFiles> {
  const all = new Set<Recognised>()
  for (const one of innermost) for (let at: Recognised | null = one; at; at = at.outer) all.add(at)
  const answers = new Map<string, FileContent | Errno>()
  const fetch = async (requests: readonly FileBelow[]): Promise<void> => {
    const fresh = new Map(requests.map((request) => [keyOf(request), request]))
    for (const key of answers.keys()) fresh.delete(key)
    if (fresh.size === 0 || !host.readFiles) return
    const read = await host.readFiles([...fresh.values()])
    for (const [i, key] of [...fresh.keys()].entries()) answers.set(key, read[i] ?? 'EIO')
  }
  const root = rootOf(host)
  const requestOf = (want: Want): FileBelow => ({ ...belowOf(host, root, want), limit: MOST_BYTES })
  const wanted = [...all].flatMap((one) => wantsOf(one, []).map(requestOf))
  await fetch([...wanted, ...[...all].flatMap((one) => ownerFiles(root, one))])

  const owned = new Map<Recognised, Recognised>()
  // The outer ones come first.
  const inward = [...all].sort((a, b) => depthOf(a) - depthOf(b))
  for (const one of inward) {
    const owner = ownerFiles(root, one).flatMap((file) => uidOf(answers.get(keyOf(file))))[0]
    const outer = one.outer && (owned.get(one.outer) ?? null)
    owned.set(one, { ...(owner === undefined ? one : withOwner(one, owner)), outer })
  }
  const files = new Map<Recognised, WantedFile[]>([...owned.values()].map((one) => [one, []]))
  for (let round = 0; round < ROUNDS; round++) {
    const fresh = [...files].map(([one, had]) => ({ one, had, wants: wantsOf(one, had) }))
    await fetch(fresh.flatMap(({ wants }) => wants.map(requestOf)))
    for (const { one, had, wants } of fresh) {
      for (const want of wants) {
        had.push({ want, answer: answerOf(answers.get(keyOf(requestOf(want))), want, one) })
      }
    }
  }
  return {
    owned: (one) => owned.get(one) ?? one,
    of: (one) => files.get(one) ?? [],
    errnos: (one) => errnosOf(owned.get(one) ?? one, files),
    unread: host.readFiles === null && wanted.length > 0,
  }
}

function keyOf({ root, path }: FileBelow): string {
  return `${root}\0${path}`
}

function depthOf({ outer }: Recognised): number {
  return outer === null ? 0 : 1 + depthOf(outer)
}

/** Our own root, if this procfs shows us as we are; else the one of its first process. */
function rootOf({ procfs, readerPid }: Host): string {
  return readerPid === process.pid ? '/' : procfs.path('1/root')
}

function belowOf({ procfs }: Host, root: string, { below, path }: Want): Omit<FileBelow, 'limit'> {
  return { root: below === 'host' ? root : procfs.path(`${below.pid}/${below.link}`), path }
}

const CGROUPS = 'sys/fs/cgroup'

/** Files that a cgroup has from the first, of whoever made it: v2 alone, v2 beside v1, v1. */
function ownerFiles(root: string, recognised: Recognised): FileBelow[] {
  const { cgroup } = recognised
  if (cgroup === null || !wantsOwner(recognised)) return []
  const { controllers, path } = cgroup
  const folders =
    controllers === ''
      ? [CGROUPS, `${CGROUPS}/unified`]
      : [`${CGROUPS}/${controllers.replace(/^name=/, '')}`]
  const file = controllers === '' ? 'cgroup.events' : 'notify_on_release'
  return folders.map((folder) => ({
    ...{ root, limit: 64 },
    path: [folder, ...path, file].join('/'),
  }))
}

function uidOf(answer: FileContent | Errno | undefined): number[] {
  return answer === undefined || typeof answer === 'string' ? [] : [answer.uid]
}

/**
 * A file counts only if it is of whoever made the container: the path may be theirs to choose, and the
 * file another container's.
 */
function answerOf(
  answer: FileContent | Errno | undefined,
  want: Want,
  { maker }: Recognised,
): WantedText {
  if (answer === undefined || typeof answer === 'string') return { errno: answer ?? 'ENOENT' }
  if (answer.uid !== (want.owner ?? maker)) return { errno: 'ENOENT' }
  if (answer.cut) return { errno: 'EFBIG' }
  return { text: decodeText(Buffer.from(answer.bytes)).text }
}

function errnosOf(
  owned: Recognised,
  files: ReadonlyMap<Recognised, readonly WantedFile[]>,
): Errno[] {
  const own = (files.get(owned) ?? []).flatMap(({ answer }) =>
    'errno' in answer && !isGone(answer.errno) ? answer.errno : [],
  )
  return [...new Set([...own, ...(owned.outer ? errnosOf(owned.outer, files) : [])])]
}
