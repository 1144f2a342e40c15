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
  const all = trustedFirst(allOf(innermost))
  const root = rootOf(host)
  const reader = fileReader(host)
  const fileOf = (want: Want): FileBelow => ({ ...belowOf(host, root, want), limit: MOST_BYTES })
  const wanted = all.flatMap((one) => wantsOf(one, []).map(fileOf))
  await reader.read([...all.flatMap((one) => ownerFiles(root, one)), ...wanted])
  const owned = ownedOf(all, (one) => ownerFiles(root, one).flatMap(reader.owners)[0])
  const files = new Map<Recognised, WantedFile[]>([...owned.values()].map((one) => [one, []]))
  for (let round = 0; round < ROUNDS; round++) {
    const fresh = [...files].map(([one, had]) => ({ one, had, wants: wantsOf(one, had) }))
    await reader.read(fresh.flatMap(({ wants }) => wants.map(fileOf)))
    for (const { one, had, wants } of fresh) {
      for (const want of wants) {
        had.push({ want, answer: answerOf(reader.get(fileOf(want)), want, one) })
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

/** With those around them. */
function allOf(innermost: readonly Recognised[]): Set<Recognised> {
  const all = new Set<Recognised>()
  for (const one of innermost) for (let at: Recognised | null = one; at; at = at.outer) all.add(at)
  return all
}

/** Whoever makes a file hang makes those after it hang, too: root's come first. */
function trustedFirst(all: ReadonlySet<Recognised>): Recognised[] {
  const isTrusted = ({ maker }: Recognised): boolean => maker === 0
  return [...all].sort((a, b) => Number(isTrusted(b)) - Number(isTrusted(a)))
}

/** Each as the owner of its cgroup makes it out, and so those around it. */
function ownedOf(
  all: readonly Recognised[],
  ownerOf: (one: Recognised) => number | undefined,
): Map<Recognised, Recognised> {
  const owned = new Map<Recognised, Recognised>()
  const own = (one: Recognised): Recognised => {
    const known = owned.get(one)
    if (known) return known
    const owner = ownerOf(one)
    const outer = one.outer && own(one.outer)
    const made = { ...(owner === undefined ? one : withOwner(one, owner)), outer }
    owned.set(one, made)
    return made
  }
  for (const one of all) own(one)
  return owned
}

interface FileReader {
  read(files: readonly FileBelow[]): Promise<void>
  /** Undefined: nobody is there who reads files. */
  get(file: FileBelow): FileContent | Errno | undefined
  /** Whose it is; none where it could not be read. */
  readonly owners: (file: FileBelow) => readonly number[]
}

/** Reads each file once. */
function fileReader({ readFiles }: Host): FileReader {
  const answers = new Map<string, FileContent | Errno>()
  const get = (file: FileBelow) => answers.get(keyOf(file))
  return {
    get,
    owners(file) {
      const answer = get(file)
      return answer === undefined || typeof answer === 'string' ? [] : [answer.uid]
    },
    async read(files) {
      const fresh = new Map(files.map((file) => [keyOf(file), file]))
      for (const key of answers.keys()) fresh.delete(key)
      if (fresh.size === 0 || !readFiles) return
      const read = await readFiles([...fresh.values()])
      for (const [i, key] of [...fresh.keys()].entries()) answers.set(key, read[i] ?? 'EIO')
    },
  }
}

function keyOf({ root, path }: FileBelow): string {
  return `${root}\0${path}`
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
