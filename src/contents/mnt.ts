import { type MountinfoLine, type Propagation, parseMountinfo } from '../kernel/mountinfo.ts'
import { bytesOf, latin1Of } from './answers.ts'
import { compareMounts } from './compare-mounts.ts'
import type { Answers, Contents, ContentsType } from './contents.ts'

export interface MntContents extends Contents {
  readonly type: 'mnt'
  /** What is mounted at `/`, the topmost where there are several; null: unknown. */
  readonly root: Mount | null
  /** In the order in which they were mounted: of those at one point, the last is on top. */
  readonly mounts: readonly Mount[]
}

/** Null: this kernel does not say; `unknown` names the field then. */
export interface Mount {
  readonly mountPoint: string
  /** The directory or file of the file system that is mounted. */
  readonly root: string | null
  readonly fsType: string | null
  readonly source: string | null
  /** `major:minor`. */
  readonly device: string | null
  /** Of this mount alone. */
  readonly options: string
  /** Of the file system, wherever it is mounted. */
  readonly superOptions: string | null
  readonly propagation: Propagation
}

/** One mount as mountinfo tells it, or statmount(2) in the words of mountinfo. */
export interface MountRow
  extends Pick<MountinfoLine, 'mountOptions' | 'propagation'>,
    Nullable<Pick<MountinfoLine, 'root' | 'fsType' | 'source' | 'device' | 'options'>> {
  /** Null: it cannot be reached from the root of the namespace. */
  readonly mountPoint: string | null
}

type Nullable<T> = { readonly [K in keyof T]: T[K] | null }

/**
 * @param parseStatmount null for what is not of that form. Without it mountinfo alone is understood.
 */
export function mntContents(
  parseStatmount: ((bytes: Uint8Array) => readonly MountRow[] | null) | null,
): ContentsType<MntContents> {
  return {
    type: 'mnt',
    needs: {
      mounts: {
        from: 'statmount',
        enough: (bytes) => isWhole(parseStatmount?.(bytes) ?? null),
      },
      // Of a process that was chrooted it tells but a part.
      mountinfo: { from: 'process', file: 'mountinfo', ifFailed: 'mounts' },
    },
    parse: (answers) => parseMnt(answers, parseStatmount),
    summarise: summariseMnt,
    compare: compareMounts,
    describe: (_, value) => describeMount(value as Mount),
  }
}

/** The first kernels with statmount(2) tell of no options and sources there. */
function isWhole(rows: readonly MountRow[] | null): boolean {
  return rows?.every(({ options, source }) => options !== null && source !== null) ?? false
}

/** Mountinfo where that tells more of each mount, and of no mount less. */
function better(
  rows: readonly MountRow[] | null,
  lines: readonly MountRow[] | null,
): readonly MountRow[] {
  const reachable = rows?.filter(({ mountPoint }) => mountPoint !== null) ?? []
  if (isWhole(rows) || !lines || lines.length < reachable.length) return reachable
  return lines
}

function parseMnt(
  answers: Answers,
  parseStatmount: Parameters<typeof mntContents>[0],
): MntContents {
  const bytes = bytesOf(answers, 'mounts')
  const rows = bytes && (parseStatmount?.(bytes) ?? null)
  const text = latin1Of(answers, 'mountinfo')
  const lines = text === null ? null : parseMountinfo(text)
  const mounts = better(rows, lines).flatMap(mountOf)
  const root = mounts.findLast(({ mountPoint }) => mountPoint === '/') ?? null
  const whole = rows !== null || root !== null
  const untold = whole
    ? MAY_BE_UNTOLD.filter((field) => mounts.some((row) => row[field] === null))
    : []
  return {
    ...{ type: 'mnt', root, mounts },
    unknown: [
      ...(root ? [] : ['root']),
      ...(whole ? untold.map((field) => `mounts.${field}`) : ['mounts']),
    ],
  }
}

const MAY_BE_UNTOLD = ['root', 'fsType', 'source', 'device', 'superOptions'] as const

/** What is hidden below another root is in mountinfo neither. */
function mountOf(row: MountRow): Mount[] {
  const { mountPoint, root, fsType, source, device, propagation } = row
  if (mountPoint === null) return []
  const optionsOfBoth = { options: row.mountOptions, superOptions: row.options }
  return [{ mountPoint, root, fsType, source, device, ...optionsOfBoth, propagation }]
}

function summariseMnt({ root, mounts, unknown }: MntContents): string {
  const count = `${mounts.length} mount${mounts.length === 1 ? '' : 's'}`
  if (unknown.includes('mounts')) return mounts.length > 0 ? `at least ${count}` : ''
  if (!root) return count
  const source = root.source && root.source !== root.fsType ? ` (${root.source})` : ''
  return `${root.fsType ?? 'mounted'}${source} on /, ${count}, ${root.propagation}`
}

/** Such as `ext4 (/dev/vda) rw,noatime`. */
function describeMount({ fsType, source, root, options }: Mount): string {
  const from = source && source !== fsType ? [`(${source})`] : []
  const part = root === null || root === '/' ? [] : [root]
  return [fsType ?? 'mounted', ...from, ...part, options].join(' ')
}
