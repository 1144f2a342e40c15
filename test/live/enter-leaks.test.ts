import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { encodePlan } from '../../src/act/encode-plan.ts'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { PROJECT, until, watch } from './support/children.ts'
import { familyOf } from './support/family.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { spawnNsx } from './support/nsx.ts'
import { plannedSteps } from './support/planned.ts'
import { attempt, commOf, membersOf, pids } from './support/proc.ts'
import { NSX, openPty } from './support/pty.ts'
import { endUnshared, unshared } from './support/unshared.ts'

const canRun =
  requireRoot() &&
  requireAddon() &&
  ['python3', 'unshare', 'mount'].map(requireCommand).every((present) => present)

const CONTAINER = ['-Urpmnuif', '--mount-proc']
const HELPER = `${PROJECT}native/build/Release/nsx-exec`
const OFTEN = 1000

/** With a /tmp and a /run of its own; all orphans become its children. */
const LOOP = `
import ctypes, fcntl, json, os, signal, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
helper = os.open(sys.argv[1], os.O_RDONLY)
plan = os.memfd_create('plan', os.MFD_ALLOW_SEALING)
os.write(plan, bytes.fromhex(sys.stdin.read()))
fcntl.fcntl(plan, fcntl.F_ADD_SEALS, 15)
os.set_inheritable(plan, True)
def look():
    lines = open('/proc/self/mountinfo').read().splitlines()
    fds = sorted(os.listdir('/proc/self/fd'))
    return {'mounts': lines, 'fds': fds, 'files': os.listdir('/tmp') + os.listdir('/run')}
def enter():
    pid = os.fork()
    if pid == 0: os.execve(helper, ['nsx-exec', str(plan)], {})
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
enter()
before = look()
statuses = {}
for i in range(int(sys.argv[2])):
    status = enter()
    statuses[status] = statuses.get(status, 0) + 1
# Whoever made the command's process ends when it likes.
signal.alarm(20)
try:
    while os.waitpid(-1, 0): pass
except ChildProcessError: pass
after = look()
more = {name: [one for one in after[name] if one not in before[name]] for name in before}
print(json.dumps({'statuses': statuses, 'more': more}))
`

afterEach(endUnshared)

interface Ended {
  readonly statuses: Readonly<Record<string, number>>
  /** What was not there before. */
  readonly more: Readonly<Record<string, readonly string[]>>
}

function enterOften(plan: Uint8Array): Ended {
  // The helper may itself lie below what is hidden then.
  const own =
    'exec 9<"$1"; shift; mount -t tmpfs none /tmp && mount -t tmpfs none /run && exec "$@"'
  const command = ['python3', '-c', LOOP, '/proc/self/fd/9', String(OFTEN)]
  const output = execFileSync('unshare', ['--mount', 'sh', '-c', own, 'sh', HELPER, ...command], {
    input: Buffer.from(plan).toString('hex'),
    encoding: 'utf8',
    cwd: '/',
  })
  return JSON.parse(output)
}

describe.runIf(canRun)(`${OFTEN} enters in a row`, () => {
  test.each([
    ['', []],
    [' as plain commands', ['-U', '-u', '-i', '-n', '-m']],
    [' no stronger than the target', ['--like']],
  ])('leave no process, descriptor, mount and file behind%s', async (_, words) => {
    const held = await unshared(...CONTAINER)
    const links = NS_TYPE_NAMES.map((type) => attempt(() => readlinkSync(linkOf(held.pid, type))))
    const mounts = readFileSync(`/proc/${held.pid}/mountinfo`, 'utf8')
    const steps = await plannedSteps(['enter', String(held.pid), ...words, '--', '/bin/true'])
    expect(enterOften(encodePlan({ steps }))).toEqual({
      ...{ statuses: { '0': OFTEN }, more: { mounts: [], fds: [], files: [] } },
    })
    expect(membersOf('pid', inumOf(links, 'pid'))).toEqual([held.pid])
    expect(readFileSync(`/proc/${held.pid}/mountinfo`, 'utf8')).toBe(mounts)
    await held.end()
    // Nothing that they left keeps a namespace of it alive.
    const own = NS_TYPE_NAMES.map((type) => readlinkSync(linkOf('self', type)))
    expect(holdersOf(links.filter((link) => link !== null && !own.includes(link)))).toEqual([])
  })
})

describe.runIf(canRun)('once the command has started', () => {
  test.each([
    ['enter without a PID namespace', ['enter', 'TARGET', '-U', '-u', '-m'], []],
    ['run without a PID namespace', ['run', '-u', '-m'], []],
    ['run in a new user namespace', ['run', '-Ur'], []],
    ['enter into a PID namespace', ['enter', 'TARGET'], ['nsx']],
    ['run --fork', ['run', '-u', '--fork'], ['nsx']],
    ['run with an init', ['run', '-p'], ['nsx', 'nsx-init']],
  ])('%s leaves %j of processes that need less than 1 MiB each', async (_, words, names) => {
    const held = await unshared(...CONTAINER)
    const args = words.map((word) => (word === 'TARGET' ? String(held.pid) : word))
    const child = spawnNsx([...args, '--', '/bin/sleep', '100'])
    const watched = watch(child)
    onTestFinished(async () => {
      for (const pid of familyOf(child.pid as number)) attempt(() => process.kill(pid, 'SIGKILL'))
      await watched.end
    })
    // Whoever made the command's process may end a little later.
    const expected = [...names, 'sleep'].join(' ')
    const family = await until(expected, () => {
      if (watched.over()) throw new Error(watched.stderr())
      const pids = familyOf(child.pid as number)
      return pids.map(commOf).join(' ') === expected ? pids : null
    })
    for (const pid of family.slice(0, -1)) expect(residentOf(pid)).toBeLessThan(1024)
  })
})

test.runIf(canRun)('a terminal of its own takes one process of less than 1 MiB', async () => {
  const { pid } = await unshared(...CONTAINER)
  const script = 'echo ready; exec sleep 100'
  const pty = await openPty([...NSX, 'enter', String(pid), '--pty', '--', '/bin/sh', '-c', script])
  await pty.see('ready')
  const [, sleep] = await until('sleep', () => {
    const family = familyOf(pty.pid)
    return family.map(commOf).join(' ') === 'nsx sleep' ? family : null
  })
  onTestFinished(() => void attempt(() => process.kill(sleep as number, 'SIGKILL')))
  expect(residentOf(pty.pid)).toBeLessThan(1024)
})

function linkOf(pid: number | 'self', type: string): string {
  return `/proc/${pid}/ns/${type}`
}

function inumOf(links: readonly (string | null)[], type: string): number {
  return Number(/\d+/.exec(links.find((link) => link?.startsWith(`${type}:`)) ?? '')?.[0])
}

/** Processes in one of these namespaces, such as `net:[4026532281]`. */
function holdersOf(links: readonly (string | null)[]): string[] {
  return pids().flatMap((pid) =>
    NS_TYPE_NAMES.filter((type) =>
      links.includes(attempt(() => readlinkSync(linkOf(pid, type)))),
    ).map((type) => `${type} of ${pid} (${commOf(pid)})`),
  )
}

/** VmRSS in KiB. */
function residentOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}
