import { closeSync, existsSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { NsxError } from '../errors.ts'
import type { Addon } from '../host/addon.ts'
import { errnoName } from '../host/errno-name.ts'
import { errnoOf } from '../host/system-error.ts'
import { describeErrno } from '../kernel/errno.ts'
import type { IdMapLine } from '../kernel/id-map.ts'
import { couldWrite } from './could-write.ts'
import { failure } from './failure.ts'

export interface HelperSource {
  readonly addon: Addon
  /** Of nsx-exec. */
  readonly path: string
  /** The descriptors below are not for us. */
  readonly lowest: number
  /** Of the user namespace that the command will be in; null: it is unknown, or our own. */
  readonly uidMap: readonly IdMapLine[] | null
}

export interface HelperProgram {
  /** Open until the next one is asked for. */
  readonly fd: number
  /** Whoever could not run it says why; thrown on where another way would not help. */
  refuse(error: unknown): void
}

/**
 * nsx-exec as something to run that nobody inside of a container can overwrite through
 * /proc/PID/exe (CVE-2019-5736), by each way that is open, best first.
 *
 * @throws {NsxError} in the end: all ways are closed.
 */
export function* helperPrograms(source: HelperSource): Generator<HelperProgram, never, undefined> {
  const refusals: string[] = []
  for (const { name, open } of WAYS) {
    const refuse = (error: unknown) => void refusals.push(`${name}: ${reasonOf(error)}`)
    let fd: number
    try {
      fd = open(source)
    } catch (error) {
      refuse(error)
      continue
    }
    try {
      yield { fd, refuse }
    } finally {
      closeSync(fd)
    }
  }
  throw failure(
    `cannot start nsx-exec so that nobody inside can change it: ${refusals.join('; ')}`,
    {
      code: 'unsafe-helper',
      target: source.path,
      hint: 'allow files in memory to be run (sysctl vm.memfd_noexec=1), or use nsx with CAP_SYS_ADMIN',
    },
  )
}

/** Where nsx-exec is for this machine: shipped prebuilt, else built here. */
export function helperPath(packageRoot: string): string {
  const places = [`prebuilds/linux-${process.arch}/nsx-exec`, 'native/build/Release/nsx-exec']
  const found = places.map((place) => join(packageRoot, place)).find((path) => existsSync(path))
  if (found !== undefined) return found
  throw failure(`nsx-exec is missing: neither ${places.join(' nor ')} is there`, {
    code: 'no-helper',
    target: packageRoot,
    hint: 'run npm run build',
  })
}

interface Way {
  readonly name: string
  /** A descriptor of what is to be run. */
  readonly open: (source: HelperSource) => number
}

const WAYS: readonly Way[] = [
  {
    name: 'a sealed file in memory',
    open: ({ addon, path, lowest }) =>
      addon.sealedMemory('nsx-exec', readFileSync(path), true, lowest),
  },
  {
    name: 'a read-only mount',
    open: ({ addon, path, lowest }) => addon.readOnlyMount(path, lowest),
  },
  { name: 'its own file', open: openUnwritable },
]

class CouldBeWritten extends Error {}

function openUnwritable({ path, lowest, uidMap }: HelperSource): number {
  const fd = openFrom(path, lowest)
  if (!couldWrite(fstatSync(fd), uidMap) && !couldWrite(statSync(dirname(path)), uidMap)) return fd
  closeSync(fd)
  throw new CouldBeWritten()
}

function openFrom(path: string, lowest: number): number {
  const fd = openSync(path, 'r')
  if (fd >= lowest) return fd
  try {
    return openFrom(path, lowest)
  } finally {
    closeSync(fd)
  }
}

/** What closes one way, and says nothing of the others. */
const REFUSALS = new Set(['EACCES', 'EPERM', 'ENOSYS', 'EINVAL'])

function reasonOf(error: unknown): string {
  if (error instanceof CouldBeWritten) return 'somebody inside could write it'
  const errno = errnoName(errnoOf(error))
  if (REFUSALS.has(errno)) return describeErrno(errno)
  throw helperFailure(errno)
}

function helperFailure(errno: string): NsxError {
  return failure(`cannot start nsx-exec: ${describeErrno(errno)}`, {
    code: 'helper-failed',
    errno,
    ...(errno === 'ENOEXEC' ? { hint: 'it is not for this machine: run npm run build' } : {}),
  })
}
