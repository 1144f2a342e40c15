import { statSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { DescriptorList, SocketNamespaces } from '../../src/host/port.ts'
import * as support from './support.ts'

const { isRoot } = support

function ask(sockets: DescriptorList): SocketNamespaces {
  const answer = support.host.socketNamespaces?.(sockets)
  if (!answer) throw new Error('the native host examines sockets')
  return answer
}

/** A process that moved to a new network namespace, with a socket (7) of ours. */
async function startMoved(): Promise<number> {
  const { port } = await support.startServer()
  return support.startSleeper(`exec 7<>/dev/tcp/127.0.0.1/${port}; exec unshare -n sleep 300`)
}

function socketsOf(pid: number): DescriptorList {
  return support.scanOf([pid], { types: [], sockets: true }).sockets
}

describe.skipIf(!isRoot)('socketNamespaces', () => {
  it('finds the socket that a process took into another network namespace', async () => {
    const pid = await startMoved()
    const ours = statSync('/proc/self/ns/net').ino
    expect(statSync(`/proc/${pid}/ns/net`).ino).not.toBe(ours)
    const sockets = socketsOf(pid)
    expect([...sockets.fds]).toEqual([7])
    const answer = ask(sockets)
    expect([...answer.errnos]).toEqual([0])
    expect([...answer.inums]).toEqual([ours])
    expect(answer.facts.find(({ inum }) => inum === ours)?.type).toBe('net')
  })

  it('answers for more sockets than one thread may hold', async () => {
    const pid = await startMoved()
    const { inodes } = socketsOf(pid)
    const count = 1500
    const answer = ask({
      pids: new Int32Array(count).fill(pid),
      fds: new Int32Array(count).fill(7),
      inodes: new Float64Array(count).fill(inodes[0] as number),
    })
    expect(new Set(answer.errnos)).toEqual(new Set([0]))
    expect(answer.facts.filter(({ type }) => type === 'net')).toHaveLength(1)
  })

  it('tells a socket that is gone or another file from one it may not look at', async () => {
    const pid = await startMoved()
    const inode = socketsOf(pid).inodes[0] as number
    const answer = ask({
      pids: Int32Array.of(pid, pid, pid, support.NO_PID),
      fds: Int32Array.of(7, 1, 99, 7),
      inodes: Float64Array.of(inode + 1, inode, inode, inode),
    })
    expect([...answer.inums]).toEqual([0, 0, 0, 0])
    const { ESTALE, ENOENT } = support
    expect([...answer.errnos]).toEqual([ESTALE, ESTALE, ENOENT, ENOENT])
  })
})
