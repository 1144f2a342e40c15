import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { loadAddon } from '../../src/host/addon.ts'
import { nativeHost } from '../../src/host/native.ts'
import { parsePasswd } from '../../src/host/passwd.ts'
import type { Host, NsDescriptor, ProcessScan, ScanRequest } from '../../src/host/port.ts'
import { typescriptHost } from '../../src/host/typescript.ts'
import type { Errno } from '../../src/kernel/errno.ts'
import { parseNsLink } from '../../src/kernel/ns-link.ts'
import type { FileBelow, FileContent } from '../../src/model/inside.ts'
import { fixtureInside } from './fixture-inside.ts'
import { type FixtureNsfs, fixtureNsfs } from './fixture-nsfs.ts'
import {
  errnoNumber,
  FixtureProcfs,
  type FixtureProcfsOptions,
  type Machine,
  machinePath,
} from './fixture-procfs.ts'

export type Engine = Host['engine']

const LOADED = loadAddon(join(import.meta.dirname, '../..'))

/** The engines that can be tested here. A missing addon is a failure in CI and said elsewhere. */
export const ENGINES: readonly Engine[] = enginesHere()

function enginesHere(): Engine[] {
  if ('addon' in LOADED) return ['typescript', 'native']
  if (process.env.CI) throw new Error(`the addon is missing: ${LOADED.error}`)
  process.stderr.write(`skipped: the native engine, because of the addon: ${LOADED.error}\n`)
  return ['typescript']
}

export interface FixtureOptions extends FixtureProcfsOptions {
  readonly engine?: Engine
  /** False: as for another procfs, where neither nsfs nor sockets can be asked. */
  readonly nsfs?: boolean
  /** One that does more than that of the machine. */
  readonly procfs?: FixtureProcfs
}

export interface FixtureHost extends Host {
  readonly procfs: FixtureProcfs
}

/** A machine of test/fixtures. */
export function fixtureHost(machine: Machine, options: FixtureOptions = {}): FixtureHost {
  const { engine = 'typescript', nsfs = true } = options
  const procfs = options.procfs ?? new FixtureProcfs(machine, options)
  const answers = fixtureNsfs(procfs)
  const names = parsePasswd(readFileSync(machinePath(machine, 'etc/passwd'), 'utf8'))
  const host = typescriptHost(procfs, {
    describe: nsfs ? answers.describe : null,
    userName: (uid) => names.get(uid) ?? null,
  })
  const whole = {
    ...{ ...host, procfs, readFiles: async (files: readonly FileBelow[]) => files.map(readBelow) },
    socketNamespaces: nsfs ? answers.socketNamespaces : null,
    deviceNamespaces: nsfs ? answers.deviceNamespaces : null,
    ...(nsfs ? fixtureInside(procfs) : {}),
  }
  return engine === 'native' ? overAddon(whole, answers) : whole
}

/** Of a root that the fixture has as a folder; all of it is root's. */
function readBelow({ root, path, limit }: FileBelow): FileContent | Errno {
  try {
    const bytes = readFileSync(join(root, path))
    const mode = statSync(join(root, path)).mode & 0o777
    return { bytes: bytes.subarray(0, limit), cut: bytes.length > limit, uid: 0, gid: 0, mode }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'EIO'
  }
}

/**
 * Scans and reads with the addon. What needs a real kernel behind a link is served from the fixture:
 * nsfs, and which descriptors are namespaces or sockets.
 */
function overAddon(fixture: FixtureHost, nsfs: FixtureNsfs): FixtureHost {
  if (!('addon' in LOADED)) throw new Error(LOADED.error)
  const native = nativeHost(LOADED.addon, fixture.procfs)
  return {
    ...fixture,
    engine: 'native',
    listPids: native.listPids,
    readProcesses: native.readProcesses,
    scanProcesses(request) {
      const scan = native.scanProcesses({ ...request, descriptors: false, sockets: false })
      const found = fixture.scanProcesses(request)
      return {
        ...deny(scan, request, fixture.procfs.denied),
        descriptorErrnos: found.descriptorErrnos,
        descriptors: request.descriptors ? untyped(fixture.procfs, request.pids, nsfs) : [],
        sockets: found.sockets,
        // Which files are devices and such of /proc/PID/net only a real kernel tells.
        ...(scan.deep && found.deep
          ? { deep: { ...scan.deep, devices: found.deep.devices, netFiles: found.deep.netFiles } }
          : {}),
      }
    },
  }
}

/** Permissions are not kept in git. */
function deny(scan: ProcessScan, request: ScanRequest, denied: ReadonlySet<number>): ProcessScan {
  const { inums, errnos } = scan
  const width = request.types.length
  for (const [i, pid] of request.pids.entries()) {
    if (!denied.has(pid)) continue
    inums.fill(0, i * width, (i + 1) * width)
    errnos.fill(errnoNumber('EACCES'), i * width, (i + 1) * width)
  }
  return scan
}

/** As statx(2) tells them: every namespace, without its type. */
function untyped(procfs: FixtureProcfs, pids: Int32Array, nsfs: FixtureNsfs): NsDescriptor[] {
  return [...pids].flatMap((pid) =>
    descriptorsOf(procfs, pid).flatMap((fd) => {
      const text = procfs.link(`${pid}/fd/${fd}`)
      if (!parseNsLink(text) && text !== '/') return []
      const inum = inumOf(procfs, { pid, fd }, nsfs)
      return inum === 0 ? [] : { pid, fd, inum, type: null }
    }),
  )
}

function descriptorsOf(procfs: FixtureProcfs, pid: number): number[] {
  if (procfs.denied.has(pid)) return []
  try {
    return procfs.names(`${pid}/fd`).map(Number)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function inumOf(
  procfs: FixtureProcfs,
  { pid, fd }: { pid: number; fd: number },
  nsfs: FixtureNsfs,
): number {
  const [, ino] = /^ino:\t(\d+)$/m.exec(fdinfo(procfs, pid, fd)) ?? []
  const inum = parseNsLink(procfs.link(`${pid}/fd/${fd}`))?.inum ?? Number(ino ?? 0)
  return nsfs.describe([{ kind: 'descriptor', pid, fd, inum }], { nsid: false }).inums[0] ?? 0
}

function fdinfo(procfs: FixtureProcfs, pid: number, fd: number): string {
  try {
    return procfs.text(`${pid}/fdinfo/${fd}`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
