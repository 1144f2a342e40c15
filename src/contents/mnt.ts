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

export interface Mount {
  readonly mountPoint: string
  /** The directory or file of the file system that is mounted. */
  readonly root: string
  readonly fsType: string
  readonly source: string
  /** `major:minor`. */
  readonly device: string
  /** Of this mount alone. */
  readonly options: string
  /** Of the file system, wherever it is mounted. */
  readonly superOptions: string
  readonly propagation: Propagation
}

/** One mount as statmount(2) tells it, in what kernel/statmount.ts makes of it. */
export interface MountRow {
  readonly mountPoint: string
  readonly root: string
  readonly fsType: string
  readonly source: string
  readonly major: number
  readonly minor: number
  /** Of the mount alone. */
  readonly mountAttributes: string
  /** Of the file system. */
  readonly options: string
  readonly propagation: Propagation
}

/**
 * @param parseStatmount null for what is not of that form. Without it mountinfo alone is understood.
 */
export function mntContents(
  parseStatmount: ((bytes: Buffer) => readonly MountRow[] | null) | null,
): ContentsType<MntContents> {
  return {
    type: 'mnt',
    needs: {
      // A process that was chrooted sees but a part: then its own root is no mount point.
      mountinfo: { from: 'process', file: 'mountinfo', enough: hasRoot },
      mounts: { from: 'statmount', ifFailed: 'mountinfo' },
    },
    parse: (answers) => parseMnt(answers, parseStatmount),
    summarise: summariseMnt,
    compare: compareMounts,
  }
}

function hasRoot(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return parseMountinfo(text).some(({ mountPoint }) => mountPoint === '/')
}

function parseMnt(
  answers: Answers,
  parseStatmount: Parameters<typeof mntContents>[0],
): MntContents {
  const bytes = bytesOf(answers, 'mounts')
  const rows = bytes && (parseStatmount?.(bytes) ?? null)
  const text = latin1Of(answers, 'mountinfo')
  const lines = text === null ? null : parseMountinfo(text)
  const mounts = rows?.map(mountOfRow) ?? lines?.map(mountOfLine) ?? []
  const root = mounts.findLast(({ mountPoint }) => mountPoint === '/') ?? null
  const whole = rows !== null || root !== null
  return {
    type: 'mnt',
    root,
    mounts,
    unknown: [...(root ? [] : ['root']), ...(whole ? [] : ['mounts'])],
  }
}

function mountOfLine(line: MountinfoLine): Mount {
  const { mountPoint, root, fsType, source, device, mountOptions, options, propagation } = line
  const optionsOfBoth = { options: mountOptions, superOptions: options }
  return { mountPoint, root, fsType, source, device, ...optionsOfBoth, propagation }
}

function mountOfRow(row: MountRow): Mount {
  const { mountPoint, root, fsType, source, major, minor, propagation } = row
  const optionsOfBoth = { options: row.mountAttributes, superOptions: row.options }
  return {
    mountPoint,
    root,
    fsType,
    source,
    device: `${major}:${minor}`,
    ...optionsOfBoth,
    propagation,
  }
}

function summariseMnt({ root, mounts, unknown }: MntContents): string {
  const count = `${mounts.length} mount${mounts.length === 1 ? '' : 's'}`
  if (unknown.includes('mounts')) return mounts.length > 0 ? `at least ${count}` : ''
  if (!root) return count
  const source = root.source === '' || root.source === root.fsType ? '' : ` (${root.source})`
  return `${root.fsType}${source} on /, ${count}, ${root.propagation}`
}
