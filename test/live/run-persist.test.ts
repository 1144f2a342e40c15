import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { NAMESPACE_TYPES, type NsType } from '../../src/kernel/namespace-types.ts'
import { until, watch } from './support/children.ts'
import { UID } from './support/foreign.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { inumOf } from './support/proc.ts'
import { expectForetold, refusalOf } from './support/refusal.ts'
import { type Folder, makeFolder } from './support/rootfs.ts'
import { nsxCommand, parseSeen, seenWith } from './support/seen.ts'

const able = requireRoot() && ['mount', 'umount', 'nsenter'].every(requireCommand)

let folder: Folder
const FLAGS: Readonly<Partial<Record<NsType, string>>> = { mnt: 'mount' }

/** A mount of its own that spreads nowhere: only there a mount namespace can be bound. */
beforeAll(() => {
  if (!able) return
  folder = makeFolder('persist')
  execFileSync('mount', ['-t', 'tmpfs', 'none', folder.path])
  execFileSync('mount', ['--make-private', folder.path])
})

afterAll(() => {
  if (!able) return
  unbindAll()
  execFileSync('umount', [folder.path])
  folder.remove()
})

function unbindAll(): void {
  for (const name of readdirSync(folder.path)) {
    const path = `${folder.path}/${name}`
    if (isBound(path)) execFileSync('umount', [path])
  }
}

function isBound(path: string): boolean {
  return readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${path} `)
}

function flagOf(type: NsType): string {
  return `--${FLAGS[type] ?? type}`
}

function fileFor(name: string): string {
  const path = `${folder.path}/${name}`
  onTestFinished(unbindAll)
  return path
}

/** What remains once the command has ended; a PID namespace is dead by then. */
const LASTING = NAMESPACE_TYPES.map(({ name }) => name).filter((name) => name !== 'pid')

describe.runIf(able && requireAddon())('run --TYPE=FILE', () => {
  test.each(LASTING)('keeps a %s namespace, which enter --TYPE=FILE enters', async (type) => {
    const path = fileFor(type)
    const link = `/proc/self/ns/${type}`
    const made = await runNsx(['run', `${flagOf(type)}=${path}`, '--', '/bin/readlink', link])
    expect(made).toMatchObject({ stderr: '', code: 0 })
    const inum = Number(/\d+/.exec(made.stdout)?.[0])
    expect(inum).not.toBe(inumOf('self', type))
    // The file is that namespace: nsfs has the same number for its inode.
    expect(statSync(path).ino).toBe(inum)
    const words = ['enter', `${flagOf(type)}=${path}`, '--preserve-credentials', '--']
    const inside = await runNsx([...words, '/bin/readlink', link])
    expect(inside).toMatchObject({ stderr: '', code: 0, stdout: made.stdout })
    const flag = `${flagOf(type)}=${path}`
    const theirs = await seenWith(['nsenter', flag, '--preserve-credentials'])
    expect(theirs[`ns.${type}`]).toBe(made.stdout.trim())
  })

  test('a mount namespace, 20 times in a row', async () => {
    const path = fileFor('mnt')
    for (let round = 0; round < 20; round++) {
      const { stderr, code } = await runNsx(['run', `--mount=${path}`, '--', '/bin/true'])
      expect({ round, stderr, code }).toEqual({ round, stderr: '', code: 0 })
      expect(statSync(path).ino).not.toBe(inumOf('self', 'mnt'))
      execFileSync('umount', [path])
    }
  })

  test('all types at once, and several of them are entered again', async () => {
    const types = NAMESPACE_TYPES.map(({ name }) => name)
    const paths = types.map((type) => [type, fileFor(`all-${type}`)] as const)
    const flags = paths.map(([type, path]) => `${flagOf(type)}=${path}`)
    const script = 'ls -l /proc/self/ns | sed -n "s/.*-> \\(.*\\):.\\([0-9]*\\).*/\\1 \\2/p"'
    const made = await runNsx([
      'run',
      '-r',
      ...flags,
      '--',
      '/bin/sh',
      '-c',
      `PATH=/bin; ${script}`,
    ])
    expect(made).toMatchObject({ stderr: '', code: 0 })
    const inums = parseSeen(made.stdout)
    for (const [type, path] of paths) {
      expect(statSync(path).ino, type).toBe(Number(inums[type]))
    }
    const again = flags.filter((flag) => !flag.startsWith('--pid'))
    const inside = await runNsx(['enter', ...again, '--', '/bin/sh', '-c', `PATH=/bin; ${script}`])
    expect(inside).toMatchObject({ stderr: '', code: 0 })
    const ours = parseSeen(inside.stdout)
    expect({ ...ours, pid: '' }).toEqual({ ...inums, pid: '' })
  })

  test('a PID namespace can be entered while its init lives, and then says why not', async () => {
    const path = fileFor('pid')
    const [node = '', ...args] = nsxCommand('run', `--pid=${path}`, '--', '/bin/cat')
    const child = spawn(node, args, { stdio: ['pipe', 'ignore', 'pipe'] })
    const watched = watch(child)
    onTestFinished(async () => {
      child.stdin?.end()
      await watched.end
    })
    await until('the namespace', () => (existsSync(path) && isBound(path)) || null)
    const words = ['enter', `--pid=${path}`, '--', '/bin/sh', '-c', 'echo $$']
    const alive = await runNsx(words)
    expect(alive).toMatchObject({ stderr: '', code: 0 })
    expect(Number(alive.stdout)).toBeLessThan(20)
    child.stdin?.end()
    expect(await watched.end).toBe(0)
    const refusal = await refusalOf(['enter', `--pid=${path}`])
    expect(refusal.lines[0]).toMatch(/\(ENOMEM\): the PID namespace is dead/)
    expectForetold(refusal)
  })

  test('an ordinary user is told that it takes a right to mount', async () => {
    const path = `/tmp/nsx-none-${process.pid}`
    const words = ['run', '-r', `--net=${path}`]
    const dry = await runNsx([...words, '--dry-run'], { uid: UID })
    const real = await runNsx([...words, '--', '/bin/true'], { uid: UID })
    expect(dry.code).toBe(125)
    expect(real.code).toBe(125)
    expect(real.stderr).toMatch(/keep the network namespace at .*\(EPERM\): it needs CAP_SYS_ADMIN/)
    expect(existsSync(path)).toBe(false)
  })
})
