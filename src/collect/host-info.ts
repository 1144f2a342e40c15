import { errnoName } from '../host/errno-name.ts'
import type { Procfs } from '../host/procfs.ts'
import { errnoOf } from '../host/system-error.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { HostInfo, NsRef } from '../model/snapshot.ts'
import type { Context } from './context.ts'
import { addGap } from './draft.ts'

/** The machine and the reader, as far as this procfs tells. */
export function collectHostInfo(context: Context, who: { uid: number; now: Date }): HostInfo {
  const line = (path: string): string | null =>
    readFact(context, (procfs) => procfs.text(path).trimEnd()) || null
  const pidMax = line('sys/kernel/pid_max')
  const ids = readerIds(context)
  return {
    procfs: context.host.procfs.root,
    bootId: line('sys/kernel/random/boot_id'),
    kernel: line('sys/kernel/osrelease'),
    hostname: line('sys/kernel/hostname'),
    takenAt: who.now.toISOString(),
    pidMax: pidMax === null ? null : Number(pidMax),
    nsfsDev: nsfsDevice(context),
    uid: who.uid,
    userNs: refOf(context, ids, 'user'),
    pidNs: refOf(context, ids, 'pid'),
    mntNs: refOf(context, ids, 'mnt'),
  }
}

function refOf({ reader }: Context, ids: ReadonlyMap<number, string>, type: NsType): NsRef | null {
  const inum = reader.get(type)
  return inum === undefined ? null : { type, inum, id: ids.get(inum) ?? null }
}

/** The ids of our own user, PID and mount namespace, which need not be among those that were asked for. */
function readerIds({ host, reader }: Context): Map<number, string> {
  const handles = (['user', 'pid', 'mnt'] as const).flatMap((type) => {
    const inum = reader.get(type)
    const pid = host.readerPid
    return inum === undefined || pid === null ? [] : [{ kind: 'link', pid, type, inum } as const]
  })
  const facts = host.describe?.(handles, { nsid: false }).facts ?? []
  return new Map(facts.flatMap(({ inum, id }) => (id === null ? [] : [[inum, id] as const])))
}

/** As mountinfo writes it: `major:minor` (the encoding of makedev(3)). */
function nsfsDevice(context: Context): string | null {
  return readFact(context, (procfs) => {
    const { dev } = procfs.stat('self/ns/net')
    return `${(dev >> 8) & 0xfff}:${dev & 0xff}`
  })
}

/** Null where this procfs does not have it: a part of /proc, or a saved one. */
function readFact({ host, draft }: Context, read: (procfs: Procfs) => string): string | null {
  try {
    return read(host.procfs)
  } catch (error) {
    addGap(draft, 'host', { errno: errnoName(errnoOf(error)) })
    return null
  }
}
