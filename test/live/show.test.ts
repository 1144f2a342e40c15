import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import type { Sharing } from '../../src/query/sharing.ts'
import type { ShownNamespace } from '../../src/query/show.ts'
import { type Container, startBwrap, startRunc } from './support/containers.ts'
import { insideOf, type ShowDocument, shownOf, showTask } from './support/documents.ts'
import { AS_USER, foreign, UID } from './support/foreign.ts'
import { lsnsColumns } from './support/lsns.ts'
import {
  commandPath,
  requireAddon,
  requireCommand,
  requireFile,
  requireRoot,
} from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { attempt, membersOf, pids } from './support/proc.ts'
import { startPython } from './support/python.ts'
import { endUnshared, inumOf, unshared } from './support/unshared.ts'
import { type Held, hold, holdAs, releaseAll } from './support/zoo.ts'

const able =
  requireRoot() &&
  requireAddon() &&
  ['cc', 'unshare', 'setpriv', 'lsns', 'python3'].every(requireCommand)
const BUSYBOX = '/bin/busybox'
const canContain = able && requireFile(BUSYBOX) && ['bwrap', 'runc'].every(requireCommand)

afterEach(async () => {
  await endUnshared()
  await releaseAll()
})

/** Whether nobody is left who may be in it as well: a process that we may not look at. */
function allCanBeRead(type: NsType): boolean {
  return pids().every((pid) => {
    const file = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
    const over = file === null || /\) [ZX] /.test(file)
    return over || attempt(() => readlinkSync(`/proc/${pid}/ns/${type}`)) !== null
  })
}

/** What can be said of sharing where some processes may not be looked at. */
function told(type: NsType, sharing: 'own' | 'container'): Sharing | null {
  if (allCanBeRead(type)) return sharing
  return sharing === 'own' ? null : 'others'
}

describe.runIf(able)('show, of those a namespace is shared with', () => {
  test.each(NS_TYPE_NAMES)('tells that a %s namespace is of this process alone', async (type) => {
    const held = await holdAs(UID, 'process', type)
    const document = await showTask(held.pid)
    expect(shownOf(document, type)).toMatchObject({
      ...{ ns: { type, inum: held.inum }, sharing: told(type, 'own'), processCount: 1 },
      atLeast: allCanBeRead(type) ? [] : ['processCount'],
    })
    for (const other of NS_TYPE_NAMES.filter((name) => name !== type)) {
      expect(shownOf(document, other)).toMatchObject({
        ...{ sharing: 'initial', ns: { inum: inumOf(process.pid, other) } },
      })
    }
  })

  test('counts the processes that /proc and lsns(8) count', async () => {
    const target = await foreign('-n', '-u')
    const path = (type: string) => `/proc/${target.pid}/ns/${type}`
    await startPython('enter(sys.argv[1]); enter(sys.argv[2])', path('net'), path('uts'))
    await startPython('enter(sys.argv[1])', path('net'))
    const document = await showTask(target.pid)
    for (const [type, count] of [
      ['net', 3],
      ['uts', 2],
    ] as const) {
      const { ns, sharing, sharedWith, sharedOutside, processCount } = shownOf(document, type)
      expect({ sharing, sharedWith, sharedOutside }).toEqual({
        ...{ sharing: 'others', sharedWith: [], sharedOutside: true },
      })
      expect(processCount).toBe(count)
      expect(membersOf(type, ns.inum)).toHaveLength(count)
      const rows = lsnsColumns('NS', 'NPROCS')
      expect(rows.find(([inum]) => inum === String(ns.inum))?.[1]).toBe(String(count))
    }
  })

  test.runIf(canContain).each([
    ['bwrap', startBwrap],
    ['runc', startRunc],
  ] as const)('names the container: %s', async (family, start) => {
    const container = await started(start)
    const { subject, namespaces } = await showTask(container.payload)
    expect(subject.container).toMatchObject({ family })
    const label = subject.container?.label ?? ''
    if (container.id !== null) expect(label).toBe(`${family}:${container.id}`)
    for (const type of ['mnt', 'net', 'pid', 'uts', 'ipc'] as const) {
      const shown = shownOf({ namespaces }, type)
      const members = membersOf(type, shown.ns.inum)
      expect(shown.processCount).toBe(members.length)
      const alone = members.length === 1
      expect(shown).toMatchObject({
        sharing: told(type, alone ? 'own' : 'container'),
        sharedWith: alone ? [] : [label],
      })
    }
    expect(namespaces.time?.sharing).toBe('initial')
  })
})

describe.runIf(canContain && requireCommand('sh'))('show, where nothing is hidden from it', () => {
  /** In a PID namespace of its own all processes may be looked at; the command's child is the target. */
  async function showChildOf(command: string, generations: number): Promise<ShowDocument> {
    const script = [
      ...['PATH=/usr/sbin:/usr/bin:/sbin:/bin', `${command} & c=$!`],
      ...Array.from(
        { length: generations },
        () =>
          `p=$c; until c=$(cat /proc/$p/task/$p/children); c=\${c% }; [ "$c" ]; do sleep 0.01; done`,
      ),
      '"$@" "$c"',
    ].join('\n')
    const { stdout, stderr, code } = await runNsx(['show', '--json'], {
      via: [
        ...[commandPath('unshare'), '-p', '--fork', '--mount-proc'],
        '/bin/sh',
        '-c',
        script,
        'sh',
      ],
    })
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    return JSON.parse(stdout)
  }

  test('tells that a namespace is of this process alone', async () => {
    const document = await showChildOf('unshare -p --fork sleep 60', 1)
    expect(document.coverage.complete).toBe(true)
    expect(shownOf(document, 'pid')).toMatchObject({
      ...{ sharing: 'own', processCount: 1, sharedWith: [], atLeast: [] },
    })
  })

  test('tells that a namespace is of a container', async () => {
    const document = await showChildOf('bwrap --unshare-all --ro-bind / / sleep 60', 2)
    expect(shownOf(document, 'pid')).toMatchObject({
      ...{ sharing: 'container', processCount: 2, sharedOutside: false, atLeast: [] },
      sharedWith: [document.subject.container?.label],
    })
    expect(document.subject.container?.family).toBe('bwrap')
  })
})

async function started(start: () => Promise<Container>): Promise<Container> {
  const container = await start()
  onTestFinished(() => container.stop())
  return container
}

describe.runIf(able)('show, of owners and parents', () => {
  test('has those that lsns(8) has', async () => {
    const target = await unshared(...AS_USER, 'unshare', '-U', '-r', '-n', '-u', '-p', '--fork')
    const document = await showTask(target.pid)
    const rows = lsnsColumns('NS', 'PNS', 'ONS')
    for (const type of NS_TYPE_NAMES) {
      const { ns, owner, parent, level } = shownOf(document, type)
      const [, parentTold, ownerTold] = rows.find(([inum]) => inum === String(ns.inum)) ?? []
      expect([type, parent?.inum ?? 0]).toEqual([type, Number(parentTold)])
      expect([type, owner?.inum ?? 0]).toEqual([type, Number(ownerTold)])
      if (type === 'user') expect(level).toBe(1)
    }
    const user = inumOf(target.pid, 'user')
    expect(shownOf(document, 'net').owner?.inum).toBe(user)
    expect(shownOf(document, 'mnt').owner?.inum).toBe(inumOf(process.pid, 'user'))
    expect(shownOf(document, 'user').ownerUid).toBe(UID)
    expect(shownOf(document, 'pid').parent?.inum).toBe(inumOf(process.pid, 'pid'))
  })

  test('has an owner in which nobody is', async () => {
    const held = await hold('owner', 'uts')
    const { owner } = shownOf(await showTask(held.pid), 'uts')
    expect(owner).toMatchObject({ type: 'user', inum: held.inum, id: expect.any(String) })
  })
})

describe.runIf(able)('show, of threads and children that are elsewhere', () => {
  const otherThread = (pid: number) =>
    Number(readdirSync(`/proc/${pid}/task`).find((tid) => Number(tid) !== pid))

  test.each(['uts', 'net', 'ipc', 'cgroup', 'mnt'] as const)(
    'tells which thread is in another %s namespace',
    async (type) => {
      const { pid } = await hold('stray', type)
      const tid = otherThread(pid)
      const inum = taskInum(`${pid}/task/${tid}`, type)
      const document = await showTask(pid)
      expect(document.threads).toMatchObject([
        { tid, comm: 'zoo', namespaces: { [type]: refTo(type, inum) }, unknown: [] },
      ])
      expect(shownOf(document, type).sharing).toBe('initial')
      const ofThread = await showTask(tid)
      expect(ofThread.subject).toMatchObject({ pid, tid, threadCount: 2 })
      expect(shownOf(ofThread, type).ns.inum).toBe(inum)
      expect(ofThread.threads).toMatchObject([
        {
          ...{ tid: pid, comm: 'zoo', unknown: [] },
          namespaces: { [type]: refTo(type, inumOf(pid, type)) },
        },
      ])
    },
  )

  test('tells where the children of a thread will be', async () => {
    const { pid } = await hold('stray', 'time')
    const tid = otherThread(pid)
    const later = taskInum(`${pid}/task/${tid}`, 'time_for_children')
    const document = await showTask(pid)
    expect(document.threads).toMatchObject([
      { tid, namespaces: { time_for_children: { type: 'time', inum: later } } },
    ])
    const { ns, forChildren } = shownOf(await showTask(tid), 'time')
    expect([ns.inum, forChildren?.inum]).toEqual([inumOf(pid, 'time'), later])
  })

  test('tells where the children of a process will be', async () => {
    const parent = await startPython(
      'call("unshare", 0x20000000)\nif os.fork() == 0: wait(); os._exit(0)',
    )
    const later = taskInum(String(parent), 'pid_for_children')
    const { ns, forChildren } = shownOf(await showTask(parent), 'pid')
    expect([ns.inum, forChildren?.inum]).toEqual([inumOf(parent, 'pid'), later])
    expect(later).not.toBe(inumOf(parent, 'pid'))
    const { text } = await screen(parent)
    expect(text).toContain(`children: pid:[${later}]`)
  })

  test('says that nobody can name the PID namespace in which nobody was ever born', async () => {
    const target = await unshared('-p')
    const shown = shownOf(await showTask(target.pid), 'pid')
    expect(shown).toMatchObject({ forChildren: null, unknown: ['forChildren'] })
    const { text } = await screen(target.pid)
    expect(text).toMatch(/pid .*children: /)
    const { pid } = await hold('stray', 'pid')
    expect((await showTask(pid)).threads).toMatchObject([
      {
        tid: otherThread(pid),
        comm: 'zoo',
        namespaces: {},
        unknown: ['namespaces.pid_for_children'],
      },
    ])
  })

  test('shows what is left of a process whose first thread has ended', async () => {
    const { pid } = await hold('headless', 'uts')
    const tid = otherThread(pid)
    const document = await showTask(pid)
    expect(document.subject).toMatchObject({ pid, state: 'Z', threadCount: 2 })
    expect(present(document)).toEqual(['pid', 'user'])
    expect(document.threads).toMatchObject([
      { tid, namespaces: { uts: { inum: taskInum(`${pid}/task/${tid}`, 'uts') } } },
    ])
    const { text } = await screen(pid)
    expect(text).toContain('the thread that it began with has ended, the others live on')
  })
})

function taskInum(folder: string, link: string): number {
  return Number(/\d+/.exec(readlinkSync(`/proc/${folder}/ns/${link}`))?.[0])
}

function refTo(type: NsType, inum: number): object {
  return { type, inum, id: expect.stringMatching(/^\d+$/) }
}

function present({ namespaces }: ShowDocument): string[] {
  return NS_TYPE_NAMES.filter((type) => namespaces[type] !== null).sort()
}

async function screen(
  target: string | number,
  options: { readonly args?: readonly string[]; readonly uid?: number } = {},
) {
  const { args = [], ...how } = options
  const { stdout, stderr, code } = await runNsx(['show', String(target), ...args], how)
  return { text: stdout, stderr, code }
}

describe.runIf(able)('show, of a process that is no common one', () => {
  test('says that a zombie is one, and what is left of it', async () => {
    const { pid } = await holdAs(UID, 'zombie', 'uts')
    const document = await showTask(pid)
    expect(document.subject).toMatchObject({ pid, state: 'Z', user: null, command: 'zoo' })
    expect(document.subject.credentials?.uid.effective).toBe(UID)
    expect(present(document)).toEqual(['pid', 'user'])
    expect(document.unknown).toEqual([])
    const { text, code } = await screen(pid)
    expect(code).toBe(0)
    expect(text).toContain('it has ended and waits for its parent')
    expect(text).toMatch(/ uts .*none \(any more\)/)
  })

  test('says that a kernel thread is one', async () => {
    const document = await showTask(2)
    expect(document.subject).toMatchObject({ kernelThread: true, comm: 'kthreadd', args: [] })
    for (const type of NS_TYPE_NAMES) expect(shownOf(document, type).sharing).toBe('initial')
    expect((await screen(2)).text).toContain('a kernel thread: it runs no program')
  })

  test.runIf(requireCommand('getpcaps'))('has the capabilities that getpcaps(8) has', async () => {
    const dropped = ['--bounding-set', '-sys_admin,-kill', '--inh-caps', '-all,+net_raw']
    const target = await unshared(
      'setpriv',
      ...dropped,
      '--reuid',
      '12345',
      '--ambient-caps=+net_raw',
      '--clear-groups',
    )
    const { capabilities } = (await showTask(target.pid)).subject.credentials ?? {}
    const status = readFileSync(`/proc/${target.pid}/status`, 'utf8')
    const sets = [...status.matchAll(/^Cap(\w+):\t(\w+)$/gm)].map(([, name, set]) => [name, set])
    expect(capabilities).toEqual(
      Object.fromEntries(
        [
          ['inheritable', 'Inh'],
          ['permitted', 'Prm'],
          ['effective', 'Eff'],
          ['bounding', 'Bnd'],
          ['ambient', 'Amb'],
        ].map(([name = '', word]) => [name, Object.fromEntries(sets)[word ?? '']]),
      ),
    )
    const { text } = await screen(target.pid)
    const line = /^capabilities +(.*), in user/m.exec(text)?.[1]
    const told = execFileSync('getpcaps', [String(target.pid)], { encoding: 'utf8' })
    expect(told).toBe(`${target.pid}: cap_net_raw=eip\n`)
    expect(line).toBe('CAP_NET_RAW')
  })

  test.each([
    [
      'nothing',
      'pass',
      { noNewPrivs: false, seccomp: 0 },
      'may gain privileges by exec, no seccomp',
    ],
    ['no_new_privs', NO_NEW_PRIVS, { noNewPrivs: true, seccomp: 0 }, 'no_new_privs, no seccomp'],
    [
      ...(['a filter', `${NO_NEW_PRIVS}\nfilter()`] as const),
      ...([{ noNewPrivs: true, seccomp: 2 }, 'no_new_privs, seccomp filter (1)'] as const),
    ],
    [
      ...(['strict seccomp', 'call("prctl", 22, 1, 0, 0, 0)'] as const),
      ...([
        { noNewPrivs: false, seccomp: 1 },
        'may gain privileges by exec, seccomp strict',
      ] as const),
    ],
  ])('tells of %s', async (_what, statement, expected, words) => {
    const pid = await startPython(`${FILTER}${statement}`)
    const { credentials } = (await showTask(pid)).subject
    expect(credentials).toMatchObject(expected)
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const told = (name: string) => Number(new RegExp(`^${name}:\t(\\d+)$`, 'm').exec(status)?.[1])
    expect([told('Seccomp'), told('NoNewPrivs')]).toEqual([
      ...[expected.seccomp, Number(expected.noNewPrivs)],
    ])
    expect(credentials?.seccompFilters).toBe(told('Seccomp_filters'))
    expect((await screen(pid)).text).toContain(`privileges    ${words}`)
  })
})

const NO_NEW_PRIVS = 'call("prctl", 38, 1, 0, 0, 0)'

/** One that permits everything (SECCOMP_RET_ALLOW), as seccomp(2) has it. */
const FILTER = `
def filter():
    code = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0x7fff0000))
    program = struct.pack('HxxxxxxQ', 1, ctypes.addressof(code))
    call('prctl', 22, 2, ctypes.c_char_p(program), 0, 0)
`

describe.runIf(able)('show by an ordinary user', () => {
  const asUser = { uid: UID }

  test("says what it may not see of root's process", async () => {
    const { pid } = await unshared('-u', '-n')
    const document = await showTask(pid, [], asUser)
    expect(document.subject).toMatchObject({ pid, comm: 'cat', command: 'cat', user: 'root' })
    expect(present(document)).toEqual([])
    expect(document.unknown).toEqual(NS_TYPE_NAMES.map((type) => `namespaces.${type}`))
    expect(document.coverage.complete).toBe(false)
    const { text, stderr, code } = await screen(pid, asUser)
    expect(code).toBe(0)
    for (const type of NS_TYPE_NAMES) {
      expect(text).toMatch(new RegExp(`${type} .*not permitted to look`))
    }
    expect(stderr).toMatch(/^nsx: .*permission denied \(EACCES\).*sudo nsx\n$/)
    expect((await screen(pid, { ...asUser, args: ['--strict'] })).code).toBe(5)
  })

  test('shows their own process in namespaces of each type', async () => {
    for (const type of NS_TYPE_NAMES) {
      const held = await holdAs(UID, 'process', type)
      const document = await showTask(held.pid, [], asUser)
      expect(document.unknown).toEqual([])
      const shown = shownOf(document, type)
      expect(shown).toMatchObject({ ns: { inum: held.inum }, processCount: 1, sharing: null })
      expect(shown.owner?.inum).toBe(inumOf(process.pid, 'user'))
      expect(shown.atLeast).toEqual(['processCount'])
      await expectHonest(held, type, shown)
    }
  })

  /** What is inside is as root sees it, or else it is named unknown. */
  async function expectHonest(held: Held, type: NsType, { contents }: ShownNamespace) {
    const real: Record<string, unknown> = {
      ...insideOf(shownOf(await showTask(held.pid), type), type),
    }
    const unknown = contents?.unknown ?? []
    const known = Object.entries(contents ?? {}).filter(
      ([name]) => name !== 'unknown' && unknown.every((field) => field.split('.')[0] !== name),
    )
    expect(Object.fromEntries(known)).toEqual(
      Object.fromEntries(known.map(([name]) => [name, real[name]])),
    )
    if (type !== 'uts' && type !== 'ipc') expect(known.length).toBeGreaterThan(1)
  }
})
