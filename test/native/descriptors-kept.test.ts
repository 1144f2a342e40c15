import { expect, it } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import * as support from './support.ts'

const { host, NO_PID } = support
/** Enough for a second thread; every second one fails. */
const PIDS = Int32Array.from({ length: 80 }, (_, i) => (i % 2 ? process.pid : NO_PID))

const CALLS: Readonly<Record<string, () => unknown>> = {
  listPids: () => host.listPids(),
  'listPids that fails': () => expect(() => support.hostOf('/nowhere').listPids()).toThrow(),
  scanProcesses: () =>
    support.scanOf([...PIDS], { types: ['net'], descriptors: true, sockets: true }),
  readProcesses: () => host.readProcesses([...PIDS], { status: false, cmdlineBytes: 10 }),
  describe: () =>
    host.describe?.(
      [
        ...NS_TYPE_NAMES.map(
          (type) => ({ kind: 'link', pid: process.pid, type, inum: 0 }) as const,
        ),
        ...NS_TYPE_NAMES.map(
          (type) => ({ kind: 'link', pid: process.pid, type, inum: 1 }) as const,
        ),
        { kind: 'path', path: '/proc/self/ns/net', inum: null },
        { kind: 'path', path: '/etc/passwd', inum: null },
        { kind: 'mount', path: '/etc/passwd', inum: 1 },
        { kind: 'descriptor', pid: process.pid, fd: 0, inum: 1 },
      ],
      { nsid: true },
    ),
  socketNamespaces: () =>
    host.socketNamespaces?.(support.scanOf([process.pid], { types: [], sockets: true }).sockets),
  userName: () => support.addon.userName(0),
}

it.each(Object.keys(CALLS))('leaves no descriptor open: %s, 1,000 times', async (name) => {
  await support.startServer()
  const call = CALLS[name] as () => unknown
  call()
  const before = support.openDescriptors()
  for (let i = 0; i < 1000; i++) call()
  expect(support.openDescriptors()).toBe(before)
})
