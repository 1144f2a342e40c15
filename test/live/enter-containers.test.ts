import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startBwrap, startRunc } from './support/containers.ts'
import { startDocker } from './support/docker.ts'
import { startFirejail } from './support/firejail.ts'
import { enter } from './support/foreign.ts'
import { EIGHT, linksIn, linksOf } from './support/links.ts'
import { startLxc } from './support/lxc.ts'
import { requireAddon, requireCommand, requireFile, requireRoot } from './support/needs.ts'
import { startNspawn } from './support/nspawn.ts'
import { type NsxOptions, runNsx } from './support/nsx.ts'
import { startPodman } from './support/podman.ts'

const UID = 12_345
const SHELL = ['--', '/bin/busybox', 'sh', '-s']
const LOOK = linksIn(EIGHT, '/bin/busybox readlink')

interface Started {
  readonly id: string | null
  readonly pid: number
  stop(): Promise<void>
}

interface Case {
  readonly command: string
  readonly label: string
  /** Who enters it. */
  readonly by: Pick<NsxOptions, 'uid'>
  start(): Promise<Started>
  /** How it is named besides its pid. */
  names(started: Started): readonly string[]
  /** What else nsenter(1) needs. */
  readonly nsenter?: readonly string[]
}

async function startWith(
  start: () => Promise<{
    run(name: string): Promise<Omit<Started, 'stop'>>
    stop(): Promise<void>
  }>,
): Promise<Started> {
  const engine = await start()
  try {
    return { ...(await engine.run('web')), stop: engine.stop }
  } catch (error) {
    await engine.stop()
    throw error
  }
}

const byNameAndId = ({ id }: Started) => ['web', id ?? '', id?.slice(0, 12) ?? '', '1@web']

const CASES: readonly Case[] = [
  {
    ...{ command: 'dockerd', label: 'docker', by: {}, start: () => startWith(startDocker) },
    names: (started) => [...byNameAndId(started), 'docker:web'],
  },
  {
    ...{ command: 'podman', label: 'podman', by: {}, start: () => startWith(startPodman) },
    names: (started) => [...byNameAndId(started), 'podman:web'],
  },
  {
    ...{ command: 'newuidmap', label: 'rootless podman, as its owner', by: { uid: UID } },
    start: () => startWith(() => startPodman({ rootless: UID })),
    names: byNameAndId,
  },
  {
    ...{ command: 'runc', label: 'runc', by: {} },
    async start() {
      const { pid, stop } = await startRunc({ id: 'web' })
      return { id: null, pid, stop }
    },
    names: () => ['web', '1@web', 'runc:web'],
  },
  {
    ...{ command: 'runc', label: 'runc, in a user namespace', by: {} },
    async start() {
      const { pid, stop } = await startRunc({ id: 'web', rootUid: 200_000 })
      return { id: null, pid, stop }
    },
    names: () => ['web', '1@web'],
  },
  {
    ...{ command: 'systemd-nspawn', label: 'systemd-nspawn', by: {} },
    start: () => startNspawn('web'),
    names: () => ['web', '1@web', 'machine:web'],
  },
  {
    ...{ command: 'lxc-start', label: 'LXC', by: {}, start: () => startLxc('web', { uid: 0 }) },
    names: () => ['web', '1@web', 'lxc:web'],
  },
  {
    // It is a program of root's: its owner has no rights in it.
    ...{ command: 'firejail', label: 'firejail', by: {} },
    start: () => startFirejail('web', { uid: 33 }),
    names: () => [],
  },
  {
    ...{ command: 'bwrap', label: 'bubblewrap, as its owner', by: { uid: UID } },
    async start() {
      const { payload, stop } = await startBwrap({ uid: UID })
      return { id: null, pid: payload, stop }
    },
    names: () => [],
    // There is no uid 0 in it.
    nsenter: ['--preserve-credentials'],
  },
]

const canRun = requireRoot() && requireAddon() && requireFile('/bin/busybox')

describe.runIf(canRun).each(CASES)('a container of $label', (one) => {
  const here = requireCommand(one.command)
  let started: Started

  beforeAll(async () => {
    if (here) started = await one.start()
  })
  afterAll(() => started?.stop())

  test.runIf(here)('is entered by its pid and by all its names', async () => {
    const told = linksOf(started.pid)
    for (const name of [String(started.pid), ...one.names(started)]) {
      const result = await runNsx(['enter', name, ...SHELL], {
        ...one.by,
        input: `${LOOK}\nexit 6`,
      })
      expect({ name, ...result }).toMatchObject({ code: 6, stdout: `${told.join('\n')}\n` })
      expect(result.stderr).toBe('')
    }
  })

  test.runIf(here)('with --all, too, as with nsenter', async () => {
    const words = ['--target', String(started.pid), '--all']
    const { stdout, code } = await runNsx(['enter', ...words, ...SHELL], {
      ...{ ...one.by, input: LOOK },
    })
    expect(code).toBe(0)
    expect(stdout).toBe(
      enter([...words, ...(one.nsenter ?? [])], ['/bin/busybox', 'sh', '-c', LOOK]),
    )
  })
})
