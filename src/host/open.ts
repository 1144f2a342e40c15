import { readFileSync, statfsSync, statSync } from 'node:fs'
import { EXIT, NsxError } from '../errors.ts'
import { describeErrno, isDenied } from '../kernel/errno.ts'
import { loadAddon } from './addon.ts'
import { errnoName } from './errno-name.ts'
import { nativeHost } from './native.ts'
import { parsePasswd } from './passwd.ts'
import type { Host } from './port.ts'
import { Procfs } from './procfs.ts'
import { errnoOf } from './system-error.ts'
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
  const procfs = new Procfs(root ?? '/proc')
  checkProcfs(procfs)
  const loaded = loadAddon(packageRoot)
  const native = 'addon' in loaded ? nativeHost(loaded.addon, procfs) : null
  if (root === undefined && native) return { host: native, notice: null }
  const own = isOwnProc(procfs)
  const host = typescriptHost(procfs, {
    ownProc: own,
    // The links of a saved procfs lead nowhere: nothing can be asked through them.
    describe: native && statfsSync(procfs.root).type === PROC_SUPER_MAGIC ? native.describe : null,
    userName: own ? passwdNames() : () => null,
  })
  const notice =
    'error' in loaded
      ? `the addon could not be loaded (${loaded.error}); without it there are no ids, owners and sockets, and the scan is slower`
      : null
  return { host, notice }
}

function isOwnProc(procfs: Procfs): boolean {
  if (procfs.root === '/proc') return true
  const [a, b] = [statSync(procfs.root), statSync('/proc')]
  return a.dev === b.dev && a.ino === b.ino
}

function checkProcfs(procfs: Procfs): void {
  // The whole directory is long; a procfs of our own PID namespace has this.
  if (procfs.exists('self/ns')) return
  try {
    const names = procfs.names('')
    if (names.some((name) => /^[1-9]\d*$/.test(name) && procfs.exists(`${name}/ns`))) return
  } catch (error) {
    throw unreadable(procfs.root, errnoName(errnoOf(error)))
  }
  throw new NsxError(`${procfs.root} is not a procfs: it has no processes with namespaces`, {
    code: 'not-a-procfs',
    exitCode: EXIT.noTarget,
    target: procfs.root,
    hint: 'name the directory where a procfs is mounted, such as /proc or /host/proc',
  })
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
    errnoOf(error)
    return new Map()
  }
}
