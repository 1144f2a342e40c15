import { readFileSync, statfsSync, statSync } from 'node:fs'
import { EXIT, NsxError } from '../errors.ts'
import { describeErrno, isDenied } from '../kernel/errno.ts'
import { loadAddon } from './addon.ts'
import { errnoName } from './errno-name.ts'
import { nativeHost } from './native.ts'
import { parsePasswd } from './passwd.ts'
import type { Host } from './port.ts'
import { Procfs, SavedProcfs } from './procfs.ts'
import { fileReader } from './read-files.ts'
import { errnoOf, throwIfOurs } from './system-error.ts'
import { typescriptHost } from './typescript.ts'

export interface OpenedHost {
  readonly host: Host
  /** What the user should know of the way in which the machine is read; null: nothing. */
  readonly notice: string | null
}

/** f_type of a procfs (PROC_SUPER_MAGIC, statfs(2)). */
const PROC_SUPER_MAGIC = 0x9fa0

/**
 * Opens the machine: /proc with the addon, or another procfs (a host's, seen from a container; a
 * saved one) by node:fs.
 *
 * @throws NsxError where there is no procfs to be read.
 */
export function openHost(packageRoot: string, root: string | undefined): OpenedHost {
  if (root === '') throw noRoot()
  const { procfs, live } = openProcfs(root ?? '/proc')
  const loaded = loadAddon(packageRoot)
  // The roots of a saved procfs lead nowhere.
  const readFiles = live && 'addon' in loaded ? fileReader(loaded.addon, packageRoot) : null
  const native = 'addon' in loaded ? nativeHost(loaded.addon, procfs, readFiles) : null
  if (root === undefined && native) return { host: native, notice: null }
  const own = isOwnProc(procfs)
  const host = typescriptHost(procfs, {
    // The links of a saved procfs lead nowhere: nothing can be asked through them.
    describe: native && live ? native.describe : null,
    readFiles,
    userName: own ? passwdNames() : () => null,
  })
  return { host, notice: 'error' in loaded ? withoutAddon(loaded.error) : null }
}

function withoutAddon(reason: string): string {
  return (
    `the addon could not be loaded (${reason}): no ids, owners, parents, NETNSIDs and paths, ` +
    'sockets only as far as tables list them, and a slower scan'
  )
}

function noRoot(): NsxError {
  return new NsxError('--procfs names no directory', {
    code: 'no-procfs',
    exitCode: EXIT.usage,
    target: '--procfs',
    hint: 'name the directory where a procfs is mounted, such as /host/proc',
  })
}

/** `live`: the kernel answers there; otherwise it is a folder in which somebody saved a procfs. */
function openProcfs(root: string): { procfs: Procfs; live: boolean } {
  try {
    const live = statfsSync(root).type === PROC_SUPER_MAGIC
    const procfs = live ? new Procfs(root) : new SavedProcfs(root)
    // The whole directory is long; a procfs of our own PID namespace has `self`.
    if (procfs.exists('self/ns') || procfs.names('').some((name) => isProcess(procfs, name))) {
      return { procfs, live }
    }
  } catch (error) {
    throw unreadable(root, errnoName(errnoOf(error)))
  }
  throw new NsxError(`${root} is not a procfs: it has no processes with namespaces`, {
    code: 'not-a-procfs',
    exitCode: EXIT.noTarget,
    target: root,
    hint: 'name the directory where a procfs is mounted, such as /proc or /host/proc',
  })
}

function isProcess(procfs: Procfs, name: string): boolean {
  return /^[1-9]\d*$/.test(name) && procfs.exists(`${name}/ns`)
}

function isOwnProc(procfs: Procfs): boolean {
  if (procfs.root === '/proc') return true
  const [a, b] = [statSync(procfs.root), statSync('/proc')]
  return a.dev === b.dev && a.ino === b.ino
}

function unreadable(root: string, errno: string): NsxError {
  return new NsxError(`${root} cannot be read: ${describeErrno(errno)}`, {
    code: 'no-procfs',
    exitCode: isDenied(errno) ? EXIT.permission : EXIT.noTarget,
    target: root,
    errno,
    hint:
      root === '/proc'
        ? 'mount it first: mount -t proc proc /proc'
        : 'name the directory where a procfs is mounted, such as /proc or /host/proc',
  })
}

/** Without the addon there is no getpwuid(3), only the file. */
function passwdNames(): (uid: number) => string | null {
  let names: Map<number, string> | undefined
  return (uid) => {
    names ??= readPasswd()
    return names.get(uid) ?? null
  }
}

function readPasswd(): Map<number, string> {
  try {
    return parsePasswd(readFileSync('/etc/passwd', 'utf8'))
  } catch (error) {
    // Whoever has no name here is shown by number.
    throwIfOurs(errnoName(errnoOf(error)), '/etc/passwd')
    return new Map()
  }
}
