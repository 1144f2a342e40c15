import { rmSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RuntimeContainer } from './support/daemons.ts'
import { type Docker, startDocker } from './support/docker.ts'
import { enter } from './support/foreign.ts'
import { requireAddon, requireCommand, requireFile, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'

const env = { PATH: process.env.PATH ?? '' }
const RESOLV = 'nameserver 192.0.2.53\nsearch inner.example\n'
const ready =
  requireRoot() && requireAddon() && requireFile('/bin/busybox') && requireCommand('dockerd')

describe.runIf(ready)('a container without a shell', () => {
  let docker: Docker
  let web: RuntimeContainer
  const enterWeb = (...words: readonly string[]) =>
    runNsx(['enter', String(web.pid), ...words], { env })

  beforeAll(async () => {
    docker = await startDocker()
    web = await docker.run('web')
    const root = `/proc/${web.pid}/root`
    for (const applet of ['sh', 'cat', 'id', 'sleep', 'hostname']) rmSync(`${root}/bin/${applet}`)
    writeFileSync(`${root}/etc/resolv.conf`, RESOLV)
    enter(
      [`--target=${web.pid}`, '--net'],
      ['ip', 'link', 'add', 'in0', 'type', 'veth', 'peer', 'in1'],
    )
  })
  afterAll(() => docker?.stop())

  test('has no shell to start, and says what there is instead', async () => {
    const { stdout, stderr, code } = await runNsx(['enter', 'web'])
    expect({ stdout, code }).toEqual({ stdout: '', code: 127 })
    expect(stderr.split('\n')).toEqual([
      'nsx: cannot run /bin/sh: no such file or directory (ENOENT): there is no such program in ' +
        `web (pid ${web.pid}), or its interpreter is missing`,
      '  name a program that is there, or run one of our own: --net -- ip address',
      '',
    ])
  })

  test('has not the programs of the host, and says where they were looked for', async () => {
    const { stderr, code } = await enterWeb('--', 'ip', 'addr')
    expect(code).toBe(127)
    expect(stderr).toMatch(/^nsx: cannot run ip: .* in pid \d+, .*; its PATH is \/usr\/local/)
    expect(stderr.split('\n')[1]).toMatch(/--net alone runs programs of our own/)
  })

  test('is looked at by programs of the host, which see its network', async () => {
    const { stdout, code } = await enterWeb('--net', '--', 'ip', '-br', 'link')
    expect(code).toBe(0)
    expect(stdout).toBe(enter([`--target=${web.pid}`, '--net'], ['ip', '-br', 'link']))
    expect(stdout).toMatch(/^in0@in1 /m)
  })

  test('has its own interfaces in /sys by --sys, and those of the host without', async () => {
    const look = ['--net', '--', 'ls', '/sys/class/net']
    const inside = await enterWeb('--sys', ...look)
    const outside = await enterWeb(...look)
    expect(inside).toMatchObject({ stderr: '', code: 0 })
    expect(inside.stdout).toBe('in0\nin1\nlo\n')
    expect(outside.stdout).not.toContain('in0')
  })

  test('has its own resolv.conf for programs of the host by --dns', async () => {
    const look = ['--net', '--', 'cat', '/etc/resolv.conf']
    expect(await enterWeb('--dns', ...look)).toMatchObject({ stdout: RESOLV, stderr: '', code: 0 })
    expect((await enterWeb(...look)).stdout).not.toBe(RESOLV)
    expect((await enterWeb('--dns', '--sys', ...look)).stdout).toBe(RESOLV)
  })

  test('gets nothing of that mounted in it, nor on the host', async () => {
    const mounts = () => enter([], ['cat', '/proc/self/mounts', `/proc/${web.pid}/mounts`])
    const before = mounts()
    const { stdout } = await enterWeb(
      ...['--dns', '--sys', '--net', '--pid', '--', 'cat', '/proc/self/mounts'],
    )
    expect(stdout.split('\n').length).toBeGreaterThan(before.split('\n').length / 2)
    expect(mounts()).toBe(before)
  })

  test('is alone in the /proc that programs of the host have by --pid', async () => {
    const look = ['cat', '/proc/1/cmdline']
    const { stdout, stderr, code } = await enterWeb('--pid', '--', ...look)
    expect({ stdout, stderr, code }).toEqual({
      ...{ stdout: '/bin/busybox\0sleep\0' + '3600\0', stderr: '', code: 0 },
    })
    const listed = await enterWeb('--pid', '--', 'ps', '-A', '-o', 'pid=,comm=')
    const names = listed.stdout
      .trim()
      .split(/\s*\d+ /)
      .slice(1)
    expect(names).toEqual(['busybox', 'ps'])
  })

  test.each([
    ['--dns', ['--mount', '--net', '--dns'], '--mount and --dns exclude each other'],
    ['--dns', ['--dns'], '--dns gives programs of our own what the target has, but'],
    ['--sys', ['--uts', '--sys'], '--sys is of use only where a network namespace is entered'],
  ])('%s where it would be of no use is refused: %j', async (_, words, message) => {
    const { stdout, stderr, code } = await enterWeb(...words, '--', 'cat', '/etc/resolv.conf')
    expect({ stdout, code }).toEqual({ stdout: '', code: 125 })
    expect(stderr.slice(0, `nsx: ${message}`.length)).toBe(`nsx: ${message}`)
  })
})
