import { afterEach, describe, expect, test } from 'vitest'
import { ENGINES } from './support/list.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { type SystemCall, type Traced, traceNsx } from './support/strace.ts'
import { hold, releaseAll } from './support/zoo.ts'

const STAT = '?stat,?lstat,?newfstatat,?fstatat64,?statx'
const READLINK = '?readlink,readlinkat'
const OPEN = '?open,openat,openat2'

const canTrace = requireRoot() && requireAddon() && requireCommand('cc') && requireCommand('strace')

afterEach(releaseAll)

describe.runIf(canTrace)('list under strace', () => {
  test('reads no link of another process on the main thread', async () => {
    const traced = await traceNsx(['list'], { trace: `execve,${READLINK}` })
    expect(traced.code).toBe(0)
    expect(linksOfOthers(traced).length).toBeGreaterThan(0)
    expect(linksOfOthers(traced).filter(({ tid }) => tid === traced.pid)).toEqual([])
    // So would it show, if there were some.
    const slow = await traceNsx(['list', '--procfs', '/proc'], { trace: `execve,${READLINK}` })
    expect(linksOfOthers(slow).some(({ tid }) => tid === slow.pid)).toBe(true)
  })

  test.each(ENGINES)('never asks stat(2) of a descriptor with $engine', async ({ how }) => {
    const held = await hold('descriptors', 'mixed', '20')
    const { code, calls } = await traceNsx(['list', '--json', ...how], { trace: STAT })
    expect(code).toBe(0)
    const waiting = calls.filter(isAboutDescriptor).filter(({ args }) => !/DONT_SYNC/.test(args))
    expect(waiting).toEqual([])
    const asked = calls.filter(({ args }) => args.includes(`/proc/${held.pid}/fd`))
    expect(asked.length > 20).toBe(how.length === 0)
  })

  test.each(ENGINES)(
    'opens one process only, where one is asked for, with $engine',
    async ({ how }) => {
      const held = await hold('process', 'uts')
      const args = ['list', '-p', String(held.pid), '-o', 'NS,TYPE', ...how]
      const traced = await traceNsx(args, { trace: `execve,${OPEN},${READLINK}` })
      expect({ code: traced.code, stderr: traced.stderr }).toEqual({ code: 0, stderr: '' })
      expect(traced.stdout).toContain(String(held.inum))
      const touched = new Set(traced.calls.flatMap(processesIn))
      expect([...touched].sort()).toEqual([...new Set([held.pid, traced.pid])].sort())
    },
  )

  test.each(ENGINES)(
    'runs no program but itself and its own reader of files, with $engine',
    async ({ how }) => {
      for (const args of [['list'], ['list', '--json'], ['list', '-P', '-o', '+HELD-BY']]) {
        const { code, calls } = await traceNsx([...args, ...how], { trace: 'execve,?execveat' })
        expect(code).toBe(0)
        const [first, ...others] = calls
        expect(first?.name).toBe('execve')
        // It reads what may hang, where a container's name is in a file of its runtime.
        expect(others.filter(({ args }) => !/^"[^"]*\/nsx-read"/.test(args))).toEqual([])
      }
    },
  )
})

/** Except of ourselves, whose links Node reads when it starts. */
function linksOfOthers({ calls, pid }: Traced): SystemCall[] {
  return calls.filter(
    (call) => call.name.startsWith('readlink') && processesIn(call).some((other) => other !== pid),
  )
}

/** The pids that the arguments name below /proc, in a path or by a descriptor of /proc. */
function processesIn({ args }: SystemCall): number[] {
  const paths = args.matchAll(/\/proc(?:>, ")?\/?(\d+)/g)
  return [...paths].map(([, pid]) => Number(pid))
}

function isAboutDescriptor({ args }: SystemCall): boolean {
  return /\/proc\/\w+(?:\/task\/\d+)?\/fd(?:\/|>, ")\d/.test(args)
}
