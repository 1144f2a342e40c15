import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROJECT } from './support/children.ts'
import { type ListDocument, rowFor } from './support/list.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { type Traced, traceNsx } from './support/strace.ts'
import { type Held, hold, releaseAll } from './support/zoo.ts'

const canInject =
  requireRoot() && requireAddon() && requireCommand('cc') && requireCommand('strace')

/** What each refusal of the kernel's leads to. */
type Outcome =
  /** The namespace is not listed, and nothing is said: it has ended. */
  | 'gone'
  /** It is listed, in full. */
  | 'whole'
  /** It is listed without some fields, which are named. */
  | 'less'
  /** It is not listed; that is what the gap says. */
  | 'missed'
  /** No list, but an error with this exit code. */
  | 4
  | 5

interface Case {
  readonly what: string
  readonly call: string
  /** Only the calls about these; without, all of them. */
  readonly paths?: () => readonly string[]
  /** Only the nth of them. */
  readonly nth?: number
  /** Whose row to look at. */
  readonly held: () => Held
  /** Where a failure is booked. */
  readonly source: string
  /** Under which errno, where that is another one. */
  readonly booked?: string
  readonly outcomes: Readonly<Record<string, Outcome>>
}

let member: Held
let mount: Held
let socket: Held
let folder: string

const MISSED = { ESRCH: 'gone', EACCES: 'missed', EIO: 'missed', EMFILE: 5 } as const
const WHOLE = { ESRCH: 'whole', EACCES: 'whole', EIO: 'whole', EMFILE: 5 } as const
const LESS = { EACCES: 'less', EIO: 'less', EMFILE: 5 } as const

const CASES: readonly Case[] = [
  {
    ...{ what: 'a process', call: 'openat', source: 'processes', held: () => member },
    ...{ paths: () => [`${member.pid}/ns`], outcomes: MISSED },
  },
  {
    ...{ what: 'the links of a process', call: 'readlinkat', source: 'processes' },
    ...{ paths: () => [inProc('/ns')], held: () => member, outcomes: MISSED },
  },
  {
    ...{ what: 'the list of descriptors', call: 'getdents64', source: 'descriptors' },
    ...{ paths: () => [inProc('/fd')], held: () => member, outcomes: WHOLE },
  },
  {
    ...{ what: 'the descriptors', call: 'statx', source: 'descriptors', held: () => member },
    ...{ paths: () => [inProc('/fd')], outcomes: WHOLE },
  },
  {
    ...{ what: 'the file of the namespace', call: 'openat', source: 'relatives' },
    ...{
      paths: () => [`${member.pid}/ns/uts`],
      held: () => member,
      outcomes: { ...LESS, ESRCH: 'gone' },
    },
  },
  {
    ...{ what: 'its type', call: 'ioctl', nth: 1, source: 'relatives', held: () => member },
    ...{ paths: () => [link(member)], booked: 'ENOTSUP', outcomes: { EIO: 'less' } },
  },
  {
    ...{ what: 'its owner', call: 'ioctl', nth: 3, source: 'relatives', held: () => member },
    ...{ paths: () => [link(member)], outcomes: { EIO: 'less', EMFILE: 5 } },
  },
  {
    ...{ what: 'who the leaders are', call: 'openat', source: 'processes', held: () => member },
    ...{ paths: () => ['stat'], outcomes: LESS },
  },
  {
    ...{ what: 'the text about a leader', call: 'read', source: 'processes', held: () => member },
    ...{ paths: () => [inProc('/stat')], outcomes: { EIO: 'less' } },
  },
  {
    ...{ what: 'the table of mounts', call: 'openat', source: 'mounts', held: () => mount },
    ...{ paths: () => ['/proc/self/mountinfo'], outcomes: { ...MISSED, ESRCH: 'missed' } },
  },
  {
    ...{ what: 'a mount point', call: 'openat2', source: 'relatives', held: () => mount },
    ...{ paths: () => [`${folder}/pin`], outcomes: { ...LESS, EAGAIN: 'less' } },
  },
  {
    ...{ what: 'the owner of a socket', call: 'pidfd_open', source: 'sockets' },
    ...{ held: () => socket, outcomes: { ...MISSED, ENOSYS: 'missed' } },
  },
  {
    ...{ what: 'a socket', call: 'pidfd_getfd', source: 'sockets', held: () => socket },
    outcomes: { ...MISSED, EPERM: 'missed', EBADF: 'gone' },
  },
  {
    ...{ what: 'the processes', call: 'getdents64', source: 'processes', held: () => member },
    ...{ paths: () => ['/proc'], outcomes: { ESRCH: 5, EACCES: 4, EIO: 5, EMFILE: 5 } },
  },
  {
    ...{ what: 'the procfs', call: 'openat', source: 'processes', held: () => member },
    ...{ paths: () => ['/proc'], outcomes: { EACCES: 4, EIO: 5, EMFILE: 5 } },
  },
]

describe.runIf(canInject)('list, where the kernel refuses', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nsx-injected-'))
    member = await hold('process', 'uts')
    mount = await hold('mount', 'uts', `${folder}/pin`)
    socket = await hold('socket', 'tcp')
  })

  afterAll(async () => {
    await releaseAll()
    rmSync(folder, { recursive: true })
  })

  test.each(
    CASES.flatMap((each) =>
      Object.entries(each.outcomes).map(
        ([errno, outcome]) => [each.what, each.call, errno, { ...each, errno, outcome }] as const,
      ),
    ),
  )('%s (%s: %s), says so or is right', async (_what, _call, _errno, each) => {
    const { errno, outcome } = each
    const { call, paths = () => [], nth, held, source, booked = errno } = each
    const traced = await traceNsx(['list', '--json'], {
      trace: call,
      paths: paths(),
      inject: `${call}:error=${errno}:when=${nth ?? '1+'}`,
    })
    expectTidy(traced)
    const document = JSON.parse(traced.stdout)
    if (typeof outcome === 'number') {
      expect(document).toMatchObject({
        schema: 'nsx.error/1',
        error: { errno, exitCode: traced.code },
      })
      expect(traced.code).toBe(outcome)
      if (errno === 'EMFILE') expect(document.error.message).toContain('too many open files')
      return
    }
    expect(traced).toMatchObject({ code: 0, stderr: '' })
    expect(shownOf(document, held())).toBe(SHOWN[outcome])
    // A process that has ended is no gap, whatever it was asked.
    const expected = outcome !== 'gone' && errno !== 'ESRCH'
    expect(hasGap(document, source, booked)).toBe(expected)
    if (outcome !== 'gone' && outcome !== 'whole') expect(document.coverage.complete).toBe(false)
  })

  test.each(['EACCES', 'EIO', 'EMFILE'])('the addon (%s), reads without it', async (errno) => {
    const traced = await traceNsx(['list', '--json'], {
      trace: 'openat',
      paths: [
        `${PROJECT}native/build/Release/nsx.node`,
        `${PROJECT}prebuilds/linux-${process.arch}/nsx.node`,
      ],
      inject: `openat:error=${errno}`,
    })
    expectTidy(traced)
    expect(traced.stderr).toMatch(/^nsx: the addon could not be loaded .*\n$/)
    expect(rowFor(JSON.parse(traced.stdout), member).leader?.pid).toBe(member.pid)
  })
})

function expectTidy({ code, timedOut, stderr, calls }: Traced): void {
  expect(calls.some(({ result }) => result.includes('INJECTED'))).toBe(true)
  expect({ timedOut, stderr }).not.toMatchObject({ timedOut: true })
  expect([0, 4, 5]).toContain(code)
  expect(stderr).not.toMatch(/^ +at /m)
}

const SHOWN = { gone: 'absent', missed: 'absent', whole: 'whole', less: 'less' } as const

function shownOf(document: ListDocument, { type, inum }: Held): 'absent' | 'whole' | 'less' {
  if (document.namespaces.every((row) => row.inum !== inum)) return 'absent'
  return rowFor(document, { type, inum }).unknown.length > 0 ? 'less' : 'whole'
}

function hasGap({ coverage }: ListDocument, source: string, errno: string): boolean {
  return coverage.gaps.some((gap) => gap.source === source && gap.errno === errno)
}

function inProc(file: string): string {
  return `/proc/${member.pid}${file}`
}

function link({ type, inum }: Held): string {
  return `${type}:[${inum}]`
}
