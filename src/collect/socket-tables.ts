import { errnoName } from '../host/errno-name.ts'
import { errnoOf } from '../host/system-error.ts'
import { parseSocketInodes, SOCKET_TABLES, UNIX_TABLE } from '../kernel/socket-tables.ts'
import type { Context } from './context.ts'
import { addGap } from './draft.ts'

/** A member of a network namespace, to whom /proc/PID/net shows its tables; and what is looked for. */
interface Guide {
  readonly pid: number
  readonly inum: number
  /** Inodes of the sockets of its members that no table has listed yet. */
  readonly open: Set<number>
}

/**
 * A table of TCP takes milliseconds, asking a socket microseconds: TCP tables are read for a few
 * namespaces, and for more only where they spare this many questions.
 */
const DEAR_TABLES = 8
const WORTH_A_DEAR_TABLE = 1000

/**
 * The network namespace of sockets by their inode, as far as the tables of the namespaces list them.
 *
 * @param byHome the inodes to look for, by the network namespace of the process that has them open.
 * @param everywhere also look in the tables of the other namespaces: what is not found cannot be asked.
 */
export function listedSockets(
  context: Context,
  byHome: ReadonlyMap<number, ReadonlySet<number>>,
  everywhere: boolean,
): Map<number, number> {
  const guides = guidesToTables(context, byHome)
  const homes = guides.filter(({ open }) => open.size > 0)
  const found: { guide: Guide; inode: number }[] = []
  const look = (guide: Guide, table: (typeof SOCKET_TABLES)[number], open: Set<number>): void => {
    if (open.size === 0) return
    for (const inode of readTable(context, guide.pid, table)) {
      if (open.delete(inode)) found.push({ guide, inode })
    }
  }
  const cheap = SOCKET_TABLES.filter(({ dear }) => !dear)
  const dear = SOCKET_TABLES.filter(({ dear }) => dear)
  for (const guide of homes) {
    for (const inode of readTable(context, guide.pid, UNIX_TABLE)) guide.open.delete(inode)
    for (const table of cheap) look(guide, table, guide.open)
  }
  const byNeed = [...homes].sort((a, b) => b.open.size - a.open.size)
  for (const [i, guide] of byNeed.entries()) {
    if (i >= DEAR_TABLES && guide.open.size < WORTH_A_DEAR_TABLE && !everywhere) break
    for (const table of dear) look(guide, table, guide.open)
  }
  if (everywhere) {
    const open = new Set(homes.flatMap((guide) => [...guide.open]))
    for (const table of SOCKET_TABLES) for (const guide of guides) look(guide, table, open)
  }
  const steady = stillThere(context, guides)
  return new Map(
    found.filter(({ guide }) => steady.has(guide)).map(({ guide, inode }) => [inode, guide.inum]),
  )
}

function guidesToTables(
  { draft }: Context,
  byHome: ReadonlyMap<number, ReadonlySet<number>>,
): Guide[] {
  return [...draft.namespaces.values()].flatMap(({ type, inum, members }) => {
    const pid = type === 'net' ? members[0] : undefined
    return pid === undefined ? [] : [{ pid, inum, open: new Set(byHome.get(inum)) }]
  })
}

function readTable(
  { host, draft }: Context,
  pid: number,
  { file, column }: { file: string; column: number },
): number[] {
  try {
    return parseSocketInodes(host.procfs.text(`${pid}/net/${file}`), column)
  } catch (error) {
    addGap(draft, 'sockets', { errno: errnoName(errnoOf(error)), pid })
    return []
  }
}

/** A guide that changed its namespace meanwhile showed another one's tables: they do not count. */
function stillThere({ host, draft }: Context, guides: readonly Guide[]): Set<Guide> {
  const { inums, errnos } = host.scanProcesses({
    pids: Int32Array.from(guides, ({ pid }) => pid),
    types: ['net'],
    descriptors: false,
    sockets: false,
  })
  return new Set(
    guides.filter(({ pid, inum }, i) => {
      if (inums[i] === 0) addGap(draft, 'sockets', { errno: errnoName(errnos[i] as number), pid })
      return inums[i] === inum
    }),
  )
}
