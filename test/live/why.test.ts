import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import type { Coverage } from '../../src/model/snapshot.ts'
import type { HolderRow } from '../../src/query/rows.ts'
import type { WhyView } from '../../src/query/why.ts'
import { faultsOf } from '../support/schemas.ts'
import { command } from './support/daemons.ts'
import { withDocker } from './support/docker.ts'
import { failure } from './support/documents.ts'
import { AS_USER, UID } from './support/foreign.ts'
import { IN_FLIGHT } from './support/in-flight.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { type NsxOptions, runNsx } from './support/nsx.ts'
import { withPodman } from './support/podman.ts'
import { commOf, inumOf, membersOf } from './support/proc.ts'
import { startPython } from './support/python.ts'
import { endUnshared, unshared } from './support/unshared.ts'
import { type Held, hold, holdAs, releaseAll } from './support/zoo.ts'

const able =
  requireRoot() && requireAddon() && ['cc', 'unshare', 'setpriv', 'python3'].every(requireCommand)

afterEach(async () => {
  await endUnshared()
  await releaseAll()
})

type WhyDocument = WhyView & { readonly coverage: Coverage }

/** `nsx why TARGET --json`, which must succeed. */
async function whyOf(target: string | number, args: readonly string[] = [], options?: NsxOptions) {
  const { stdout, stderr, code } = await runNsx(['why', String(target), '--json', ...args], options)
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  const document: WhyDocument = JSON.parse(stdout)
  expect(faultsOf('why', document)).toEqual([])
  return document
}

/** Whether nothing can have been missed: not where some process cannot be read even by root. */
const isWhole = ({ gaps }: Coverage) => gaps.every(({ source }) => source === 'containers')

interface Brief {
  readonly kind: string
  readonly pid?: number
  readonly tid?: number
  readonly fd?: number
  readonly path?: string
  readonly inum?: number
}

/** A holder in short: what it has not is not there. */
function brief({ kind, process, fd, path, namespace }: HolderRow): Brief {
  const tid = process?.tid ?? null
  return {
    kind,
    ...(process === null ? {} : { pid: process.pid }),
    ...(tid === null ? {} : { tid }),
    ...(fd === null ? {} : { fd }),
    ...(path === null ? {} : { path }),
    ...(namespace === null ? {} : { inum: namespace.inum }),
  }
}

/** What is said of a namespace of the zoo: its code, its members, and all else that holds it. */
async function told({ type, inum }: Pick<Held, 'type' | 'inum'>) {
  const { verdict, namespace, coverage, release } = await whyOf(`${type}:[${inum}]`)
  expect(verdict.certain).toBe(isWhole(coverage))
  expect(release).toHaveLength(1)
  return {
    code: verdict.code,
    members: namespace.members.map(({ pid }) => pid),
    holders: namespace.holders.map(brief),
  }
}

describe.runIf(able)('why names the holder, and only it', () => {
  test.each(NS_TYPE_NAMES)('of a process in a new %s namespace', async (type) => {
    const held = await holdAs(UID, 'process', type)
    const { code, members, holders } = await told(held)
    expect({ code, members }).toEqual({ code: 'members', members: [held.pid] })
    expect(holders).toEqual([])
  })

  test.each(NS_TYPE_NAMES)('of a descriptor of a %s namespace', async (type) => {
    const held = await holdAs(UID, 'descriptor', type)
    expect(await told(held)).toEqual({
      ...{ code: 'only-descriptor', members: [] },
      holders: [{ kind: 'descriptor', pid: held.pid, fd: held.fd }],
    })
  })

  test.each(NS_TYPE_NAMES)('of a mount of a %s namespace that stands nowhere', async (type) => {
    const held = await hold('detached', type)
    expect(await told(held)).toEqual({
      ...{ code: 'only-descriptor', members: [] },
      holders: [{ kind: 'descriptor', pid: held.pid, fd: held.fd }],
    })
  })

  test.each(NS_TYPE_NAMES)('of a bind mount of a %s namespace', async (type) => {
    const folder = mkdtempSync(join(tmpdir(), 'nsx-why-'))
    const path = `${folder}/pin`
    const held = await hold('mount', type, path)
    expect(await told(held)).toEqual({
      ...{ code: 'only-mount', members: [] },
      holders: [{ kind: 'mount', path }],
    })
    expect((await whyOf(path)).release).toEqual([`umount ${path}`])
    await held.release()
    rmSync(folder, { recursive: true })
  })

  test.each(['tcp', 'udp', 'netlink', 'unix'])('of a %s socket of another net', async (family) => {
    const held = await holdAs(UID, 'socket', family)
    expect(await told(held)).toEqual({
      ...{ code: 'only-socket', members: [] },
      holders: [{ kind: 'socket', pid: held.pid, fd: held.fd }],
    })
  })

  test.each(NS_TYPE_NAMES.filter((type) => type !== 'user' && type !== 'pid' && type !== 'time'))(
    'of a thread in a new %s namespace',
    async (type) => {
      const { pid } = await hold('stray', type)
      const { tid, inum } = strayOf(pid, type)
      expect(await told({ type, inum })).toEqual({
        ...{ code: 'only-thread', members: [] },
        holders: [{ kind: 'thread', pid, tid }],
      })
    },
  )

  test('of a time namespace that only children would be in', async () => {
    const pid = await startPython(`call('unshare', 0x80)`)
    const inum = inumOf(pid, 'time_for_children')
    expect(inum).not.toBe(inumOf(pid, 'time'))
    expect(await told({ type: 'time', inum })).toEqual({
      ...{ code: 'only-for-children', members: [] },
      holders: [{ kind: 'forChildren', pid }],
    })
  })

  test('of a mount in a mount namespace of others, and who is there', async () => {
    const script = MOUNTED_ELSEWHERE
    const pid = await startPython(script)
    const inum = Number(statSync(`/proc/${pid}/root/mnt/x`).ino)
    const mnt = inumOf(pid, 'mnt')
    const document = await whyOf(`net:[${inum}]`)
    expect(document.verdict.code).toBe('only-mount')
    expect(document.namespace.holders).toMatchObject([
      { kind: 'mount', path: '/mnt/x', mountNamespace: { type: 'mnt', inum: mnt } },
    ])
    expect(document.mountNamespaces).toMatchObject([
      { namespace: { inum: mnt }, leader: { pid }, heldBy: expect.stringContaining('1 process') },
    ])
    expect(document.release).toEqual([
      `nsx enter ${pid} --mount -- umount /mnt/x, or end all of mnt:[${mnt}]: nsx why mnt:[${mnt}]`,
    ])
  })

  test('of a tun device that has no interface', async () => {
    const pid = await startPython(TUN)
    const inum = Number(statSync(`/proc/${pid}/fd/9`).ino)
    const document = await whyOf(`net:[${inum}]`)
    expect(document.namespace.holders.map(brief)).toContainEqual({ kind: 'device', pid, fd: 8 })
  })

  test('of a user namespace that only its child keeps, and what keeps that', async () => {
    const held = await holdAs(UID, 'ancestor')
    const { verdict, namespace, dependents } = await whyOf(`user:[${held.inum}]`)
    expect(verdict.code).toBe('only-children')
    expect(namespace.members).toEqual([])
    expect(dependents).toMatchObject([
      {
        ...{ relation: 'child', of: { inum: held.inum }, namespace: { inum: held.inner } },
        ...{ leader: { pid: held.pid }, heldBy: expect.stringMatching(/^1\+? process/) },
      },
    ])
  })

  test.each(['uts', 'net'] as const)('of a user namespace that owns a %s one', async (type) => {
    const held = await hold('owner', type)
    const { verdict, namespace, dependents } = await whyOf(`user:[${held.inum}]`)
    expect({ code: verdict.code, members: namespace.members }).toEqual({
      ...{ code: 'only-owned', members: [] },
    })
    expect(dependents).toMatchObject([
      { relation: 'owned', namespace: { type, inum: held.owned }, leader: { pid: held.pid } },
    ])
  })
})

describe.runIf(able)('why', () => {
  test('of the own namespaces is that the kernel keeps them', async () => {
    for (const type of NS_TYPE_NAMES) {
      const { verdict, namespace, release } = await whyOf('self', ['--type', type])
      expect(namespace.inum).toBe(inumOf('self', type))
      if (namespace.inum < 4026531840)
        expect({ code: verdict.code, release }).toEqual({ code: 'initial', release: [] })
    }
  })

  test('tells what would stay without the processes', async () => {
    const { pid } = await unshared('-n', ...AS_USER)
    const inum = inumOf(pid, 'net')
    const holder = await startPython(
      `os.dup2(os.open(sys.argv[1], os.O_RDONLY), 30)`,
      `/proc/${pid}/ns/net`,
    )
    const { verdict, namespace } = await whyOf(pid, ['-t', 'net'])
    expect(namespace.inum).toBe(inum)
    expect(verdict.code).toBe('several')
    const fds = namespace.holders.map(brief)
    expect(fds).toContainEqual({ kind: 'descriptor', pid: holder, fd: 30 })
    expect(fds.every((each) => each.pid === holder)).toBe(true)
    expect(verdict.text).toMatch(
      /^alive because 1 process is in it: cat \(\d+\), and it would stay/,
    )
  })

  test('counts a descriptor of a member as going with it', async () => {
    const { pid } = await unshared('-u', 'setsid')
    await startPython(
      'enter(sys.argv[1]); os.dup2(os.open(sys.argv[1], os.O_RDONLY), 30)',
      `/proc/${pid}/ns/uts`,
    )
    const inum = inumOf(pid, 'uts')
    const { verdict, namespace } = await whyOf(`uts:[${inum}]`)
    expect(namespace.members.map((member) => member.pid).sort()).toEqual(
      membersOf('uts', inum).sort(),
    )
    expect(namespace.holders.length).toBeGreaterThan(0)
    expect(verdict.code).toBe('members')
  })

  test.runIf(requireCommand('ip'))(
    'of a name of iproute2 says how it goes, which is so',
    async () => {
      const name = `nsxwhy${process.pid}`
      await command('ip', ['netns', 'add', name])
      onTestFinished(
        async () => void (await command('ip', ['netns', 'delete', name]).catch(() => '')),
      )
      const { verdict, namespace, release } = await whyOf(`netns:${name}`)
      expect(verdict.code).toBe('only-mount')
      expect(verdict.text).toBe(`kept alive only by the bind mount /run/netns/${name}`)
      const [first = ''] = (release[0] ?? '').split(', or ')
      expect(first).toBe(`ip netns delete ${name}`)
      await command('ip', first.split(' ').slice(1))
      expect(await failure(['why', `net:[${namespace.inum}]`])).toMatchObject({
        ...{ code: 'no-such-namespace', exitCode: 3 },
      })
    },
  )

  test('of one that is in flight alone says that nobody can be seen, and guesses nothing', async () => {
    const pid = await startPython(IN_FLIGHT)
    const inum = Number(commOf(pid))
    expect(membersOf('mnt', inum)).toEqual([])
    const document = await whyOf(`mnt:[${inum}]`)
    expect(document.namespace).toMatchObject({ members: [], holders: [] })
    expect(document.verdict).toMatchObject({ code: 'none-visible', certain: false })
    expect(document.verdict.text).toMatch(
      /^no visible holder; .*a descriptor in flight or the kernel itself$/,
    )
    expect(document.release).toEqual([])
  })

  test('is not certain for an ordinary user, who sees fewer holders', async () => {
    const held = await holdAs(UID, 'descriptor', 'uts')
    const hidden = await holdAs(0, 'process', 'uts')
    const own = await whyOf(`uts:[${held.inum}]`, [], { uid: UID })
    expect(own.namespace.holders.map(brief)).toEqual([
      { kind: 'descriptor', pid: held.pid, fd: held.fd },
    ])
    expect(own.verdict).toMatchObject({ code: 'only-descriptor', certain: false })
    expect(await runNsx(['why', `uts:[${hidden.inum}]`], { uid: UID })).toMatchObject({ code: 3 })
  })
})

describe.runIf(able)('a mistake', () => {
  test.each([
    [['why'], 2, /NS/],
    [['why', '1'], 2, /which is meant.*nsx why 1 -t net/s],
    [['why', 'self', '-t', 'foo'], 2, /unknown namespace type 'foo'/],
    [
      ['why', 'net:[4026531833]', '-t', 'mnt'],
      2,
      /net:\[4026531833\] is a namespace of type net, not mnt/,
    ],
    [['why', '4026531833', '-t', 'mnt'], 2, /of type net, not mnt/],
    [['why', 'net:[4026531838]'], 3, /4026531838 is uts/],
    [['why', 'uts:[4294967295]'], 3, /there is no namespace uts:\[4294967295\]/],
    [['why', 'id:99999999999999'], 3, /there is no namespace id:99999999999999/],
    [['why', '/etc/passwd'], 3, /\/etc\/passwd does not lead to a namespace/],
    [['why', '/no/such/file'], 3, /\/no\/such\/file/],
    [['why', 'netns:no-such-name'], 3, /no-such-name/],
    [['why', 'nosuchcontainer', '-t', 'net'], 3, /nosuchcontainer/],
    [['why', '4194304', '-t', 'net'], 3, /4194304/],
    [['why', 'self', '-t', 'net', 'more'], 2, /more/],
    [['why', ''], 2, /./],
    [['why', 'net:x'], 2, /./],
    [['why', 'self', '--typ', 'net'], 2, /--type/],
    [['why', 'self', '-t', 'net', '--procfs', '/etc'], 3, /\/etc is not a procfs/],
    [['why', 'self', '-t', 'net,mnt'], 2, /net,mnt/],
    [['why', 'self', '-t', ''], 2, /./],
  ] as const)('%j is one clear line', async (args, code, message) => {
    const result = await runNsx(args)
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' })
    expect(result.stderr).toMatch(message)
    expect(result.stderr.trim().split('\n').length).toBeLessThanOrEqual(2)
    expect(result.stderr).not.toMatch(/\bat .*\.ts:|node:internal/)
  })
})

describe.runIf(able && ['dockerd', 'docker'].every(requireCommand))(
  'of a container of docker',
  () => {
    test('why names the container, and what dockerd keeps of it', async () => {
      await withDocker(async ({ run }) => {
        const { pid } = await run('nsx-why')
        const { verdict, namespace } = await whyOf('docker:nsx-why', ['-t', 'net'])
        expect(namespace.inum).toBe(inumOf(pid, 'net'))
        expect(namespace.members.map((member) => [member.pid, member.container?.label])).toEqual([
          [pid, 'docker:nsx-why'],
        ])
        const mounts = namespace.holders.filter(({ kind }) => kind === 'mount')
        expect(mounts.length > 0).toBe(verdict.code === 'several')
        const ipc = await whyOf(pid, ['-t', 'ipc'])
        expect(ipc.verdict).toMatchObject({
          code: 'members',
          text: expect.stringContaining('docker:nsx-why'),
        })
      })
    }, 120_000)
  },
)

describe.runIf(able && ['podman', 'runc'].every(requireCommand))('of a container of podman', () => {
  test('why names the container, also one of an ordinary user', async () => {
    for (const rootless of [undefined, UID]) {
      await withPodman(rootless === undefined ? {} : { rootless }, async ({ run }) => {
        const { pid } = await run('nsx-why')
        for (const type of ['uts', 'mnt', 'pid'] as const) {
          const { verdict, namespace } = await whyOf(pid, ['-t', type])
          expect(namespace.inum).toBe(inumOf(pid, type))
          expect(namespace.members.map((member) => member.pid)).toEqual(
            membersOf(type, namespace.inum),
          )
          expect(namespace.container?.label).toBe('podman:nsx-why')
          expect(verdict.code).toBe('members')
        }
      })
    }
  }, 180_000)
})

/** The thread of a process that is in a namespace of its own. */
function strayOf(pid: number, type: string): { tid: number; inum: number } {
  const threads = readdirSync(`/proc/${pid}/task`).map(Number)
  const tid = threads.find((thread) => thread !== pid) as number
  const inum = inumOf(tid, type)
  expect(inum).not.toBe(inumOf(pid, type))
  return { tid, inum }
}

/** A network namespace without a process, whose only mount is in a mount namespace that is not ours. */
const MOUNTED_ELSEWHERE = `
NEWNS, NEWNET, REC, PRIVATE, BIND = 0x20000, 0x40000000, 0x4000, 0x40000, 0x1000
call('unshare', NEWNS)
call('mount', b'none', b'/', None, REC | PRIVATE, None)
call('mount', b'none', b'/mnt', b'tmpfs', 0, None)
open('/mnt/x', 'w').close()
if os.fork() == 0:
    call('unshare', NEWNET)
    call('mount', b'/proc/self/ns/net', b'/mnt/x', None, BIND, None)
    os._exit(0)
if os.wait()[1] != 0: raise OSError('it was not mounted')
`

/** Descriptor 8 is a tun device that was opened in another network namespace, 9 that namespace. */
const TUN = `
home = os.open('/proc/self/ns/net', os.O_RDONLY)
call('unshare', 0x40000000)
os.dup2(os.open('/dev/net/tun', os.O_RDWR), 8)
os.dup2(os.open('/proc/self/ns/net', os.O_RDONLY), 9)
call('setns', home, 0)
`
