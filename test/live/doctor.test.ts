import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Coverage } from '../../src/model/snapshot.ts'
import type { Finding, FindingSubject } from '../../src/query/doctor/finding.ts'
import { faultsOf } from '../support/schemas.ts'
import { command } from './support/daemons.ts'
import { UID } from './support/foreign.ts'
import { IN_FLIGHT } from './support/in-flight.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { type NsxOptions, runNsx } from './support/nsx.ts'
import { attempt, commOf, inumOf } from './support/proc.ts'
import { startPython } from './support/python.ts'
import { endUnshared, unshared } from './support/unshared.ts'
import { hold, holdAs, releaseAll } from './support/zoo.ts'

const able =
  requireRoot() && requireAddon() && ['cc', 'ip', 'unshare', 'python3'].every(requireCommand)

afterEach(async () => {
  await endUnshared()
  await releaseAll()
})

interface Told extends Pick<Finding, 'code' | 'severity' | 'text' | 'remedy'> {
  readonly subject: FindingSubject
}

interface DoctorDocument {
  readonly coverage: Coverage
  readonly findings: readonly Finding[]
}

/** `nsx doctor --json`, whose exit code must be that of its findings. */
async function doctor(args: readonly string[] = [], options?: NsxOptions): Promise<DoctorDocument> {
  const { stdout, stderr, code } = await runNsx(['doctor', '--json', ...args], options)
  const document: DoctorDocument = JSON.parse(stdout)
  expect(faultsOf('doctor', document)).toEqual([])
  expect({ stderr, code }).toEqual({ stderr: '', code: document.findings.length > 0 ? 1 : 0 })
  return document
}

/** What is found of one thing: other tests, and the machine itself, may have findings of their own. */
async function foundOf(
  isMeant: (subject: FindingSubject) => boolean,
  args?: readonly string[],
): Promise<Told[]> {
  const { findings } = await doctor(args)
  return findings.flatMap(({ code, severity, text, remedy, subjects }) =>
    subjects.filter(isMeant).map((subject) => ({ code, severity, text, remedy, subject })),
  )
}

const ofNamespace = (inum: number) => foundOf(({ namespace }) => namespace?.inum === inum)

describe.runIf(able)('doctor finds', () => {
  test('a namespace that only a descriptor keeps, until it is closed', async () => {
    const held = await holdAs(UID, 'descriptor', 'uts')
    const [finding, ...others] = await ofNamespace(held.inum)
    expect(others).toEqual([])
    expect(finding).toMatchObject({
      ...{ code: 'no-processes', severity: 'warning' },
      text: expect.stringContaining(`descriptors of zoo (${held.pid})`),
      subject: {
        ...{ process: { pid: held.pid }, sinceOf: 'holder' },
        detail: `fd ${held.fd} of zoo (${held.pid})`,
      },
    })
    const age = Date.now() - Date.parse(finding?.subject.since ?? '')
    expect(age).toBeGreaterThan(-50)
    expect(age).toBeLessThan(20_000)
    await held.release()
    expect(await ofNamespace(held.inum)).toEqual([])
  })

  test('a network namespace that only a socket keeps', async () => {
    const held = await hold('socket', 'udp')
    expect(await ofNamespace(held.inum)).toMatchObject([
      { code: 'no-processes', subject: { detail: `socket ${held.fd} of zoo (${held.pid})` } },
    ])
  })

  test('a mount namespace that only a bind mount keeps, and since when', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nsx-doctor-'))
    const path = `${folder}/pin`
    const before = Date.now()
    const held = await hold('mount', 'mnt', path)
    const [finding, ...others] = await ofNamespace(held.inum)
    expect(others).toEqual([])
    expect(finding).toMatchObject({
      ...{ code: 'mounted-mount-namespace', severity: 'warning' },
      subject: { path, sinceOf: 'held' },
    })
    const since = Date.parse(finding?.subject.since ?? '')
    expect(since).toBeGreaterThan(before - 100)
    expect(since).toBeLessThan(Date.now() + 100)
    await held.release()
    rmSync(folder, { recursive: true })
  })

  test('names of network namespaces that nobody uses, and those that lead nowhere', async () => {
    const [used, unused, stale] = ['u', 'n', 's'].map((letter) => `nsxd${letter}${process.pid}`)
    for (const name of [used, unused]) await command('ip', ['netns', 'add', name as string])
    writeFileSync(`/run/netns/${stale}`, '')
    onTestFinished(async () => {
      for (const name of [used, unused, stale]) {
        await command('ip', ['netns', 'delete', name as string]).catch(() => '')
      }
      rmSync(`/run/netns/${stale}`, { force: true })
    })
    await startPython('enter(sys.argv[1])', `/run/netns/${used}`)
    const found = await foundOf(({ path }) => path?.startsWith('/run/netns/nsxd') ?? false)
    const mine = found.filter(({ subject }) => subject.path?.endsWith(String(process.pid)))
    expect(mine.map(({ code, subject }) => [code, subject.path])).toEqual([
      ['stale-name', `/run/netns/${stale}`],
      ['unused-name', `/run/netns/${unused}`],
    ])
    const other = await foundOf(({ path }) => path === `/run/netns/${stale}`, ['-t', 'mnt'])
    expect(other).toEqual([])
  })

  test('a thread that is in another namespace than its process', async () => {
    const { pid } = await hold('stray', 'net')
    const found = await foundOf(({ process }) => process?.pid === pid)
    expect(found).toMatchObject([
      {
        code: 'stray-threads',
        text: `1 thread of zoo (${pid}) is in other namespaces (net) than the process`,
        subject: { process: { tid: expect.any(Number) } },
      },
    ])
  })

  test('a user namespace without processes that owns another one', async () => {
    const held = await hold('owner', 'uts')
    expect(await ofNamespace(held.inum)).toMatchObject([
      { code: 'empty-user-namespace', severity: 'note' },
    ])
    expect(await ofNamespace(held.owned as number)).toEqual([])
  })

  test('a mount namespace that nobody can be seen to hold', async () => {
    const pid = await startPython(IN_FLIGHT)
    expect(await ofNamespace(Number(commOf(pid)))).toMatchObject([
      { code: 'no-visible-holder', severity: 'note', subject: { process: null, path: null } },
    ])
  })

  test('nothing about a process in namespaces of its own', async () => {
    const { pid } = await unshared('-m', '-n', '-u', '-i', '-p', '-C', '-T', '--fork')
    for (const type of ['mnt', 'net', 'uts', 'ipc', 'pid', 'cgroup', 'time'] as const) {
      expect(await ofNamespace(inumOf(pid, type))).toEqual([])
    }
  })
})

describe.runIf(able)('of PID namespaces doctor finds', () => {
  test('one whose init has ended', async () => {
    const held = await hold('descriptor', 'pid')
    expect(await ofNamespace(held.inum)).toMatchObject([
      { code: 'dead-pid-namespace', severity: 'warning', subject: { process: { pid: held.pid } } },
    ])
  })

  test('who cannot fork for that reason: it says so itself', async () => {
    const pid = await startPython(DEAD_BRANCH)
    expect(commOf(pid)).toBe('ENOMEM')
    const [finding, ...others] = await ofNamespace(inumOf(pid, 'pid_for_children'))
    expect(others).toEqual([])
    expect(finding).toMatchObject({ code: 'dead-pid-namespace', severity: 'error' })
    expect(finding?.text).toContain(`ENOMEM (${pid}) cannot start any process`)
  })

  test('none that is dead where the first process has not been made yet', async () => {
    const pid = await startPython(`call('unshare', 0x20000000)`)
    const found = await foundOf(({ process }) => process?.pid === pid)
    expect(found.filter(({ code }) => code !== 'children-only')).toEqual([])
  })

  test('one that a zombie keeps, which its parent outside does not wait for', async () => {
    const parent = await startPython(STUCK)
    const [init, zombie] = (commOf(parent) ?? '').split(' ').map(Number) as [number, number]
    expect(stateOf(zombie)).toBe('Z')
    expect(stateOf(init)).not.toBe('Z')
    const found = await foundOf(({ process }) => process?.pid === zombie)
    expect(found).toMatchObject([
      {
        ...{ code: 'stuck-pid-namespace', severity: 'error' },
        text: expect.stringContaining(`its init python3 (${init}) waits for 1 process`),
        remedy: expect.stringContaining(`(${parent})`),
        subject: { namespace: { inum: inumOf(zombie, 'pid') } },
      },
    ])
  })

  test('one that a tracer keeps', async () => {
    const tracer = await startPython(TRACED)
    const [init, traced] = (commOf(tracer) ?? '').split(' ').map(Number) as [number, number]
    expect(statusOf(traced, 'TracerPid')).toBe(String(tracer))
    const found = await foundOf(({ process }) => process?.pid === traced)
    expect(found).toMatchObject([
      {
        code: 'stuck-pid-namespace',
        text: expect.stringContaining(`(${init}) waits for 1 process`),
        remedy: expect.stringMatching(new RegExp(`^end the tracer .*\\(${tracer}\\)$`)),
      },
    ])
  })

  test('one whose init is a zombie itself', async () => {
    const held = await hold('zombie', 'pid')
    const found = await foundOf(({ process }) => process?.pid === held.pid)
    expect(found).toMatchObject([
      { code: 'stuck-pid-namespace', text: expect.stringContaining('nobody has waited for it') },
    ])
  })
})

describe.runIf(able)('doctor', () => {
  test('tells a gap, which with --strict alone counts as incomplete', async () => {
    const { stdout, code } = await runNsx(['doctor', '--json', '--strict', '-t', 'time'], {
      uid: UID,
    })
    const { findings }: DoctorDocument = JSON.parse(stdout)
    expect(findings.map((finding) => finding.code)).toContain('gap')
    const trouble = findings.some((finding) => !/^(gap|hidden-namespaces)$/.test(finding.code))
    expect(code).toBe(trouble ? 1 : 5)
    const [gap] = findings.filter((finding) => finding.code === 'gap')
    expect(gap?.remedy).toBe('root sees all of them: sudo nsx')
  })

  test.each([
    [['doctor', '-t', 'foo'], 2, /unknown namespace type 'foo'/],
    [['doctor', 'extra'], 2, /extra/],
    [['doctor', '--procfs', '/etc'], 3, /\/etc is not a procfs/],
    [['doctor', '--procfs', ''], 2, /--procfs names no directory/],
    [['doctor', '--verbos'], 2, /--verbose/],
    [['doctor', '--type'], 2, /--type/],
  ] as const)('refuses %j in one clear line', async (args, code, message) => {
    const result = await runNsx(args)
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' })
    expect(result.stderr).toMatch(message)
    expect(result.stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
  })
})

function statusOf(pid: number, field: string): string | null {
  const status = attempt(() => readFileSync(`/proc/${pid}/status`, 'utf8'))
  return new RegExp(`^${field}:\\t(\\S+)`, 'm').exec(status ?? '')?.[1] ?? null
}

function stateOf(pid: number): string | null {
  return statusOf(pid, 'State')
}

/** The second fork into a PID namespace whose only process has ended; comm says how that went. */
const DEAD_BRANCH = `
import errno
call('unshare', 0x20000000)
child = os.fork()
if child == 0: os._exit(0)
os.waitpid(child, 0)
try:
    other = os.fork()
    if other == 0: os._exit(0)
    answer = 'none'
except OSError as error:
    answer = errno.errorcode[error.errno]
open('/proc/self/comm', 'w').write(answer)
`

/** The init of a new PID namespace, whose parent waits for it, and that is not ours. */
const INIT = `
import time
read, write = os.pipe()
keeper = os.fork()
if keeper == 0:
    call('unshare', 0x20000000)
    init = os.fork()
    if init == 0:
        time.sleep(600)
        os._exit(0)
    os.write(write, b'%d\\n' % init)
    os.waitpid(init, 0)
    os._exit(0)
init = int(os.read(read, 20))
home = os.open('/proc/self/ns/pid', os.O_RDONLY)
def inside(run):
    enter('/proc/%d/ns/pid' % init)
    child = os.fork()
    if child == 0:
        run()
        os._exit(0)
    call('setns', home, 0)
    return child
def kill_init():
    os.kill(init, 9)
    for _ in range(500):
        if not os.path.exists('/proc/%d/ns/mnt' % init): break
        time.sleep(0.01)
`

/** Sent into it, ended, and never waited for. comm: init and the zombie. */
const STUCK = `${INIT}
zombie = inside(lambda: None)
os.waitid(os.P_PID, zombie, os.WEXITED | os.WNOWAIT)
kill_init()
open('/proc/self/comm', 'w').write('%d %d' % (init, zombie))
`

/** Sent into it by way of a parent that has ended, and traced by us. comm: init and the traced one. */
const TRACED = `${INIT}
read2, write2 = os.pipe()
def beget():
    traced = os.fork()
    if traced == 0:
        time.sleep(600)
        os._exit(0)
    os._exit(0)
between = inside(beget)
os.waitpid(between, 0)
children = open('/proc/%d/task/%d/children' % (init, init)).read().split()
traced = int(children[0])
call('ptrace', 16, traced, 0, 0)
os.waitpid(traced, 0x40000000)
call('ptrace', 7, traced, 0, 0)
kill_init()
open('/proc/self/comm', 'w').write('%d %d' % (init, traced))
`
