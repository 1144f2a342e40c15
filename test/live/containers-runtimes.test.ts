import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Container } from '../../src/model/container.ts'
import { isOwnedEvidence } from '../../src/model/container-owner.ts'
import { startBwrap, startRunc } from './support/containers.ts'
import { startCtr } from './support/ctr.ts'
import type { RuntimeContainer } from './support/daemons.ts'
import { startDocker } from './support/docker.ts'
import { startFirejail } from './support/firejail.ts'
import { ENGINES, listDocument } from './support/list.ts'
import { startLxc } from './support/lxc.ts'
import { namesOf } from './support/named.ts'
import { requireAddon, requireCommand, requireFile, requireRoot } from './support/needs.ts'
import { NSPAWN_UID, startNspawn } from './support/nspawn.ts'
import { startPodman } from './support/podman.ts'
import { attempt, effectiveUidOf, inumOf } from './support/proc.ts'

const UID = 12_345

interface Started extends RuntimeContainer {
  stop(): Promise<void>
}

interface Case {
  readonly command: string
  /** The uid of what runs in it. */
  readonly uid: number
  start(): Promise<Started>
  /** What it is as root sees it, and as an ordinary user. */
  readonly told: Partial<Container>
  readonly label: string
  /** Of an ordinary user; `untold`: they cannot say what it is. */
  readonly plain: (started: Started) => string | 'untold'
  /** Who could have made it up. */
  readonly maker: number
}

const CASES: readonly Case[] = [
  {
    ...{ command: 'dockerd', uid: 1234, label: 'docker:nsx-web', maker: 0 },
    async start() {
      const engine = await startDocker()
      const labels = ['project=shop', 'service=front'].flatMap((label) => [
        ...['--label', `com.docker.compose.${label}`],
      ])
      const started = await engine
        .run('nsx-web', { uid: 1234, options: ['--network', 'none', ...labels] })
        .catch(ending(engine))
      return { ...started, stop: engine.stop }
    },
    told: {
      ...{ family: 'docker', kind: 'container', name: 'nsx-web', image: 'nsx-test' },
      ...{ compose: { project: 'shop', service: 'front' }, outer: null, unknown: [] },
    },
    plain: ({ id }) => `docker:${id?.slice(0, 12)}`,
  },
  {
    ...{ command: 'podman', uid: 1234, label: 'podman:nsx-web', maker: 0 },
    async start() {
      const engine = await startPodman()
      const started = await engine.run('nsx-web', { uid: 1234 }).catch(ending(engine))
      return { ...started, stop: engine.stop }
    },
    told: {
      ...{ family: 'podman', kind: 'container', name: 'nsx-web', outer: null, unknown: [] },
      image: 'localhost/nsx-test:latest',
    },
    // conmon's command line is there for all to read.
    plain: () => 'podman:nsx-web',
  },
  {
    ...{ command: 'ctr', uid: 0, label: 'containerd:nsx-web', maker: 0 },
    start: () => startCtr('nsx-web', { labels: ['team=a'] }),
    told: { family: 'containerd', kind: 'container', name: 'nsx-web', outer: null, unknown: [] },
    plain: () => 'containerd:nsx-web',
  },
  {
    ...{ command: 'newuidmap', uid: UID, label: 'podman:nsx-web', maker: UID },
    async start() {
      const engine = await startPodman({ rootless: UID })
      const started = await engine.run('nsx-web').catch(ending(engine))
      return { ...started, stop: engine.stop }
    },
    told: { family: 'podman', kind: 'container', name: 'nsx-web', outer: null, unknown: [] },
    plain: () => 'podman:nsx-web',
  },
  {
    ...{ command: 'systemd-nspawn', uid: NSPAWN_UID, label: 'machine:nsx-box', maker: 0 },
    start: () => startNspawn('nsx-box'),
    told: { family: 'machine', kind: 'machine', id: null, name: 'nsx-box', outer: null },
    plain: () => 'machine:nsx-box',
  },
  {
    ...{ command: 'lxc-start', uid: 1234, label: 'lxc:nsx-web', maker: 0 },
    start: () => startLxc('nsx-web', { uid: 1234 }),
    told: { family: 'lxc', kind: 'container', id: null, name: 'nsx-web', outer: null },
    plain: () => 'lxc:nsx-web',
  },
  {
    ...{ command: 'runc', uid: 200_000, label: 'runc:nsx-web', maker: 0 },
    async start() {
      const { pid, stop } = await startRunc({ id: 'nsx-web', rootUid: 200_000 })
      return { name: 'nsx-web', id: 'nsx-web', pid, stop }
    },
    told: { family: 'runc', kind: 'container', id: 'nsx-web', name: 'nsx-web', outer: null },
    plain: () => 'runc:nsx-web',
  },
  {
    ...{ command: 'bwrap', uid: UID, label: 'bwrap', maker: UID },
    async start() {
      const { payload, stop } = await startBwrap({ uid: UID })
      return { name: '', id: null, pid: payload, stop }
    },
    told: { family: 'bwrap', kind: 'sandbox', id: null, name: null, outer: null },
    plain: () => 'bwrap',
  },
  {
    ...{ command: 'firejail', uid: 33, label: 'firejail:nsx-web', maker: 33 },
    start: () => startFirejail('nsx-web', { uid: 33 }),
    told: { family: 'firejail', kind: 'sandbox', id: null, name: 'nsx-web', outer: null },
    plain: () => 'firejail:nsx-web',
  },
]

function ending(engine: { stop(): Promise<void> }) {
  return async (error: unknown): Promise<never> => {
    await engine.stop()
    throw error
  }
}

const canRun = requireRoot() && requireAddon() && requireFile('/bin/busybox')

describe.runIf(canRun).each(CASES)('a container, $label, of uid $uid', (one) => {
  const { command, told, label, maker } = one
  let started: Started
  const here = requireCommand(command)

  beforeAll(async () => {
    if (here) started = await one.start()
  })
  afterAll(() => started?.stop())

  test.runIf(here)('runs as the user that was asked for', () => {
    expect(effectiveUidOf(started.pid)).toBe(one.uid)
  })

  test.runIf(here)('is named as its runtime names it, to root', async () => {
    const { of, gaps } = await namesOf([started.pid])
    const container = of[started.pid]
    expect(container).toMatchObject({ label, ...told })
    if (started.id !== null) expect(container?.id).toBe(started.id)
    expect(gaps).toEqual([])
    const uids = new Set(container?.evidence.map(({ uid }) => uid))
    expect([...uids]).toEqual([maker])
    expect(isOwnedEvidence(container as Container, 0)).toBe(maker === 0)
    expect(isOwnedEvidence(container as Container, maker)).toBe(true)
  })

  test.runIf(here)('is as far as they can read, to an ordinary user', async () => {
    const { of } = await namesOf([started.pid], { uid: UID })
    expect(of[started.pid]?.label ?? 'untold').toBe(one.plain(started))
    expect(of[started.pid]?.id ?? null).toBe(started.id)
  })

  test.runIf(here).each(ENGINES)('is in the list made with $engine', async ({ how }) => {
    const document = await listDocument(how)
    const { pid } = started
    const mnt = attempt(() => inumOf(pid, 'mnt'))
    const row = document.namespaces.find(({ inum }) => inum === mnt)
    expect(row?.container).toMatchObject({ label, ...told })
    const led = document.namespaces.filter(({ leader }) => leader?.pid === pid)
    for (const { container, unknown } of led) {
      expect(container?.label).toBe(label)
      expect(unknown).not.toContain('container')
    }
  })
})
