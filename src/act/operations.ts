import type { Operation, OperationName } from '../model/exec-plan.ts'

/**
 * How a field is written. All numbers are eight bytes.
 *
 * - `number`: signed; null: -1. `flag`: 1 or 0.
 * - `decimal`, `hexadecimal`: unsigned; `decimalOrZero`, `decimalOrMost`: what null is.
 * - `text` is UTF-8, `bytes` one byte a character; both without a NUL byte. `texts`, `byteTexts`,
 *   `numbers`: lists.
 */
export type FieldKind =
  | 'number'
  | 'numberOrZero'
  | 'flag'
  | 'decimal'
  | 'decimalOrZero'
  | 'decimalOrMost'
  | 'hexadecimal'
  | 'text'
  | 'bytes'
  | 'numbers'
  | 'texts'
  | 'byteTexts'

/** The kinds that can write all values of a type. */
type KindFor<T> = [T] extends [boolean]
  ? 'flag'
  : [T] extends [number]
    ? 'number'
    : [T] extends [number | null]
      ? 'number' | 'numberOrZero'
      : [T] extends [string]
        ? 'decimal' | 'hexadecimal' | 'text' | 'bytes'
        : [T] extends [string | null]
          ? 'decimalOrZero' | 'decimalOrMost'
          : [T] extends [readonly number[]]
            ? 'numbers'
            : 'texts' | 'byteTexts'

type FieldsOf<N extends OperationName> = Omit<Extract<Operation, { readonly name: N }>, 'name'>

type OperationTable = {
  readonly [N in OperationName]: {
    readonly [F in keyof FieldsOf<N>]: KindFor<FieldsOf<N>[F]>
  }
}

/**
 * What nsx-exec can do. The order is the contract with native/exec/plan.h: the first operation is
 * number 1, and fields are written as they stand here.
 */
export const OPERATIONS: OperationTable = {
  monitor: { spawns: 'flag', pty: 'flag', statusFd: 'number' },
  beside: {},
  go: { to: 'number' },
  pidfd: { slot: 'number', pid: 'number', startTicks: 'decimalOrZero', inode: 'decimalOrZero' },
  alive: { slot: 'number' },
  openDirectory: { slot: 'number', path: 'text' },
  openNamespace: { slot: 'number', path: 'text', inum: 'numberOrZero', type: 'number' },
  openById: { slot: 'number', id: 'decimal', inum: 'number', type: 'number' },
  openBySocket: { slot: 'number', process: 'number', fd: 'number' },
  openOwner: { slot: 'number', of: 'number' },
  write: { path: 'text', text: 'text' },
  writeOwn: { file: 'text', text: 'text' },
  mapTool: { program: 'text', args: 'texts' },
  bindNamespace: { link: 'text', target: 'text' },
  seal: { keep: 'numbers' },
  setns: { slot: 'number', flags: 'number' },
  unshare: { flags: 'number', patienceMs: 'number' },
  chroot: { slot: 'number' },
  chrootPath: { path: 'text' },
  chdir: { slot: 'number' },
  chdirPath: { path: 'text' },
  closeSlots: {},
  spawn: { flags: 'number', go: 'number' },
  init: {},
  mount: { source: 'text', target: 'text', type: 'text', flags: 'number', data: 'text' },
  fileOver: { target: 'text', content: 'text' },
  hostname: { text: 'text' },
  loopback: {},
  pinCpu: {},
  groups: { ids: 'numbers', lenient: 'flag' },
  gid: { id: 'number' },
  uid: { id: 'number', keep: 'flag' },
  ambient: {},
  capabilities: {
    bounding: 'hexadecimal',
    permitted: 'hexadecimal',
    effective: 'hexadecimal',
    inheritable: 'hexadecimal',
    ambient: 'hexadecimal',
  },
  noNewPrivs: {},
  umask: { mask: 'number' },
  limit: { resource: 'number', soft: 'decimalOrMost', hard: 'decimalOrMost' },
  deathSignal: { signal: 'number' },
  exec: { file: 'bytes', args: 'byteTexts', environment: 'byteTexts' },
}
