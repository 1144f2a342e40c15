import type { FileText, Host, ProcessTexts } from '../host/port.ts'
import { parseCmdline } from '../kernel/cmdline.ts'
import type { Errno } from '../kernel/errno.ts'
import { parseProcStat } from '../kernel/proc-stat.ts'
import { parseEffectiveUid } from '../kernel/proc-status.ts'
import type { Process } from '../model/snapshot.ts'
import type { Details } from './request.ts'

/** Reads single processes, each once, in bulk. */
export interface ProcessReader {
  /** `leaders` of the details is not looked at: what is asked here is read. */
  read(pids: readonly number[], details: Pick<Details, 'users' | 'cmdlineBytes'>): void
  /** Null: gone, or unreadable; undefined: never asked. */
  get(pid: number): Process | null | undefined
}

/** @param cgroups where to put the cgroups of each, read in the same visit; absent: they are not read. */
export function processReader(
  host: Host,
  onFailure: (errno: Errno, pid: number) => void,
  cgroups?: Map<number, FileText>,
): ProcessReader {
  const known = new Map<number, Process | null>()
  return {
    get: (pid) => known.get(pid),
    read(pids, { users, cmdlineBytes }) {
      const missing = [...new Set(pids)].filter((pid) => !known.has(pid))
      if (missing.length === 0) return
      const cgroup = cgroups !== undefined
      const read = host.readProcesses(missing, { status: users, cmdlineBytes, cgroup })
      missing.forEach((pid, i) => {
        const texts = read[i] as ProcessTexts
        known.set(pid, processOf(host, texts, { cmdlineBytes, onFailure, pid }))
        if (texts.cgroup !== null) cgroups?.set(pid, texts.cgroup)
      })
    },
  }
}

/** All that there can be: mostly nothing, and there are many processes. */
const LOSSY: readonly Process['lossy'][] = [[], ['comm'], ['args'], ['comm', 'args']]

function processOf(
  host: Host,
  texts: ProcessTexts,
  how: { pid: number; cmdlineBytes: number; onFailure: (errno: Errno, pid: number) => void },
): Process | null {
  const ok = (text: FileText | null): Buffer | null => {
    if (typeof text === 'string') how.onFailure(text, how.pid)
    return Buffer.isBuffer(text) ? text : null
  }
  const bytes = ok(texts.stat)
  const stat = bytes && parseProcStat(bytes)
  if (!stat) return null
  const status = ok(texts.status)
  const uid = status && parseEffectiveUid(status)
  const line = ok(texts.cmdline)
  const cmdline = line && parseCmdline(line)
  const cut = line !== null && line.length >= how.cmdlineBytes
  return {
    pid: stat.pid,
    ppid: stat.ppid === 0 ? null : stat.ppid,
    startTicks: stat.startTicks,
    comm: stat.comm.text,
    uid,
    user: uid === null ? null : host.userName(uid),
    args: cmdline?.args ?? null,
    lossy: LOSSY[(stat.comm.lossy ? 1 : 0) + (cmdline?.lossy || cut ? 2 : 0)] ?? [],
  }
}
