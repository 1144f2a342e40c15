import { errnoName } from '../host/errno-name.ts'
import { errnoOf } from '../host/system-error.ts'
import { parseSocketInodes, SOCKET_TABLES, UNIX_TABLE } from '../kernel/socket-tables.ts'
import type { Context } from './context.ts'
import { addGap } from './draft.ts'

/**
 * The network namespace of sockets by their inode, as far as the tables of the known namespaces list
 * them. No more tables are read than it takes to find the sockets that any of them can list.
 */
export function listedSockets(context: Context, asked: ReadonlySet<number>): Map<number, number> {
  const guides = guidesToTables(context)
  const open = new Set(asked)
  for (const { pid } of guides) {
    for (const inode of readTable(context, pid, UNIX_TABLE)) open.delete(inode)
  }
  const found: { guide: Guide; inode: number }[] = []
  for (const table of SOCKET_TABLES) {
    for (const guide of guides) {
      if (open.size === 0) break
      for (const inode of readTable(context, guide.pid, table)) {
        if (open.delete(inode)) found.push({ guide, inode })
      }
    }
  }
  const steady = stillThere(context, guides)
  return new Map(
    found.filter(({ guide }) => steady.has(guide)).map(({ guide, inode }) => [inode, guide.inum]),
  )
}

/** A member of a network namespace: /proc/PID/net shows the tables of PID's. */
interface Guide {
  readonly pid: number
  readonly inum: number
}

function guidesToTables({ draft }: Context): Guide[] {
  return [...draft.namespaces.values()].flatMap(({ type, inum, members }) => {
    const pid = type === 'net' ? members[0] : undefined
    return pid === undefined ? [] : [{ pid, inum }]
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
