/** One object of /proc/sysvipc (sysvipc(7), ipc/util.c): its columns by the names of the heading. */
export interface SysvObject {
  /** 0: IPC_PRIVATE. Negative ones are keys above 2^31. */
  readonly key: number
  readonly id: number
  /** Octal, as the kernel prints it. */
  readonly perms: string
  readonly uid: number
  readonly gid: number
  /** Of a segment, 64 bits. */
  readonly size: string | null
  /** By name: `size`, `nattch`, `cpid`; `nsems`; `cbytes`, `qnum` … */
  readonly columns: Readonly<Record<string, number>>
}

const ID_COLUMNS = ['msqid', 'semid', 'shmid'] as const

/**
 * Parses one of the tables `msg`, `sem` and `shm`. Columns go by their names: later kernels add some.
 *
 * @returns null where the heading or a line is not of that form.
 */
export function parseSysvTable(text: string): SysvObject[] | null {
  const [heading = '', ...lines] = text.split('\n').filter((line) => line !== '')
  const names = heading.trim().split(/\s+/)
  const idColumn = ID_COLUMNS.find((name) => names.includes(name))
  if (!idColumn || !['key', 'perms', 'uid', 'gid'].every((name) => names.includes(name)))
    return null
  const objects = lines.map((line) => objectOf(line, names, idColumn))
  return objects.every((object) => object !== null) ? objects : null
}

function objectOf(line: string, names: readonly string[], idColumn: string): SysvObject | null {
  const fields = line.trim().split(/\s+/)
  if (fields.length !== names.length || !fields.every((field) => /^-?\d+$/.test(field))) return null
  const columns = Object.fromEntries(names.map((name, i) => [name, Number(fields[i])]))
  const { key = 0, uid = 0, gid = 0 } = columns
  const perms = fields[names.indexOf('perms')] ?? ''
  const size = fields[names.indexOf('size')] ?? null
  return { key, id: columns[idColumn] ?? 0, perms, uid, gid, size, columns }
}
