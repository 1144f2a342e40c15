import type { Host, NsFacts, NsHandle } from '../host/port.ts'
import { hasTerminal } from '../kernel/controlling-terminal.ts'
import { parseEnviron, variableOf } from '../kernel/environ.ts'
import { type IdMapLine, parseIdMap } from '../kernel/id-map.ts'
import { type Limit, OPEN_FILES, parseLimits } from '../kernel/limits.ts'
import { isInitialInum, NS_TYPE_NAMES } from '../kernel/namespace-types.ts'
import { passwdEntryOf } from '../kernel/passwd.ts'
import type { Caller } from '../model/caller.ts'
import type { ByteString } from '../model/exec-plan.ts'
import type { Subject } from '../model/subject.ts'
import { isChrooted, isRootMounted } from './chrooted.ts'
import { orExplainLater } from './host-failure.ts'
import { readKinship } from './kinship.ts'
import { readSubject } from './subject.ts'
import { attempt } from './task-links.ts'

export interface CallerQuestion {
  /** Namespaces, beside the caller's own, of which the relatives are wanted. */
  readonly others?: readonly NsHandle[]
  /** What nsfs has said of other namespaces already. */
  readonly told?: readonly NsFacts[]
  /** Its shell is wanted, which may have to be looked for in /etc/passwd. */
  readonly shell?: boolean
}

/**
 * Looks at nsx itself. Its maps are as they stand in its own /proc/PID/uid_map: the ids inside are those that
 * it has numbers for, those outside are its parent's.
 *
 * @throws NsxError where the procfs does not show our own process
 */
export async function collectCaller(host: Host, question: CallerQuestion = {}): Promise<Caller> {
  const { others = [], told = [], shell = true } = question
  const subject = readSubject(host, 'self')
  const environment = readEnvironment(host, subject)
  return {
    subject,
    kinship: readKinship(host, [...handlesOf(subject), ...others], told),
    kernelIds: subject.links.user !== undefined && isInitialInum(subject.links.user),
    uidMap: readMap(host, `${subject.pid}/uid_map`),
    gidMap: readMap(host, `${subject.pid}/gid_map`),
    setgroups: maySetGroups(host, subject.pid),
    chrooted: isChrooted(host, String(subject.pid)),
    rootIsMount: isRootMounted(host, String(subject.pid)),
    terminal: isOnTerminal(host, subject),
    environment,
    openFiles: readOpenFiles(host, subject),
    shell: shell ? await shellOf(host, subject, environment) : variableOf(environment, 'SHELL'),
  }
}

/** The namespaces of a task, by its own links. */
export function handlesOf({ pid, links }: Pick<Subject, 'pid' | 'links'>): NsHandle[] {
  return NS_TYPE_NAMES.flatMap((type) => {
    const inum = links[type]
    return inum === undefined ? [] : [{ kind: 'link', pid, type, inum } as const]
  })
}

/** @returns null where it cannot be read */
export function readMap({ procfs }: Host, file: string): readonly IdMapLine[] | null {
  const answer = attempt(() => parseIdMap(procfs.text(file)), file)
  return 'value' in answer ? answer.value : null
}

/** Only once it has group ids (userns_may_setgroups() in kernel/user_namespace.c). */
function maySetGroups({ procfs }: Host, pid: number): boolean | null {
  const [word, map] = ['setgroups', 'gid_map'].map((file) =>
    attempt(() => procfs.text(`${pid}/${file}`), file),
  )
  if (!word || !map || 'errno' in word || 'errno' in map) return null
  return word.value.startsWith('allow') && map.value !== ''
}

/** The limits of a process, which anybody may read; empty: they could not be read. */
export function readLimits({ procfs }: Host, folder: string): Limit[] {
  const answer = attempt(() => parseLimits(procfs.text(`${folder}/limits`)), folder)
  return 'value' in answer ? answer.value : []
}

/** What it was started with; only where that cannot be read, what Node says of it. */
function readEnvironment({ procfs }: Host, { pid }: Subject): ByteString[] {
  const answer = attempt(() => procfs.bytes(`${pid}/environ`), `process ${pid}`)
  if ('value' in answer) return parseEnviron(answer.value)
  return Object.entries(process.env).flatMap(([name, value = '']) => [
    Buffer.from(`${name}=${value}`).toString('latin1'),
  ])
}

function isOnTerminal({ procfs }: Host, { pid }: Subject): boolean {
  const answer = attempt(() => hasTerminal(procfs.bytes(`${pid}/stat`)), `process ${pid}`)
  return 'value' in answer && answer.value
}

/**
 * Node raises the soft limit to the hard one when it starts. What it was before is still that of the parent,
 * unless somebody has changed both in between (ulimit -n).
 */
function readOpenFiles(host: Host, { pid, ppid }: Subject): Caller['openFiles'] {
  if (ppid === null) return null
  const [own, parents] = [pid, ppid].map((each) =>
    readLimits(host, String(each)).find(({ resource }) => resource === OPEN_FILES),
  )
  const { soft, hard } = parents ?? {}
  if (!own || !soft || !hard || hard !== own.hard || soft === own.soft) return null
  return { soft, hard }
}

/** A passwd of 4 MiB has some 70,000 users. */
const PASSWD_BYTES = 4 * 1024 * 1024

async function shellOf(
  host: Host,
  { credentials }: Subject,
  environment: readonly ByteString[],
): Promise<string | null> {
  const said = variableOf(environment, 'SHELL')
  if (said !== null && said !== '') return said
  const uid = credentials?.uid.real
  const passwd = uid === undefined ? null : await readFileBelow(host, '/', 'etc/passwd')
  return passwd === null || uid === undefined ? null : passwdEntryOf(passwd, uid)?.shell || null
}

/** The text of a file below a root, one character a byte; null: it cannot be read. */
export async function readFileBelow(
  host: Host,
  root: string,
  path: string,
): Promise<string | null> {
  const { readFiles } = host
  if (!readFiles) return null
  const files = [{ root, path, limit: PASSWD_BYTES }]
  const [answer] = await orExplainLater(host, () => readFiles(files))
  if (answer === undefined || typeof answer === 'string') return null
  return Buffer.from(answer.bytes).toString('latin1')
}
