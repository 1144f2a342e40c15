import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UID } from './support/foreign.ts'
import {
  commandPath,
  requireAddon,
  requireCommand,
  requireFile,
  requireRoot,
} from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { type Folder, makeFolder, makeRootfs } from './support/rootfs.ts'
import { nsxCommand, runTool } from './support/seen.ts'

const able =
  requireRoot() && ['unshare', 'findmnt'].every(requireCommand) && requireFile('/bin/busybox')
const hasBinfmt = able && readFileSync('/proc/filesystems', 'utf8').includes('\tbinfmt_misc\n')

let folder: Folder

beforeAll(() => {
  folder = makeFolder('run')
  if (able) makeRootfs(folder.path)
})

afterAll(() => folder?.remove())

const SH = '/bin/sh'

/** What a script says, that nsx and unshare start; the same flags for both. */
async function both(flags: readonly string[], script: string, options: { uid?: number } = {}) {
  const words = [...flags, '--', SH, '-c', `PATH=/usr/sbin:/usr/bin:/sbin:/bin; ${script}`]
  return {
    ours: await runNsx(['run', ...words], options),
    theirs: await runTool(['unshare', ...words], options),
  }
}

describe.runIf(able && requireAddon())('run, as unshare', () => {
  test('-R leads to another root, where the command is looked for', async () => {
    const { ours, theirs } = await both(
      ['-m', '-R', folder.path, '-w', '/usr'],
      'pwd; cat /etc/os-release; ls /',
    )
    expect(ours).toMatchObject({ stderr: '', code: 0, stdout: theirs.stdout })
    expect(ours.stdout).toMatch(/^\/usr\nID=nsx-test\n/)
  })

  test.each([{}, { uid: UID }])(
    '--mount-proc within -R shows the new PID namespace: %o',
    async (who) => {
      const flags = ['-r', '-m', '-p', '-f', '-R', folder.path, '--mount-proc']
      const { ours, theirs } = await both(flags, 'cat /proc/1/comm; echo /proc/[0-9]*', who)
      expect(theirs).toMatchObject({ stdout: 'sh\n/proc/1\n', code: 0 })
      expect(ours).toMatchObject({ stdout: 'nsx-init\n/proc/1 /proc/2\n', code: 0 })
    },
  )

  test('what is mounted inside is not mounted for us, nor is a new proc', async () => {
    const own = readFileSync('/proc/self/mountinfo', 'utf8')
    const { ours } = await both(
      ['-m', '-p', '-f', '--mount-proc'],
      `mount -t tmpfs none ${folder.path}/tmp && findmnt -n -o FSTYPE ${folder.path}/tmp`,
    )
    expect(ours).toMatchObject({ stdout: 'tmpfs\n', stderr: '', code: 0 })
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(own)
  })

  test.each([[], ['--mount-proc']])(
    'a shared root: nothing spreads to it with -m %s',
    async (...more) => {
      const script = `"$@" && cat /proc/self/mountinfo > ${folder.path}/tmp/after && grep -c . /proc/1/stat`
      const inner = `mount -t tmpfs none ${folder.path}/var`
      const words = nsxCommand(
        'run',
        '-m',
        '-p',
        ...more,
        '--',
        SH,
        '-c',
        `PATH=/bin:/usr/bin; ${inner}`,
      )
      const via = ['-m', '--propagation', 'shared', SH, '-c', `PATH=/bin:/usr/bin; ${script}`, 'sh']
      const { stderr, code } = await runTool(['unshare', ...via, ...words])
      expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
      expect(readFileSync(`${folder.path}/tmp/after`, 'utf8')).not.toContain(`${folder.path}/var`)
    },
  )

  test('--monotonic and --boottime move the clocks by as much', async () => {
    const flags = ['-T', '--monotonic', '86400', '--boottime', '1000000']
    const { ours, theirs } = await both([...flags, '-f'], 'cat /proc/self/timens_offsets')
    expect(ours).toMatchObject({ stderr: '', code: 0, stdout: theirs.stdout })
    expect(ours.stdout).toMatch(/monotonic +86400 +0\nboottime +1000000 +0\n/)
    const plain = await runNsx(['run', ...flags, '--', '/bin/cat', '/proc/uptime'])
    const [before] = readFileSync('/proc/uptime', 'utf8').split(' ')
    expect(Number(plain.stdout.split(' ')[0]) - Number(before)).toBeCloseTo(1_000_000, -3)
  })

  test('--hostname and --loopback change what is new alone', async () => {
    const own = readFileSync('/proc/sys/kernel/hostname', 'utf8')
    const words = ['run', '-u', '-n', '--hostname', 'nsx-test', '--loopback', '--']
    const script = `${commandPath('cat')} /proc/sys/kernel/hostname; ${commandPath('ip')} -br link show up`
    const { stdout, stderr, code } = await runNsx([...words, SH, '-c', script])
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    expect(stdout).toMatch(/^nsx-test\nlo +UNKNOWN/)
    expect(readFileSync('/proc/sys/kernel/hostname', 'utf8')).toBe(own)
  })

  test('--clear-env keeps what --whitelist-env names', async () => {
    const env = { A: '1', B: '2', AB: '3' }
    const words = ['--whitelist-env', 'A,LANG', '--', '/usr/bin/env']
    const { stdout } = await runNsx(['run', '--clear-env', ...words], { env })
    expect(stdout.split('\n').sort()).toEqual(['', 'A=1', 'LANG=C.UTF-8'])
    expect(await runNsx(['run', '--clear-env', '/usr/bin/env'], { env })).toMatchObject({
      stdout: '',
    })
  })

  test.runIf(hasBinfmt).each([{}, { uid: UID }])(
    '--mount-binfmt has interpreters of its own, which -l registers: %o',
    async (who) => {
      writeFileSync(`${folder.path}/tmp/program`, 'NSXTEST and more\n', { mode: 0o755 })
      const interpreter = `:nsxtest:M::NSXTEST::${commandPath('echo')}:`
      const script = `cat /proc/sys/fs/binfmt_misc/nsxtest | head -1; ${folder.path}/tmp/program a`
      const words = ['-r', '-p', '--mount-proc', '--mount-binfmt', '-l', interpreter, '--']
      const ran = await runNsx(['run', ...words, SH, '-c', `PATH=/usr/bin:/bin; ${script}`], who)
      expect(ran).toMatchObject({ stderr: '', code: 0 })
      expect(ran.stdout).toBe(`enabled\n${folder.path}/tmp/program a\n`)
      // Outside it is but a script of the shell.
      expect(await runTool([`${folder.path}/tmp/program`])).toMatchObject({ code: 127 })
    },
  )
})
