import { statSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { NsHandle } from '../../src/host/port.ts'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import type { InsideQuestion } from '../../src/model/inside.ts'
import * as support from './support.ts'

const { host, NO_PID } = support
/** Enough for a second thread; every second one fails. */
const PIDS = Int32Array.from({ length: 80 }, (_, i) => (i % 2 ? process.pid : NO_PID))
const PIDS_ARRAY = [...PIDS]

/** Our own, of each type; another than expected; none. */
const HANDLES: readonly NsHandle[] = [
  ...NS_TYPE_NAMES.map((type) => ({
    ...({ kind: 'link', pid: process.pid, type } as const),
    inum: statSync(`/proc/self/ns/${type}`).ino,
  })),
  { kind: 'link', pid: process.pid, type: 'net', inum: 1 },
  { kind: 'path', path: '/etc/passwd', inum: null },
]
/** An RTM_GETLINK dump. */
const REQUEST = Uint8Array.from([32, 0, 0, 0, 18, 0, 1, 3, ...Array(24).fill(0)])
const QUESTIONS: readonly (readonly InsideQuestion[])[] = [
  [{ ask: 'uname' }, { ask: 'mqueues' }, { ask: 'proc', file: 'thread-self/comm' }],
  [
    { ask: 'netlink', protocol: 0, request: REQUEST },
    { ask: 'netlink', protocol: 0, request: REQUEST.subarray(1) },
    { ask: 'proc', file: 'none' },
    { ask: 'inode', file: 'thread-self/net/dev' },
    { ask: 'inode', file: 'none' },
  ],
]

const CALLS: Readonly<Record<string, () => unknown>> = {
  listPids: () => host.listPids(),
  'listPids that fails': () => expect(() => support.hostOf('/nowhere').listPids()).toThrow(),
  scanProcesses: () =>
    support.scanOf([...PIDS], { types: ['net'], descriptors: true, sockets: true }),
  'scanProcesses, deep': () =>
    support.scanOf([...PIDS], {
      types: ['net', 'pid'],
      deep: { threads: true, forChildren: true, devices: true, netFiles: true },
    }),
  mountNamespaces: () => host.mountNamespaces?.(),
  listNamespaces: () => host.listNamespaces?.(),
  deviceNamespaces: () =>
    host.deviceNamespaces?.({
      ...{ pids: PIDS, fds: new Int32Array(80), inodes: new Float64Array(80) },
    }),
  'describe by children': () =>
    host.describe?.(
      PIDS_ARRAY.map((pid) => ({ kind: 'forChildren', pid, type: 'pid', inum: null })),
      { nsid: false },
    ),
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
  inside: () =>
    QUESTIONS.flatMap((questions) => HANDLES.map((handle) => host.inside?.(handle, questions))),
  peerNsids: () => HANDLES.map((handle) => host.peerNsids?.(handle, HANDLES)),
  statmount: () => HANDLES.map((handle) => host.statmount?.(handle)),
  pidIn: () => HANDLES.map((handle) => host.pidIn?.(handle, PIDS, 'in')),
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
