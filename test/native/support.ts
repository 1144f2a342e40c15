import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, vi } from 'vitest'
import { loadAddon } from '../../src/host/addon.ts'
import { nativeHost } from '../../src/host/native.ts'
import type { NsDescriptor, ProcessScan, ScanRequest } from '../../src/host/port.ts'
import { Procfs } from '../../src/host/procfs.ts'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'

const loaded = loadAddon(join(import.meta.dirname, '../..'))
if ('error' in loaded) throw new Error(`npm run build:native first (${loaded.error})`)

export const { addon } = loaded
export const host = nativeHost(addon, new Procfs('/proc'))
export const isRoot = process.getuid?.() === 0

export const ENOENT = 2
export const EINVAL = 22
export const ESTALE = 116

/** Beyond the greatest pid_max (2^22), so that no process has it. */
export const NO_PID = 0x7fff_fff0

export function hostOf(root: string) {
  return nativeHost(addon, new Procfs(root))
}

export function scanOf(pids: readonly number[], request: Partial<ScanRequest> = {}): ProcessScan {
  return host.scanProcesses({
    pids: Int32Array.from(pids),
    types: NS_TYPE_NAMES,
    descriptors: false,
    sockets: false,
    ...request,
  })
}

export function descriptorsOf(pid: number): readonly NsDescriptor[] {
  return scanOf([pid], { types: [], descriptors: true }).descriptors
}

/** The descriptors that are open here; one more is that of the directory. */
export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length
}

export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'nsx-native-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A process that has run a shell script and sleeps now; it ends with the test. */
export async function startSleeper(script = '', wrapper: readonly string[] = []): Promise<number> {
  const [command, ...args] = [...wrapper, 'bash', '-c', `${script}\nexec sleep 300`]
  const child = spawn(command as string, args, { stdio: 'ignore' })
  onTestFinished(() => endOf(child))
  await once(child, 'spawn')
  const pid = child.pid as number
  await vi.waitFor(
    () => expect(readFileSync(`/proc/${pid}/stat`, 'latin1')).toContain('(sleep) S'),
    {
      interval: 5,
      timeout: 10_000,
    },
  )
  return pid
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** The port of a server of ours that accepts and says nothing; it ends with the test. */
export async function startServer(): Promise<{ port: number; fd: number }> {
  const server = createServer((connection) => connection.unref()).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle
  return { port: (server.address() as AddressInfo).port, fd }
}
