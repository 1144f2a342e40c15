import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Readable } from 'node:stream'
import { collect, endByStdin, until, watch } from './children.ts'

export interface Container {
  /** The name under which its runtime knows it; bubblewrap has none. */
  readonly id: string | null
  /** The first process of its pid namespace. */
  readonly pid: number
  /** The process that it is there for (with runc the same). */
  readonly payload: number
  stop(): Promise<void>
}

export interface RuncOptions {
  /** In a user namespace whose uid 0 is this one outside, with 65,536 ids. */
  readonly rootUid?: number
  readonly id?: string
}

/** Both run this: it ends with our end of its stdin, whatever becomes of us. */
const BUSYBOX = '/bin/busybox'
const PAYLOAD = [BUSYBOX, 'cat']

let count = 0

/** A container with an mnt, net, pid, uts, ipc and cgroup namespace, its state in /run/runc. */
export async function startRunc({ rootUid, id = nextId() }: RuncOptions = {}): Promise<Container> {
  const bundle = makeBundle(id, { rootUid, program: BUSYBOX, args: PAYLOAD })

  const pidFile = `${bundle}/pid`
  const child = spawn('runc', ['run', '--bundle', bundle, '--pid-file', pidFile, id], {
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  const clean = async () => {
    spawnSync('runc', ['delete', '--force', id])
    await rm(bundle, { recursive: true, force: true })
  }
  return started(child, clean, () => {
    const pid = Number(textOf(pidFile))
    return pid > 0 && commOf(pid) === 'busybox' ? { id, pid, payload: pid } : null
  })
}

export interface BundleOptions {
  readonly rootUid?: number | undefined
  /** A static program, which becomes /bin/NAME inside. */
  readonly program: string
  readonly args: readonly string[]
}

/** The directory from which runc makes a container; to be deleted by the caller. */
export function makeBundle(id: string, { rootUid, program, args }: BundleOptions): string {
  const bundle = mkdtempSync(join(tmpdir(), 'nsx-bundle-'))
  chmodSync(bundle, 0o755)
  for (const folder of ['bin', 'proc', 'dev', 'tmp']) {
    mkdirSync(`${bundle}/rootfs/${folder}`, { recursive: true })
  }
  copyFileSync(program, `${bundle}/rootfs/bin/${basename(program)}`)
  writeFileSync(`${bundle}/config.json`, JSON.stringify(runcConfig(id, rootUid, args)))
  return bundle
}

/** A sandbox with all namespaces of its own that bubblewrap can make, on our own files. */
export async function startBwrap({ uid }: { uid?: number } = {}): Promise<Container> {
  const args = ['--unshare-all', '--die-with-parent', '--ro-bind', '/', '/', '--info-fd', '3']
  const child = spawn('bwrap', [...args, ...PAYLOAD], {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  const info = collect(child.stdio[3] as Readable)
  return started(
    child,
    async () => undefined,
    () => {
      const pid = Number(/"child-pid": (\d+)/.exec(info())?.[1])
      const payload = Number(textOf(`/proc/${pid}/task/${pid}/children`).split(' ')[0])
      return payload > 0 && commOf(payload) === 'busybox' ? { id: null, pid, payload } : null
    },
  )
}

type Found = Omit<Container, 'stop'>

async function started(
  child: ChildProcess,
  clean: () => Promise<void>,
  find: () => Found | null,
): Promise<Container> {
  const watched = watch(child)
  const stop = async () => {
    await endByStdin(child, watched)
    await clean()
  }
  try {
    const found = await until(`${child.spawnargs[0]} to start`, () => {
      if (watched.over()) throw new Error(watched.stderr().trim() || 'it ended early')
      return find()
    })
    return { ...found, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function nextId(): string {
  count += 1
  return `nsx-test-${process.pid}-${count}`
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function commOf(pid: number): string {
  return textOf(`/proc/${pid}/comm`).trim()
}

/** The least that runc accepts. No limits and no oom score: those need CAP_SYS_RESOURCE. */
function runcConfig(id: string, rootUid: number | undefined, args: readonly string[]): object {
  const types = ['mount', 'network', 'pid', 'uts', 'ipc', 'cgroup']
  const mapping = [{ containerID: 0, hostID: rootUid, size: 65_536 }]
  const user = rootUid === undefined ? {} : { uidMappings: mapping, gidMappings: mapping }
  return {
    ociVersion: '1.0.2',
    hostname: id,
    root: { path: 'rootfs', readonly: true },
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      args,
      env: ['PATH=/bin'],
      cwd: '/',
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
    ],
    linux: {
      namespaces: [...types, ...(rootUid === undefined ? [] : ['user'])].map((type) => ({ type })),
      ...user,
    },
  }
}
