import { copyFileSync, readlinkSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from './support/children.ts'
import type { RuntimeContainer } from './support/daemons.ts'
import { type Docker, startDocker } from './support/docker.ts'
import { requireAddon, requireCommand, requireFile, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { withPodman } from './support/podman.ts'
import { pretend, pretendProgram } from './support/pretend.ts'
import { argsOf, parentOf } from './support/proc.ts'

const UID = 12_345
const STRANGER = 12_346
const ID = 'cd'.repeat(32)
const ECHO = ['--', '/bin/busybox', 'echo', 'entered']

const ready = requireRoot() && requireAddon() && requireFile('/bin/busybox') && requireCommand('cc')

describe.runIf(ready)('a container that a user has made up', () => {
  test.each([
    ['conmon', ['conmon', '-c', ID, '-n', 'nsx-false']],
    ["containerd's shim", ['containerd-shim-runc-v2', '-namespace', 'jobs', '-id', 'nsx-false']],
    ['nspawn', ['systemd-nspawn', '-M', 'nsx-false']],
    ["LXC's monitor", ['[lxc monitor] /var/lib/lxc nsx-false']],
  ])('as %s is entered by its name by nobody else', async (_, args) => {
    const pid = await pretend(args, { uid: UID })
    for (const who of [{}, { uid: STRANGER }]) {
      for (const words of [['nsx-false'], [`${pid}@nsx-false`], ['--net=nsx-false']]) {
        const { stdout, stderr, code } = await runNsx(['enter', ...words, ...ECHO], who)
        expect({ words, stdout, code }).toEqual({ words, stdout: '', code: 125 })
        expect(stderr).toMatch(/nsx-false' may be no container: uid 12345 could have made that up/)
        expect(stderr).toContain(`name its process: nsx enter ${pid}`)
      }
    }
    const foretold = await runNsx(['enter', 'nsx-false', '--dry-run', ...ECHO])
    expect(foretold.stderr).toContain('could have made that up')
    expect(foretold.code).not.toBe(0)
    // They know best what they have made.
    const own = await runNsx(['enter', 'nsx-false', ...ECHO], { uid: UID })
    expect(own).toMatchObject({ stdout: 'entered\n', code: 0 })
  })
})

const here = ready && requireCommand('podman') && requireCommand('newuidmap')

test.runIf(here)('a rootless container is entered by its name by its owner alone', () =>
  withPodman({ rootless: UID }, async (podman) => {
    const { pid } = await podman.run('nsx-theirs')
    for (const who of [{}, { uid: STRANGER }]) {
      const { stdout, stderr, code } = await runNsx(['enter', 'nsx-theirs', ...ECHO], who)
      expect({ stdout, code }).toEqual({ stdout: '', code: 125 })
      expect(stderr).toContain(`'nsx-theirs' may be no container: uid ${UID} could have made`)
      expect(stderr).toContain(`nsx enter ${pid}`)
    }
    const byPid = await runNsx(['enter', String(pid), ...ECHO])
    expect(byPid).toMatchObject({ stdout: 'entered\n', stderr: '', code: 0 })
    const refused = await runNsx(['enter', String(pid), ...ECHO], { uid: STRANGER })
    expect(refused).toMatchObject({ stdout: '', code: 125 })
  }),
)

describe.runIf(ready && requireCommand('dockerd'))("a container of root's docker", () => {
  let docker: Docker
  let web: RuntimeContainer

  beforeAll(async () => {
    docker = await startDocker()
    web = await docker.run('web')
  })
  afterAll(() => docker?.stop())

  const look = ['--', '/bin/busybox', 'readlink', '/proc/self/ns/mnt']

  test('is what its names mean, though a user calls others by them', async () => {
    await pretend(argsOf(parentOf(web.pid)), { uid: UID })
    await pretend(['conmon', '-c', ID, '-n', 'web'], { uid: UID })
    const inside = `${readlinkSync(`/proc/${web.pid}/ns/mnt`)}\n`
    for (const name of ['web', 'docker:web', web.id ?? '']) {
      const result = await runNsx(['enter', name, ...look])
      expect({ name, ...result }).toMatchObject({ name, stdout: inside, stderr: '', code: 0 })
    }
  })

  test('whose root makes up another one gets nobody who means that one', async () => {
    const program = `/proc/${web.pid}/root/bin/conmon`
    copyFileSync(pretendProgram(), program)
    const script = `/bin/busybox sleep 3600 | /bin/conmon -c ${ID} -n nsx-false`
    await docker.docker('exec', '--detach', 'web', '/bin/sh', '-c', script)
    const label = 'docker:web/podman:nsx-false'
    const { stderr, stdout } = await until('the false one', async () => {
      const result = await runNsx(['enter', 'nsx-false', ...look])
      return result.stderr.includes('there is no container') ? null : result
    })
    expect(stdout).toBe('')
    expect(stderr).toContain("'nsx-false' may be no container: root in docker:web could have made")
    expect(stderr).toContain(`name it in full: nsx enter ${label}; or name its process: nsx enter `)
    for (const name of ['podman:nsx-false', ID]) {
      expect(await runNsx(['enter', name, ...look])).toMatchObject({ stdout: '', code: 125 })
    }
    const inside = `${readlinkSync(`/proc/${web.pid}/ns/mnt`)}\n`
    expect(await runNsx(['enter', label, ...look])).toMatchObject({ stdout: inside, code: 0 })
  })
})
