import { readdirSync, readlinkSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until, watch } from './support/children.ts'
import { stateOf } from './support/family.ts'
import { AS_USER, UID } from './support/foreign.ts'
import { commandPath, requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx, spawnNsx } from './support/nsx.ts'
import { attempt, childOf, inumOf } from './support/proc.ts'
import { startPython } from './support/python.ts'
import { expectForetold, refusalOf } from './support/refusal.ts'
import { underSeccomp } from './support/seccomp.ts'
import { endUnshared, type Unshared, unshared } from './support/unshared.ts'

const able = requireRoot() && ['unshare', 'setpriv', 'python3'].every(requireCommand)
const OTHER = UID + 1

let roots: Unshared
let users: Unshared

beforeAll(async () => {
  if (!able) return
  roots = await unshared('-n', '-u', '-p', '-f')
  users = await unshared(...AS_USER, 'unshare', '-U', '-r', '-n', '-m')
})

afterAll(endUnshared)

describe.runIf(able && requireAddon())('enter is refused, and says why', () => {
  test.each(['-n', '-u', '-a', ''])(
    "a process of root's to an ordinary user: %s",
    async (flags) => {
      const words = ['enter', String(roots.pid), ...flags.split(' ').filter((word) => word !== '')]
      const refusal = await refusalOf(words, { uid: UID })
      const [first, second] = refusal.lines.slice(-2)
      expect(first).toMatch(/^nsx: cannot .*pid \d+.*\((EPERM|EACCES)\): .*ptrace.*CAP_SYS_PTRACE/)
      expect(first).toContain('uid 0')
      expect(first).toContain(`uid ${UID}`)
      expect(second).toMatch(/sudo nsx/)
      expectForetold(refusal)
    },
  )

  test('a process of another ordinary user', async () => {
    const refusal = await refusalOf(['enter', String(users.pid), '-U', '-n'], { uid: OTHER })
    expect(refusal.lines[0]).toContain(`it runs as uid ${UID}, and we are uid ${OTHER}`)
    expectForetold(refusal)
  })

  test('one namespace of their own, without the user namespace that owns it', async () => {
    const refusal = await refusalOf(['enter', String(users.pid), '-n'], { uid: UID })
    const user = inumOf(users.pid, 'user')
    expect(refusal.lines[0]).toMatch(/cannot enter the network namespace of pid \d+: .*\(EPERM\)/)
    expect(refusal.lines[0]).toMatch(/CAP_SYS_ADMIN in the initial user namespace, which uid 12345/)
    expect(refusal.lines[1]).toContain('enter its user namespace, too: --user')
    expect(user).not.toBe(inumOf('self', 'user'))
    expectForetold(refusal)
  })

  test('a zombie', async () => {
    const parent = await startPython('pid = os.fork()\nif pid == 0: os._exit(0)')
    const zombie = await until('the zombie', () => childOf(parent))
    const refusal = await refusalOf(['enter', String(zombie), '-n'])
    expect(refusal.lines[0]).toMatch(/\(ESRCH\): pid \d+ has exited: it is a zombie/)
    expect(refusal.lines[1]).toBe('  name a process that is alive')
    expectForetold(refusal)
  })

  test('a PID namespace that is not below of its own', async () => {
    const outer = `/proc/${process.pid}/ns/pid`
    // The /proc is that of the outer one.
    const via = [commandPath('unshare'), '-p', '-f']
    const refusal = await refusalOf(['enter', `--pid=${outer}`], { via })
    expect(refusal.lines[0]).toMatch(/\(EINVAL\): .*its own PID namespace or to one below of it/)
    expect(refusal.lines[1]).toMatch(/or leave out --pid/)
    expectForetold(refusal)
  })

  test('a pid of another procfs than that of its own PID namespace', async () => {
    const via = [commandPath('unshare'), '-p', '-f']
    const refusal = await refusalOf(['enter', String(roots.pid), '-n'], { via })
    expect(refusal.lines[0]).toMatch(
      /^nsx: cannot open pid \d+: .*\(ESRCH\): this \/proc is that of/,
    )
    expectForetold(refusal)
  })

  test('a pid there that is another process in its own PID namespace', async () => {
    // In the new PID namespace nsx is itself a low number, which is somebody else in this /proc.
    const via = [commandPath('unshare'), '-p', '-f', '/bin/sh', '-c', '"$@"; exit', 'sh']
    const low = ['1', '2', '3'].map((pid) => refusalOf(['enter', pid, '-n', '-u'], { via }))
    for (const refusal of await Promise.all(low)) {
      expect(refusal.lines.at(-2)).toMatch(/^nsx: cannot open pid [123]: .*\(ESRCH\)/)
    }
  })

  test('its own user namespace is nothing to enter, and no failure', async () => {
    const ran = await runNsx(['enter', `--user=/proc/${process.pid}/ns/user`, '--', '/bin/true'])
    expect(ran).toMatchObject({ code: 0, stdout: '' })
    const dry = await runNsx(['enter', String(process.pid), '--user', '--dry-run'])
    expect(dry.code).toBe(0)
    expect(dry.stdout).toMatch(/the user namespace of pid \d+ is our own already/)
  })

  test('a seccomp filter that forbids it, which may be why', async () => {
    const refusal = await refusalOf(['enter', String(roots.pid), '-n'], underSeccomp())
    expect(refusal.lines[0]).toMatch(
      /cannot enter the network namespace .*\(EPERM\): a seccomp filter of the caller may forbid it$/,
    )
    expectForetold(refusal, 'unknown')
  })

  test.runIf(requireCommand('strace'))('a process that ends once it was looked at', async () => {
    const target = await unshared('-n')
    const stop = 'inject=memfd_create:signal=SIGSTOP:when=1'
    const how = ['-f', '-o', '/dev/null', '-e', 'trace=memfd_create', '-e', stop]
    const child = spawnNsx(['enter', String(target.pid), '-n', '--', '/bin/true'], {
      via: [commandPath('strace'), ...how],
    })
    const watched = watch(child)
    // It has its plan by then, and is about to hand it over.
    const nsx = await until('nsx to stop', () => {
      const pid = childOf(child.pid as number)
      return pid !== null && holdsPlan(pid) && stateOf(pid) === 't' ? pid : null
    })
    await target.end()
    process.kill(nsx, 'SIGCONT')
    expect(await watched.end).toBe(125)
    expect(watched.stderr()).toMatch(
      /^nsx: cannot open pid \d+: no such process \(ESRCH\): pid \d+ has ended\n {2}name a process/,
    )
  })

  test('a process whose pidfd has another inode', async () => {
    const refusal = await refusalOf(['enter', '--target', `${roots.pid}:1`, '-n'])
    expect(refusal.lines[0]).toMatch(/\(ESRCH\): pid \d+ has ended, or its pidfd is not inode 1$/)
    expectForetold(refusal, 'unknown')
  })

  test('an id that the user namespace has no number for', async () => {
    const refusal = await refusalOf(['enter', String(users.pid), '-U', '-S', '5'], { uid: UID })
    expect(refusal.lines[0]).toMatch(
      /cannot become uid 5: .*\(EINVAL\): uid 5 has no number in user:/,
    )
    expectForetold(refusal)
  })

  test('our own directory from within another mount namespace', async () => {
    const refusal = await refusalOf(['enter', String(users.pid), '-U', '-m', '-w/usr'], {
      uid: UID,
    })
    expect(refusal.lines[0]).toMatch(/\(EXDEV\): it is in our own mount namespace, out of reach/)
    expect(refusal.lines[1]).toBe('  --wdns DIR is looked up inside')
    expectForetold(refusal)
  })

  test('a process that is not there, or is none', async () => {
    for (const target of ['4194305', 'no-such-container']) {
      const ran = await runNsx(['enter', target, '-n', '--', '/bin/true'])
      expect(ran).toMatchObject({ code: 125, stdout: '' })
      expect(ran.stderr).toMatch(/^nsx: .*\n {2}.+\n$/)
    }
  })

  test('a descriptor that nsx was started without', async () => {
    for (const fd of ['3', '4', '5', '11', '900']) {
      for (const more of [['--dry-run'], []]) {
        const ran = await runNsx(['enter', String(roots.pid), '--status-fd', fd, ...more])
        expect(ran, fd).toMatchObject({ code: 125, stdout: '' })
        expect(ran.stderr).toMatch(
          /^nsx: cannot pass on descriptor \d+ \(--status-fd\): .*\n {2}open/,
        )
      }
    }
  })
})

function holdsPlan(pid: number): boolean {
  const fds = attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []
  return fds.some((fd) =>
    attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`))?.includes('nsx-plan'),
  )
}
