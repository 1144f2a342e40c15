import { spawn } from 'node:child_process'
import { chownSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { isOwnedEvidence } from '../../src/model/container-owner.ts'
import { startBwrap } from './support/containers.ts'
import { killAll, type RuntimeContainer } from './support/daemons.ts'
import { type Docker, startDocker } from './support/docker.ts'
import { namesOf } from './support/named.ts'
import { requireAddon, requireCommand, requireFile, requireRoot } from './support/needs.ts'
import { type Podman, startPodman, withPodman } from './support/podman.ts'
import { pretend } from './support/pretend.ts'
import { argsOf, parentOf } from './support/proc.ts'
import { hold, releaseAll } from './support/zoo.ts'

const UID = 12_345
const OTHER = 'ab'.repeat(32)
const canRun =
  requireRoot() && requireAddon() && requireFile('/bin/busybox') && requireCommand('cc')

async function containerOf(pid: number, { uid = 0 } = {}) {
  const { of } = await namesOf([pid], { uid })
  return of[pid]
}

/** Unless this very test runs in a container. */
const isBare = !/[0-9a-f]{64}|lxc|machine/.test(readFileSync('/proc/self/cgroup', 'utf8'))

test.runIf(canRun && isBare)('marks that are inherited are no containers', async () => {
  const env = { container: 'docker', CONTAINER_NAME: 'web', HOSTNAME: OTHER.slice(0, 12) }
  const child = spawn('/bin/busybox', ['cat'], { env, stdio: ['pipe', 'ignore', 'ignore'] })
  onTestFinished(() => void child.stdin.end())
  const container = await containerOf(child.pid as number)
  expect(container === null || container?.kind === 'unit').toBe(true)
})

describe.runIf(canRun)('whoever makes a container up', () => {
  test.each([
    ['conmon', ['conmon', '-c', OTHER, '-n', 'web'], 'podman:web'],
    ["docker's shim", ['containerd-shim-runc-v2', '-namespace', 'moby', '-id', OTHER], 'docker:ab'],
    ['a shim', ['containerd-shim-runc-v2', '-namespace', 'jobs', '-id', 'web'], 'containerd:web'],
    ['bubblewrap', ['bwrap', '--unshare-all', 'sh'], 'bwrap'],
    ['nspawn', ['systemd-nspawn', '-M', 'web'], 'machine:web'],
    ['firejail', ['firejail', '--name=web'], 'firejail:web'],
    ["LXC's monitor", ['[lxc monitor] /var/lib/lxc web'], 'lxc:web'],
  ])('as %s is told by their uid', async (_, args, label) => {
    const pid = await pretend(args, { uid: UID })
    const container = await containerOf(pid)
    expect(container?.label.slice(0, label.length)).toBe(label)
    expect(container?.evidence.map(({ uid }) => uid)).toContain(UID)
    if (!container) return
    expect(isOwnedEvidence(container, 0)).toBe(false)
    expect(isOwnedEvidence(container, UID)).toBe(true)
  })
})

describe.runIf(canRun && requireCommand('podman'))("a container of root's podman", () => {
  let podman: Podman
  let web: RuntimeContainer

  beforeAll(async () => {
    podman = await startPodman()
    web = await podman.run('nsx-real')
  })
  afterAll(() => podman?.stop())

  test('is not told of a process that claims its number and its files', async () => {
    const conmon = argsOf(parentOf(web.pid)).slice(1)
    const named = conmon.map((word) => (word === 'nsx-real' ? 'nsx-forged' : word))
    const pid = await pretend(['conmon', ...named], { uid: UID })
    const { of } = await namesOf([pid, web.pid])
    expect(of[web.pid]).toMatchObject({ name: 'nsx-real', image: 'localhost/nsx-test:latest' })
    expect(of[pid]).toMatchObject({ id: web.id, name: 'nsx-forged', image: null })
    expect(of[pid]?.unknown).toEqual(['image'])
    expect(of[pid]?.evidence).toEqual([
      { kind: 'process', where: `conmon(${parentOf(pid)})`, uid: UID },
    ])
  })

  test('in a pod is told with it', async () => {
    const infra = ['--infra-image', 'nsx-test', '--infra-command', '/bin/busybox sleep 3600']
    const uid = await podman.podman(
      'pod',
      'create',
      '--name',
      'nsx-pod',
      '--network',
      'none',
      ...infra,
    )
    const member = await podman.run('nsx-member', { options: ['--pod', 'nsx-pod'] })
    expect(await containerOf(member.pid)).toMatchObject({
      ...{ label: 'podman:nsx-member', id: member.id },
      pod: { name: 'nsx-pod', namespace: null, uid },
    })
  })
})

test.runIf(canRun && requireCommand('podman') && requireCommand('newuidmap'))(
  'a rootless container whose conmon is gone is told by its mounts',
  () =>
    withPodman({ rootless: UID }, async (podman) => {
      const { id, pid } = await podman.run('nsx-orphan')
      await killAll([parentOf(pid)])
      const container = await containerOf(pid)
      expect(container).toMatchObject({ family: 'podman', id, name: null })
      expect(container?.evidence).toMatchObject([{ kind: 'mount', uid: UID }])
    }),
)

describe.runIf(canRun && requireCommand('dockerd'))("a container of root's docker", () => {
  let docker: Docker
  let web: RuntimeContainer

  beforeAll(async () => {
    docker = await startDocker()
    web = await docker.run('nsx-real')
  })
  afterAll(() => docker?.stop())

  test('is not told of a process that claims to be its shim', async () => {
    const pid = await pretend(argsOf(parentOf(web.pid)), { uid: UID })
    expect(await containerOf(pid)).toMatchObject({
      ...{ id: web.id, name: null, unknown: ['name', 'image', 'compose'] },
      evidence: [{ kind: 'process', where: `containerd-shim(${parentOf(pid)})`, uid: UID }],
    })
  })

  test("is not told of a process in a user's own cgroup of that name", async () => {
    // As root gives a part of the hierarchy to a user (cgroups(7), delegation).
    const given = `/sys/fs/cgroup/pids/nsx-test-${process.pid}`
    const folders = [given, `${given}/docker`, `${given}/docker/${web.id}`]
    for (const folder of folders) mkdirSync(folder)
    const pid = await pretend(['sleep'], { uid: UID })
    onTestFinished(() => {
      writeFileSync('/sys/fs/cgroup/pids/cgroup.procs', String(pid))
      for (const folder of folders.toReversed()) rmdirSync(folder)
    })
    for (const name of ['', '/cgroup.procs', '/notify_on_release']) {
      chownSync(`${folders.at(-1)}${name}`, UID, UID)
    }
    writeFileSync(`${folders.at(-1)}/cgroup.procs`, String(pid))
    const container = await containerOf(pid)
    expect(container).toMatchObject({ id: web.id, name: null })
    expect(container?.evidence.map(({ kind, uid }) => [kind, uid])).toEqual([['cgroup', UID]])
  })

  test.runIf(requireFile('/dev/fuse') && requireCommand('nsenter'))(
    'is told beside others whose files hang',
    async () => {
      onTestFinished(releaseAll)
      const { pid: mountsOf, path } = await hold('fuse-mount', 'uts')
      const bundles = Array.from({ length: 5 }, (_, i) => String(i).repeat(64))
      const forged = await Promise.all(
        bundles.map((id) =>
          pretend(['conmon', '-c', id, '-n', 'slow', '-b', `${path}/${id}/userdata`], {
            ...{ uid: UID, mountsOf },
          }),
        ),
      )
      const { of, gaps } = await namesOf([...forged, web.pid])
      expect(of[web.pid]).toMatchObject({ label: 'docker:nsx-real', unknown: [] })
      for (const pid of forged) {
        expect(of[pid]).toMatchObject({ label: 'podman:slow', unknown: ['image'] })
      }
      expect(gaps).toMatchObject([{ errno: 'ETIMEDOUT', count: forged.length }])
    },
  )

  test('whose network another one shares is told by its cgroup', async () => {
    const options = ['--network', 'container:nsx-real']
    const guest = await docker.run('nsx-guest', { options })
    const { of } = await namesOf([guest.pid, web.pid])
    expect(of[guest.pid]).toMatchObject({ label: 'docker:nsx-guest', id: guest.id })
    expect(of[web.pid]).toMatchObject({ label: 'docker:nsx-real', id: web.id })
  })

  test('that has the namespaces of the host is one, too', async () => {
    const options = ['--network', 'host', '--pid', 'host', '--ipc', 'host', '--uts', 'host']
    const plain = await docker.run('nsx-plain', { options })
    expect(await containerOf(plain.pid)).toMatchObject({ label: 'docker:nsx-plain' })
  })

  test('below a cgroup of the user’s choice is told by its shim', async () => {
    const options = ['--network', 'none', '--cgroup-parent', '/nsx-test-parent']
    const jobs = await docker.run('nsx-jobs', { options })
    expect(await containerOf(jobs.pid)).toMatchObject({ label: 'docker:nsx-jobs' })
  })

  test('is what a later process in it is in', async () => {
    await docker.docker(
      'exec',
      '--detach',
      '--user',
      '77',
      'nsx-real',
      '/bin/busybox',
      'sleep',
      '3599',
    )
    const listed = await docker.docker('top', 'nsx-real', '-eo', 'pid,args')
    const pid = Number(/^\s*(\d+) .*3599/m.exec(listed)?.[1])
    const { of } = await namesOf([pid, web.pid])
    expect(of[pid]).toEqual(of[web.pid])
  })

  test('in which a sandbox runs is around it', async () => {
    // bubblewrap in a cgroup of docker's: what nests is the cgroup and the lineage.
    const { payload, pid, stop } = await startBwrap()
    onTestFinished(stop)
    const scope = `/sys/fs/cgroup/pids/docker/${web.id}/cgroup.procs`
    for (const one of [pid, payload]) writeFileSync(scope, String(one))
    expect(await containerOf(payload)).toMatchObject({
      // No shim is above it, so nothing leads to the data-root, which is not the usual one.
      label: `docker:${web.id?.slice(0, 12)}/bwrap`,
    })
  })
})
