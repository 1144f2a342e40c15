import type { Host } from '../host/port.ts'
import type { IdMapLine } from '../kernel/id-map.ts'
import { NS_TYPE_NAMES } from '../kernel/namespace-types.ts'
import type { SystemSettings } from '../model/limits.ts'
import type { Kinship } from '../model/pair.ts'
import type { RunFacts } from '../model/run-facts.ts'
import type { RunRequest } from '../model/run-request.ts'
import type { Subject } from '../model/subject.ts'
import { readFileBelow, readMap } from './caller.ts'
import { isRootMounted } from './chrooted.ts'
import { isChrootedAnywhere } from './chrooted-elsewhere.ts'
import { collectRun, levelsOf, readSettings } from './run.ts'
import { readTaskLinks } from './task-links.ts'

interface Whom {
  readonly subject: Subject
  readonly kinship: Kinship
  /** The reader's user namespace. */
  readonly reader: number | null
}

/**
 * What decides whether a task could create namespaces: of the reader itself as `nsx run` sees it, of another
 * one as far as it differs.
 *
 * @returns null where too little of it, or of the reader, can be read
 */
export async function runFactsOf(
  host: Host,
  { subject, kinship, reader }: Whom,
  request: RunRequest,
): Promise<RunFacts | null> {
  if (host.readerPid === null || !isLegible(subject)) return null
  const own = await collectRun(host, request)
  if (own.caller.subject.credentials === null) return null
  if (subject.pid === host.readerPid) return own
  const folder = String(subject.pid)
  const mapOf = (file: string) => {
    const map = readMap(host, `${folder}/${file}`)
    return subject.links.user === reader ? map : map && asSeen(map)
  }
  return {
    ...own,
    ...readSettings(host, subject.pid),
    caller: {
      ...own.caller,
      ...{ subject, kinship, uidMap: mapOf('uid_map'), gidMap: mapOf('gid_map') },
      ...{ chrooted: isChrootedAnywhere(host, subject), rootIsMount: isRootMounted(host, folder) },
    },
    missing: missingOf(subject),
    limits: subject.links.user === reader ? own.limits : {},
    levels: levelsOf({ subject, kinship }),
  }
}

/** Without these two nothing can be foretold; and a zombie does nothing any more. */
function isLegible({ credentials, links, state }: Subject): boolean {
  return credentials !== null && links.user !== undefined && state !== 'Z'
}

/** Its credentials are numbered as the reader sees them. */
function asSeen(map: readonly IdMapLine[]): IdMapLine[] {
  return map.flatMap((line) => (line.outside === null ? [] : { ...line, inside: line.outside }))
}

/** Types that this kernel was built without: no task has a link of them. */
function missingOf({ linkErrnos }: Pick<Subject, 'linkErrnos'>): RunFacts['missing'] {
  return NS_TYPE_NAMES.filter((type) => linkErrnos[type] === 'ENOENT')
}

/** What holds for everybody on the machine. */
export async function readSystemSettings(host: Host): Promise<SystemSettings> {
  const pid = host.readerPid ?? FIRST
  const modules = await readFileBelow(host, '/', 'sys/kernel/security/lsm')
  const enforcing = await readFileBelow(host, '/', 'sys/fs/selinux/enforce')
  const { unprivilegedUsers, appArmorRestricts } = readSettings(host, pid)
  return {
    ...{ unprivilegedUsers, appArmorRestricts },
    missing: missingOf(readTaskLinks(host.procfs, String(pid))),
    modules:
      modules
        ?.trim()
        .split(',')
        .filter((name) => name !== '') ?? null,
    enforcing: enforcing === null ? null : enforcing.startsWith('1'),
  }
}

/** Always there, though not always readable. */
const FIRST = 1
