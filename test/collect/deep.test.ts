import { describe, expect, it } from 'vitest'
import type { Description, Host, MountNamespaces, NsFacts } from '../../src/host/port.ts'
import type { Holder, Namespace, Snapshot } from '../../src/model/snapshot.ts'
import { type Asked, ask } from '../support/ask.ts'
import { ENGINES, type Engine, type FixtureHost, fixtureHost } from '../support/fixture-host.ts'
import { errnoNumber, MACHINES } from '../support/fixture-procfs.ts'
import { madeLines, sourceStates } from '../support/snapshot-lines.ts'

const INITIAL_NET = 4026531833
const INITIAL_USER = 4026531837

function host(engine: Engine = 'typescript', more: Partial<Host> = {}): FixtureHost {
  return { ...fixtureHost('hiding-places', { engine }), ...more } as FixtureHost
}

function deep(from: FixtureHost, asked: Asked = {}): Snapshot {
  return ask(from, { deep: true, ...asked }).snapshot
}

describe.each(ENGINES)('a deep look over the %s engine', (engine) => {
  it('finds what hides, and says by what', () => {
    const snapshot = deep(host(engine))
    expect(madeLines(snapshot)).toEqual([
      'uts:[4026532801], id 7801, no members, owner 4026531837, thread 4100',
      'uts:[4026532802], id 7802, no members, owner 4026531837, thread 4200',
      'pid:[4026532803], id 7803, no members, owner 4026531837, parent 4026531836, forChildren 4300',
      'time:[4026532804], id 7804, no members, owner 4026531837, forChildren 4100, forChildren 4400',
      'pid:[4026532805], id 7805, no members, owner 4026531837, parent 4026531836, forChildren 4500',
      'net:[4026532806], id 7806, no members, owner 4026531837, device 4600/5',
      'net:[4026532807], id 7807, members 4700, leader 4700, owner 4026531837, descriptor 4800/3',
      'mnt:[4026532808], id 7808, members 4900, leader 4900, owner 4026531837',
      'uts:[4026532809], no members, mount "/run/pin", unknown id+owner',
    ])
    // Of the headless process also those that it shares with all others.
    const shared = snapshot.namespaces.filter(({ inum }) => inum < 4026532000).flatMap(stray)
    expect(shared).toEqual(['mnt 4201', 'net 4201', 'time 4201', 'cgroup 4201', 'ipc 4201'])
    expect(sourceStates(snapshot)).toEqual({
      ...{ mountNamespaces: 'partial', netFiles: 'partial', peers: 'partial' },
      ...{ listns: 'unavailable' },
      ...{ containers: 'notAsked', contents: 'notAsked', relations: 'notAsked' },
    })
    expect(snapshot.coverage).toMatchObject({ complete: false, unidentified: { net: 1 } })
    expect(snapshot.coverage.gaps).toEqual([])
  })

  it('names the thread, the descriptor and its path', () => {
    const { namespaces } = deep(host(engine))
    const holders = (inum: number) => namespaces.find((ns) => ns.inum === inum)?.holders
    expect(holders(4026532801)).toMatchObject([{ pid: 4100, tid: 4102 }])
    expect(holders(4026532804)).toMatchObject([
      { pid: 4100, tid: 4103 },
      { pid: 4400, tid: null },
    ])
    expect(holders(4026532807)).toMatchObject([{ pid: 4800, fd: 3, path: '/proc/4700/net/dev' }])
    expect(holders(4026532809)).toMatchObject([{ path: '/run/pin', namespace: 4026532808 }])
  })

  it.each(MACHINES)('of %s takes nothing from what is told without', (name) => {
    const read = (asked: Asked) => ask(fixtureHost(name, { engine }), asked).snapshot
    const kinds: ReadonlySet<string> = new Set(['thread', 'forChildren', 'mount', 'device'])
    const told = ({ namespaces }: Snapshot) =>
      namespaces.map(({ inum, members, owner, id, holders }) => ({
        ...{ inum, members, owner, id },
        holders: holders.filter(({ kind }) => !kinds.has(kind)),
      }))
    const usual = read({})
    const inums = new Set(usual.namespaces.map(({ inum }) => inum))
    const { namespaces, ...rest } = read({ deep: true })
    const known = namespaces.filter(({ inum }) => inums.has(inum))
    const same = ({ namespace }: Holder) => namespace === null || inums.has(namespace)
    const shared = known.map((ns) => ({ ...ns, holders: ns.holders.filter(same) }))
    expect(told({ ...rest, namespaces: shared })).toEqual(told(usual))
  })
})

function stray({ type, holders }: Namespace): string[] {
  return holders.flatMap(({ kind, tid }) => (kind === 'thread' ? [`${type} ${tid}`] : []))
}

describe('every reference is told once', () => {
  it.each(MACHINES)('in %s', (machine) => {
    for (const { holders } of deep({ ...fixtureHost(machine) }).namespaces) {
      const relatives = holders.filter(({ kind }) => kind === 'child' || kind === 'owned')
      const told = relatives.map(({ kind, namespace }) => `${kind} ${namespace}`)
      expect(new Set(told).size).toBe(told.length)
    }
  })
})

describe('of one type, a deep look', () => {
  it.each(['uts', 'pid', 'time', 'net', 'mnt'] as const)('finds the same: %s', (type) => {
    const all = deep(host()).namespaces.filter((ns) => ns.type === type)
    const some = deep(host(), { types: [type] }).namespaces.filter((ns) => ns.type === type)
    expect(some.map(({ inum }) => inum)).toEqual(all.map(({ inum }) => inum))
  })

  it('of a task asks all the same', () => {
    const { namespaces } = deep(host(), { task: 4700 })
    expect(namespaces.find(({ inum }) => inum === 4026532807)?.holders).toHaveLength(1)
  })
})

describe('the mount namespaces that the kernel names', () => {
  const HIDDEN = 4026532850
  const facts = (inum: number, type: NsFacts['type'], id = '9000'): NsFacts => ({
    ...{ inum, type, id, owner: INITIAL_USER, parent: null, ownerUid: null, nsid: null },
  })
  const walk = (more: Partial<MountNamespaces> = {}): MountNamespaces => ({
    inums: Uint32Array.of(4026531832, 4026532808, HIDDEN),
    mounts: [{ inum: HIDDEN, bytes: statmountOf('uts:[4026532851]', '/pin') }],
    facts: [facts(HIDDEN, 'mnt'), facts(4026532851, 'uts', '9001')],
    ...more,
  })
  const find = ({ namespaces }: Snapshot, inum: number) => namespaces.find((ns) => ns.inum === inum)

  it('are all there, with what is mounted in them', () => {
    const snapshot = deep(host('typescript', { mountNamespaces: () => walk() }))
    expect(find(snapshot, HIDDEN)).toMatchObject({
      id: '9000',
      members: [],
      holders: [],
      unknown: [],
    })
    expect(find(snapshot, 4026532851)).toMatchObject({
      ...{ id: '9001', owner: INITIAL_USER },
      holders: [{ kind: 'mount', path: '/pin', namespace: HIDDEN }],
    })
    expect(sourceStates(snapshot).mountNamespaces).toBeUndefined()
    // Of those that it names mounts are not read otherwise.
    expect(find(snapshot, 4026532809)).toBeUndefined()
  })

  it.each([
    ['have ended since', []],
    ['are others by now', [facts(HIDDEN, 'mnt', '9999')]],
  ])('are not there where they %s', (_, again) => {
    let asked = 0
    const mountNamespaces = () => walk(asked++ === 0 ? { mounts: [] } : { facts: again })
    expect(find(deep(host('typescript', { mountNamespaces })), HIDDEN)).toBeUndefined()
    expect(asked).toBe(2)
  })

  it('have a mount without a path where none leads to it', () => {
    const mounts = [{ inum: HIDDEN, bytes: statmountOf('uts:[4026532851]', null) }]
    const snapshot = deep(host('typescript', { mountNamespaces: () => walk({ mounts }) }))
    expect(find(snapshot, 4026532851)?.holders).toMatchObject([{ kind: 'mount', path: null }])
  })

  it('leave a gap where their mounts could not be read', () => {
    const mounts = [{ inum: HIDDEN, bytes: 'EPERM' }]
    const { coverage } = deep(host('typescript', { mountNamespaces: () => walk({ mounts }) }))
    expect(coverage.gaps).toContainEqual({
      source: 'mountNamespaces',
      errno: 'EPERM',
      count: 1,
      pids: [],
    })
  })

  it('are not all that there are where it may not be asked', () => {
    for (const errno of ['EPERM', 'ENOTTY']) {
      const snapshot = deep(host('typescript', { mountNamespaces: () => errno }))
      expect(sourceStates(snapshot).mountNamespaces).toBe('partial')
      expect(find(snapshot, 4026532809)?.atLeast).toContain('mount')
    }
    expect(() => deep(host('typescript', { mountNamespaces: () => 'EMFILE' }))).toThrow(/EMFILE/)
  })

  it('get the members that came after the scan', () => {
    let scans = 0
    const plain = fixtureHost('hiding-places')
    const late = {
      ...plain,
      mountNamespaces: () => walk({ mounts: [] }),
      scanProcesses(request: Parameters<Host['scanProcesses']>[0]) {
        const scan = plain.scanProcesses(request)
        const row = request.pids.indexOf(4700)
        const column = request.types.indexOf('mnt')
        if (request.pids.length > 1 && row >= 0 && column >= 0 && scans++ > 0) {
          scan.inums[row * request.types.length + column] = HIDDEN
        }
        return scan
      },
    }
    expect(find(deep(late), HIDDEN)?.members).toEqual([4700])
  })
})

/** One `struct statmount` of a namespace file. */
function statmountOf(root: string, mountPoint: string | null): Uint8Array {
  const texts = Buffer.from(`\0nsfs\0${root}\0${mountPoint ?? ''}\0`)
  const fixed = Buffer.alloc(512)
  fixed.writeUInt32LE(fixed.length + texts.length, 0)
  fixed.writeBigUInt64LE(mountPoint === null ? 0x2bn : 0x3bn, 8)
  fixed.writeUInt32LE(1, 36)
  fixed.writeUInt32LE(6, 104)
  fixed.writeUInt32LE(6 + root.length + 1, 108)
  return Buffer.concat([fixed, texts])
}

describe('what the kernel lists', () => {
  const facts: NsFacts = {
    ...{ inum: 4026532860, type: 'ipc', id: '9100', owner: INITIAL_USER, parent: null },
    ...{ ownerUid: null, nsid: null },
  }
  const listed = (more: Partial<Description> = {}): Description => ({
    inums: Uint32Array.of(4026532801, 4026532860, 0),
    errnos: Uint8Array.of(0, 0, errnoNumber('ESTALE')),
    facts: [facts],
    ...more,
  })

  it('is found without any holder', () => {
    const snapshot = deep(host('typescript', { listNamespaces: () => listed() }))
    const found = snapshot.namespaces.find(({ inum }) => inum === 4026532860)
    expect(found).toMatchObject({ type: 'ipc', id: '9100', members: [], holders: [], unknown: [] })
    expect(sourceStates(snapshot).listns).toBeUndefined()
    const owner = snapshot.namespaces.find(({ inum }) => inum === INITIAL_USER)
    expect(owner?.holders.filter(({ namespace }) => namespace === 4026532860)).toHaveLength(1)
  })

  it('of other types is not told', () => {
    const from = host('typescript', { listNamespaces: () => listed() })
    expect(deep(from, { types: ['uts'] }).namespaces.some(({ type }) => type === 'ipc')).toBe(false)
  })

  it('leaves a gap where it could not be opened', () => {
    const errnos = Uint8Array.of(0, 0, errnoNumber('EPERM'))
    const { coverage } = deep(host('typescript', { listNamespaces: () => listed({ errnos }) }))
    expect(coverage.gaps).toContainEqual({ source: 'listns', errno: 'EPERM', count: 1, pids: [] })
  })

  it.each(['ENOSYS', 'EPERM'])('is unavailable with %s', (errno) => {
    const snapshot = deep(host('typescript', { listNamespaces: () => errno }))
    expect(sourceStates(snapshot).listns).toBe('unavailable')
    expect(snapshot.coverage.gaps.some(({ source }) => source === 'listns')).toBe(
      errno !== 'ENOSYS',
    )
  })
})

describe('the other ends of interfaces', () => {
  it('are in no namespace out of sight where their number is of none alive', () => {
    const plain = fixtureHost('hiding-places')
    const inside: Host['inside'] = (handle, questions) => {
      const [question] = questions
      const one = question?.ask === 'netlink' && question.request.length > 20
      return one ? ['ENOENT'] : (plain.inside?.(handle, questions) ?? [])
    }
    const { coverage } = deep({ ...plain, inside } as FixtureHost)
    expect(coverage.sources.find(({ name }) => name === 'peers')?.state).toBe('read')
  })

  it('cannot be asked for without the addon', () => {
    const snapshot = deep(host('typescript', { inside: null, peerNsids: null }))
    expect(sourceStates(snapshot).peers).toBe('unavailable')
  })

  it('leave a gap where a namespace may not be joined', () => {
    const { coverage } = deep(host('typescript', { inside: () => ['EPERM'] }))
    const [gap] = coverage.gaps.filter(({ source }) => source === 'peers')
    expect(gap).toMatchObject({ errno: 'EPERM' })
  })
})

describe('tun devices', () => {
  it('are partly read where nobody can ask them', () => {
    const snapshot = deep(host('typescript', { deviceNamespaces: null }))
    expect(sourceStates(snapshot).devices).toBe('partial')
    const net = snapshot.namespaces.find(({ inum }) => inum === INITIAL_NET)
    expect(net?.atLeast).toContain('device')
  })

  it('that refuse leave a gap, those that were closed none', () => {
    const answer =
      (errno: string): Host['deviceNamespaces'] =>
      () => ({
        inums: new Uint32Array(2),
        errnos: new Uint8Array(2).fill(errnoNumber(errno)),
        facts: [],
      })
    const gaps = (errno: string) =>
      deep(host('typescript', { deviceNamespaces: answer(errno) })).coverage.gaps
    expect(gaps('EPERM')).toEqual([{ source: 'devices', errno: 'EPERM', count: 1, pids: [4600] }])
    for (const errno of ['EBADF', 'ESTALE', 'ESRCH']) expect(gaps(errno)).toEqual([])
  })
})

describe('a PID namespace that no link shows yet', () => {
  it('is counted where nothing tells which one it is', () => {
    const { coverage } = deep(fixtureHost('hiding-places', { nsfs: false }))
    expect(coverage.unidentified.pid).toBe(1)
    expect(coverage.sources.find(({ name }) => name === 'forChildren')?.state).toBe('partial')
  })
})
