import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import type { NsType } from '../../src/kernel/namespace-types.ts'
import { shownOf, showTask } from './support/documents.ts'
import { AS_USER, enter, foreign, inside } from './support/foreign.ts'
import { findMounts, ipInterfaces, ssListening } from './support/inside.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { startPython } from './support/python.ts'
import { endUnshared, type Unshared, unshared } from './support/unshared.ts'

const able =
  requireRoot() &&
  requireAddon() &&
  ['unshare', 'nsenter', 'setpriv', 'ip', 'ss', 'findmnt', 'ipcmk', 'python3'].every(requireCommand)

afterEach(endUnshared)

/** The line about what is inside, which stands on the screen too. */
async function summaryOf({ pid }: Unshared, type: NsType): Promise<string> {
  const { summary } = shownOf(await showTask(pid), type)
  const { stdout } = await runNsx(['show', String(pid), '--type', type])
  expect(stdout).toContain(summary)
  return summary ?? ''
}

describe.runIf(able)('show, in one line', () => {
  test('has the names of a UTS namespace', async () => {
    const target = await foreign('-u')
    const within = inside(target, '-u')
    within('sh', '-c', 'echo box.example >/proc/sys/kernel/hostname')
    expect(await summaryOf(target, 'uts')).toContain(within('uname', '-n').trimEnd())
  })

  test('has addresses, the way out and the ports of a network namespace', async () => {
    const target = await foreign('-n')
    const within = inside(target, '-n')
    expect(await summaryOf(target, 'net')).toBe('lo (down)')
    within('sh', '-ec', SETTINGS)
    await startPython(LISTENER, `/proc/${target.pid}/ns/net`)
    const summary = await summaryOf(target, 'net')
    const [device] = ipInterfaces(within).filter(({ name }) => name === 'v0')
    const wide = device?.addresses.filter(({ scope }) => scope === 'global') ?? []
    expect(wide.map(({ address }) => address)).toEqual(['10.9.0.1/24', 'fd00:9::1/64'])
    expect(summary).toContain(`v0 ${wide.map(({ address }) => address).join(' ')}`)
    expect(summary).toContain('default via 10.9.0.254')
    const ports = ssListening(within).map(({ port }) => port)
    expect(summary).toContain(`tcp ${ports.sort().join(',')}`)
  })

  const SETTINGS = `
echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
ip link set lo up
ip link add v0 type veth peer name v1
ip link set v0 up
ip address add 10.9.0.1/24 dev v0
ip -6 address add fd00:9::1/64 dev v0
ip route add default via 10.9.0.254
`

  const LISTENER = `
import socket
enter(sys.argv[1])
all = [socket.create_server(('127.0.0.1', port)) for port in (8080, 8443)]
`

  test('counts the mounts of a mount namespace', async () => {
    const target = await foreign('-m')
    const mounts = findMounts((...command) => enter([], command), '-N', String(target.pid))
    const root = mounts.find(({ mountPoint }) => mountPoint === '/')
    const summary = await summaryOf(target, 'mnt')
    expect(summary).toContain(`${mounts.length} mounts`)
    expect(summary).toContain(root?.fsType)
    expect(summary).toContain(root?.propagation)
  })

  test('counts the objects of an IPC namespace', async () => {
    const target = await foreign('-i')
    expect(await summaryOf(target, 'ipc')).toBe('empty')
    const within = inside(target, '-i')
    for (const words of [['-Q'], ['-Q'], ['-S', '2'], ['-M', '1048576']]) within('ipcmk', ...words)
    const summary = await summaryOf(target, 'ipc')
    for (const part of ['1 segment (1 MiB)', '1 semaphore set', '2 queues']) {
      expect(summary).toContain(part)
    }
  })

  test('has what the ids of a user namespace are outside', async () => {
    const target = await unshared(...AS_USER, 'unshare', '-U')
    expect(await summaryOf(target, 'user')).toContain('not mapped')
    writeFileSync(`/proc/${target.pid}/uid_map`, '0 12345 1\n1 100000 65536')
    writeFileSync(`/proc/${target.pid}/gid_map`, '0 54321 1')
    const summary = await summaryOf(target, 'user')
    for (const part of ['0→12345 (1)', '1→100000 (65536)', '0→54321 (1)']) {
      expect(summary).toContain(part)
    }
  })

  test('has the offsets of a time namespace', async () => {
    const target = await foreign('-T', '--fork', '--boottime', '86400')
    expect(await summaryOf(target, 'time')).toBe('boottime +86400 s')
  })

  test('has the level of a PID namespace, and the pid there', async () => {
    const target = await foreign('-p', '--fork', 'unshare', '-p', '--fork')
    const pids = /^NSpid:\t(.*)$/m.exec(readFileSync(`/proc/${target.pid}/status`, 'utf8'))?.[1]
    const levels = pids?.split('\t') ?? []
    const summary = await summaryOf(target, 'pid')
    expect(summary).toBe(`level ${levels.length - 1}, pid ${levels.at(-1)} inside`)
  })
})
