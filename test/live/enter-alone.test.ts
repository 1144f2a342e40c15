import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROJECT } from './support/children.ts'
import { type Container, startRunc } from './support/containers.ts'
import { requireAddon, requireCommand, requireFile, requireRoot } from './support/needs.ts'
import { traceNsx } from './support/strace.ts'

const READER = `${PROJECT}native/build/Release/nsx-read`
/** In a memfd, which has no path. */
const HELPER = 'nsx-exec'

const ready =
  requireRoot() &&
  requireAddon() &&
  requireFile('/bin/busybox') &&
  requireCommand('strace') &&
  requireCommand('runc')

/** The programs that nsx with an empty PATH, and whatever comes of it, has become, in order. */
async function programsOf(...words: readonly string[]) {
  const trace = 'execve,execveat'
  const { calls, stdout, stderr, code } = await traceNsx(words, { trace })
  const programs = calls
    .filter(({ result }) => result === '0')
    .map(({ name, args }) => (name === 'execveat' ? /\["([^"]*)/ : /^"([^"]*)/).exec(args)?.[1])
  // A program that was looked for somewhere and is not there would be a failed call.
  const failed = calls.filter(({ result }) => result !== '0').map(({ args }) => args)
  return { programs, failed, stdout, stderr, code }
}

const ECHO = ['/bin/busybox', 'echo', 'inside']
const DONE = { stdout: 'inside\n', stderr: '', code: 0, failed: [] }

describe.runIf(ready)('nothing but its own programs and the command is started', () => {
  let web: Container

  beforeAll(async () => {
    web = await startRunc({ id: 'web' })
  })
  afterAll(() => web?.stop())

  /** Of what reads files below other roots there may be some, or none. */
  function expectAlone(programs: readonly (string | undefined)[]): void {
    expect(programs.filter((program) => program !== READER)).toEqual([
      ...[process.execPath, HELPER, ECHO[0]],
    ])
    expect(programs.at(-2)).toBe(HELPER)
  }

  test.each(['web', 'web --all', 'web --net --pid --sys', 'web --like --join-cgroup'])(
    'to enter %s',
    async (flags) => {
      const { programs, ...rest } = await programsOf('enter', ...flags.split(' '), '--', ...ECHO)
      expect(rest).toEqual(DONE)
      expectAlone(programs)
    },
  )

  test.each([
    '--mount --uts --ipc --net --pid --cgroup --time --mount-proc',
    '-Urpmfn --mount-proc --loopback',
    '--user --map-users=0:100000:1000 --map-groups=0:100000:1000 --setuid 0',
    '--uts --hostname inner --clone',
  ])('to run with %s', async (flags) => {
    const { programs, ...rest } = await programsOf('run', ...flags.split(' '), '--', ...ECHO)
    expect(rest).toEqual(DONE)
    expectAlone(programs)
  })
})
