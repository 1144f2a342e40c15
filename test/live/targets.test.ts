import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { type Container, type RuncOptions, startBwrap, startRunc } from './support/containers.ts'
import { diffOf, failure, showNamespace, showTask } from './support/documents.ts'
import { UID } from './support/foreign.ts'
import { startForger } from './support/forger.ts'
import { heldUp } from './support/held-up.ts'
import { startInRunc } from './support/joined.ts'
import { listDocument } from './support/list.ts'
import {
  commandPath,
  requireAddon,
  requireCommand,
  requireFile,
  requireRoot,
} from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { reusePid } from './support/reuse-pid.ts'
import { endUnshared, inumOf, unshared } from './support/unshared.ts'
import { hold, releaseAll } from './support/zoo.ts'

const able =
  requireRoot() && requireAddon() && ['cc', 'unshare', 'ip', 'python3'].every(requireCommand)
const canContain =
  able &&
  ['/bin/busybox', '/bin/dash'].every(requireFile) &&
  ['bwrap', 'runc', 'strace'].every(requireCommand)

const HEX = '0123456789abcdef'.repeat(4)
/** One digit short of a number as docker makes them, which nobody types in full. */
const NUMBER = `a${randomBytes(31).toString('hex')}`

afterEach(async () => {
  await endUnshared()
  await releaseAll()
})

/** Whatever names a namespace, the commands are agreed on which. */
async function expectNamespace(name: string, { type, inum }: { type: string; inum: number }) {
  const { namespace } = await showNamespace(name)
  expect([name, namespace.type, namespace.inum]).toEqual([name, type, inum])
  const { namespaces } = await listDocument([name])
  expect(namespaces.map((row) => [row.type, row.inum])).toEqual([[type, inum]])
  const { types } = await diffOf([name, String(inum)], 0)
  expect(Object.values(types)).toMatchObject([{ a: { type, inum }, b: { type, inum } }])
}

/** Whatever names a process: `pid` or a thread of it. */
async function expectTask(name: string, pid: number, tid: number | null = null): Promise<void> {
  const { subject } = await showTask(name)
  expect([name, subject.pid, subject.tid]).toEqual([name, pid, tid])
  const { namespaces } = await listDocument(['-p', name])
  const folder = tid === null ? String(pid) : `${pid}/task/${tid}`
  const inums = NS_TYPE_NAMES.map((type) =>
    Number(/\d+/.exec(readlinkSync(`/proc/${folder}/ns/${type}`))?.[0]),
  )
  expect(namespaces.map(({ inum }) => inum).sort()).toEqual(inums.sort())
  const document = await diffOf([name, String(tid ?? pid)], 0)
  expect([document.a.target, document.a.subject?.pid]).toEqual([name, pid])
}

describe.runIf(able)('a namespace as a target', () => {
  test('has many names', async () => {
    const { pid } = await unshared('-u')
    const inum = inumOf(pid, 'uts')
    const { namespace } = await showNamespace(inum)
    for (const name of [
      ...[`uts:[${inum}]`, `uts:${inum}`, String(inum), `id:${namespace.id}`],
      `/proc/${pid}/ns/uts`,
    ]) {
      await expectNamespace(name, { type: 'uts', inum })
    }
  })

  test('is where it is mounted', async () => {
    const folder = mkdtempSync(`${tmpdir()}/nsx-target-`)
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const held = await hold('mount', 'ipc', `${folder}/pin`)
    await expectNamespace(`${folder}/pin`, { type: 'ipc', inum: held.inum })
    await held.release()
  })

  test('is one of ip-netns(8)', async () => {
    const name = `nsx-target-${process.pid}`
    onTestFinished(() => {
      if (existsSync(`/run/netns/${name}`)) execFileSync('ip', ['netns', 'del', name])
    })
    execFileSync('ip', ['netns', 'add', name])
    const told = execFileSync('stat', ['--format=%i', `/run/netns/${name}`], { encoding: 'utf8' })
    for (const target of [`netns:${name}`, `/run/netns/${name}`]) {
      await expectNamespace(target, { type: 'net', inum: Number(told) })
    }
  })

  test('is one that a descriptor holds', async () => {
    const held = await hold('descriptor', 'net')
    await expectNamespace(`/proc/${held.pid}/fd/${held.fd}`, { type: 'net', inum: held.inum })
  })

  test.each([
    ['net:[4026500000]', 'no-such-namespace', 3],
    ['4026500000', 'no-such-namespace', 3],
    ['id:1234567890123', 'no-such-namespace', 3],
    ['netns:nsx-none', 'no-such-namespace', 3],
    ['/run/netns/nsx-none', 'no-such-namespace', 3],
    ['/etc/passwd', 'no-such-namespace', 3],
    ['/proc', 'no-such-namespace', 3],
    ['net:nsx-none', 'bad-target', 2],
    ['id:x', 'bad-target', 2],
    ['netns:', 'bad-target', 2],
  ])('%s that is none is an error (%s)', async (name, code, exitCode) => {
    for (const words of [
      ['show', name],
      ['diff', 'self', name],
    ]) {
      const error = await failure(words)
      expect(error).toMatchObject({ code, exitCode })
      expect(error.message).toContain(name.replace(/^netns:(?=.)/, '/run/netns/'))
      expect(error.hint).not.toBe(null)
    }
  })

  test('of another type than is said is an error that says which', async () => {
    const { pid } = await unshared('-u')
    const inum = inumOf(pid, 'uts')
    const error = await failure(['show', `net:[${inum}]`])
    expect(error).toMatchObject({ code: 'no-such-namespace', exitCode: 3 })
    expect(`${error.message} ${error.hint}`).toContain(`uts:[${inum}]`)
  })
})

describe.runIf(able)('a process as a target', () => {
  test('is a pid or one of its threads', async () => {
    const { pid } = await hold('stray', 'uts')
    const tid = readdirSync(`/proc/${pid}/task`)
      .map(Number)
      .find((each) => each !== pid) as number
    await expectTask(String(pid), pid)
    await expectTask(String(tid), pid, tid)
  })

  test('is nsx itself', async () => {
    const { subject } = await showTask('self')
    expect(subject).toMatchObject({ ppid: process.pid, tid: null })
    expect(subject.args.at(-2)).toBe('self')
    const { namespaces } = await listDocument(['-p', 'self'])
    expect(namespaces.map(({ inum }) => inum).sort()).toEqual(
      NS_TYPE_NAMES.map((type) => inumOf(process.pid, type)).sort(),
    )
    await diffOf(['self', process.pid], 0)
    const { namespace } = await showNamespace('/proc/self/ns/uts')
    expect(namespace.inum).toBe(inumOf(process.pid, 'uts'))
  })

  test.each(['4194304', '0', '99999999999'])('%s that is none is an error', async (name) => {
    for (const words of [
      ['show', name],
      ['diff', 'self', name],
      ['list', '-p', name],
    ]) {
      const error = await failure(words)
      expect([2, 3]).toContain(error.exitCode)
      expect(error.message).toContain(name)
    }
  })

  test('is named by the pid that the reader sees, not by that of others', async () => {
    const target = await unshared('-p', '--fork')
    const outer = process.pid
    const { stdout, code } = await runNsx(['show', String(outer), '--json'], {
      via: [commandPath('unshare'), '-p', '--fork', '--mount-proc'],
    })
    expect({ code, ...JSON.parse(stdout).error }).toMatchObject({
      ...{ code: 'no-such-process', target: String(outer), exitCode: 3 },
    })
    expect((await showTask(target.pid)).subject.nsPids).toEqual([target.pid, 1])
    // Pid 1 is the one that is pid 1 to us.
    expect((await showTask(1)).subject.comm).toBe(readFileSync('/proc/1/comm', 'utf8').trimEnd())
  })
})

describe.runIf(canContain)('a container as a target', () => {
  async function started(options: RuncOptions): Promise<Container & { readonly id: string }> {
    const container = await startRunc(options)
    onTestFinished(() => container.stop())
    return container as Container & { readonly id: string }
  }

  const idOf = (name: string) => `nsx-${process.pid}-${name}`

  test('has a name, a family, and an id that may be cut short where nobody chose it', async () => {
    const { pid, id } = await started({ id: idOf('whole') })
    for (const name of [id, `runc:${id}`]) await expectTask(name, pid)
    const { hint } = await failure(['show', id.slice(0, -1)])
    expect(hint).toContain(`did you mean runc:${id}?`)
    const long = `${NUMBER}0`
    const numbered = await started({ id: long })
    for (const name of [long, `runc:${long}`, long.slice(0, 12), `runc:${long.slice(0, 20)}`]) {
      await expectTask(name, numbered.pid)
    }
    expect((await showTask(id)).subject.container).toMatchObject({ family: 'runc', id, name: id })
  })

  test('has pids of its own', async () => {
    const { pid, id } = await started({ id: idOf('inner') })
    const other = await startInRunc(id)
    const status = readFileSync(`/proc/${other}/status`, 'utf8')
    const inner = Number(/^NSpid:\t\d+\t(\d+)$/m.exec(status)?.[1])
    await expectTask(`1@${id}`, pid)
    await expectTask(`${inner}@runc:${id}`, other)
    const error = await failure(['show', `${inner + 1000}@${id}`])
    expect(error).toMatchObject({ code: 'no-such-process', exitCode: 3 })
  })

  test('that is not the only one of its name lists all of them', async () => {
    const [one, two] = [await started({ id: `${NUMBER}1` }), await started({ id: `${NUMBER}2` })]
    for (const words of [
      ['show', NUMBER],
      ['diff', 'self', `runc:${NUMBER}`],
      ['list', '-p', NUMBER],
      ['show', `1@${NUMBER}`],
    ]) {
      const error = await failure(words)
      expect(error).toMatchObject({ code: 'ambiguous-container', exitCode: 3 })
      expect(error.message).toContain('2 containers')
      for (const { pid } of [one, two]) expect(error.hint).toContain(`pid ${pid}`)
    }
    await expectTask(two.id, two.pid)
  })

  test('that has stopped is there no more', async () => {
    const container = await started({ id: idOf('stopped') })
    const neighbour = await started({ id: idOf('stopped-not') })
    await expectTask(container.id, container.pid)
    process.kill(container.pid, 'SIGKILL')
    await container.stop()
    for (const words of [
      ['show', container.id],
      ['diff', `runc:${container.id}`, 'self'],
      ['list', '-p', `runc:${container.id}`],
      ['show', `1@${container.id}`],
    ]) {
      const error = await failure(words)
      expect(error).toMatchObject({ code: 'no-such-container', exitCode: 3 })
      expect(error.hint).toContain(`runc:${neighbour.id}`)
    }
  })

  test('whose process ends meanwhile is no other process that has its pid', async () => {
    const { id, pid, stop } = await started({ id: idOf('reused') })
    const point = { call: 'openat', path: `/proc/${pid}/stat`, nth: 1 } as const
    const { stdout, code } = await heldUp(['show', id, '--json'], point, async () => {
      await stop()
      await reusePid(pid)
    })
    expect(code).toBe(3)
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'no-such-process' })
  })

  test('is not what somebody else calls so', async () => {
    const { id, pid } = await started({ id: idOf('forged') })
    const forger = await startForger(UID, 'runc', 'run', id)
    await expectTask(id, pid)
    await expectTask(`runc:${id}`, pid)
    for (const liar of [forger.pid, forger.child]) {
      const { subject } = await showTask(liar)
      expect(subject.pid).toBe(liar)
      expect(subject.container?.id ?? null).not.toBe(id)
    }
  })

  test.each([
    ['conmon', ['--cid', HEX, '--name', 'nsx-web']],
    ['runc', ['run', 'nsx-web']],
    ['containerd-shim-runc-v2', ['-namespace', 'moby', '-id', HEX]],
    ['systemd-nspawn', ['--machine=nsx-web']],
    ['lxc-start', ['-n', 'nsx-web']],
  ])('is at the most the child of whoever calls itself %s', async (name, args) => {
    const forger = await startForger(UID, name, ...args)
    const { subject } = await showTask(forger.child)
    const told = subject.container
    // What it says of itself is taken for what it is: said by that user.
    expect(told?.evidence.map(({ uid }) => uid) ?? [UID]).toEqual([UID])
    for (const target of ['nsx-web', HEX.slice(0, 12)]) {
      const { stdout } = await runNsx(['show', `${told?.family ?? 'runc'}:${target}`, '--json'])
      const document = JSON.parse(stdout)
      if (document.error) expect(document.error.code).toBe('no-such-container')
      else expect([forger.pid, forger.child]).toContain(document.subject.pid)
    }
  })

  test('has no name in bubblewrap, but is told', async () => {
    const container = await startBwrap()
    onTestFinished(() => container.stop())
    const { subject } = await showTask(container.payload)
    expect(subject.container).toMatchObject({ family: 'bwrap', kind: 'sandbox', id: null })
    const error = await failure(['show', 'nsx-none'])
    expect(error).toMatchObject({ code: 'no-such-container', exitCode: 3, target: 'nsx-none' })
  })
})
