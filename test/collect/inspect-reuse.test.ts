import { describe, expect, it } from 'vitest'
import { findNamespace } from '../../src/collect/places.ts'
import { NsxError } from '../../src/errors.ts'
import type { Description, NsHandle } from '../../src/host/port.ts'
import { diffDocument } from '../../src/render/diff-document.ts'
import { namespaceDocument, showDocument } from '../../src/render/show-document.ts'
import { type FixtureHost, fixtureHost } from '../support/fixture-host.ts'
import { errnoNumber, FixtureProcfs, systemError } from '../support/fixture-procfs.ts'
import { diffOf, namespaceOf, showOf } from '../support/inspect.ts'
import { faultsOf } from '../support/schemas.ts'

const MACHINE = 'two-containers'
const PID = 1101

/** What comes after the process under its pid: nothing, or another one, each of whose traits tells it. */
type Successor = 'nobody' | 'another'

const OTHER = {
  stat: `${PID} (OTHER) S 1 1 1 0 -1 4194304 ${'0 '.repeat(8)}20 0 1 0 424242 ${'0 '.repeat(30)}\n`,
  status:
    `Name:\tOTHER\nUmask:\t0022\nTgid:\t${PID}\nPid:\t${PID}\nPPid:\t1\n` +
    'Uid:\t424242\t424242\t424242\t424242\nGid:\t424242\t424242\t424242\t424242\n' +
    `Groups:\t424242 \nNSpid:\t${PID}\nThreads:\t1\n`,
  cmdline: 'OTHER\0',
  cgroup: '0::/OTHER\n',
  mountinfo: '9 1 9:9 / / rw - OTHER OTHER rw\n',
}
const TRACES = /OTHER|424242|4026532999/

/** A process of which the pid is given away at the nth reading of it. */
class Given extends FixtureProcfs {
  readings = 0
  private readonly at: number
  private readonly successor: Successor

  constructor(at: number, successor: Successor) {
    super(MACHINE)
    this.at = at
    this.successor = successor
  }

  private after(relative: string, call: string): string | null {
    const [, file] = new RegExp(`^${PID}/(.*)$`).exec(relative) ?? []
    if (file === undefined) return null
    if (this.readings++ < this.at) return null
    if (this.successor === 'nobody') throw systemError('ESRCH', call, relative)
    return file
  }

  override bytes(relative: string): Buffer {
    const file = this.after(relative, 'open')
    if (file === null) return super.bytes(relative)
    const text = OTHER[file as keyof typeof OTHER]
    if (text === undefined) throw systemError('EACCES', 'open', relative)
    return Buffer.from(text)
  }

  override head(relative: string, size: number): Buffer {
    return this.bytes(relative).subarray(0, size)
  }

  override link(relative: string): string {
    const file = this.after(relative, 'readlink')
    if (file === null) return super.link(relative)
    return `${file.replace(/^ns\//, '').replace('_for_children', '')}:[4026532999]`
  }
}

function givenHost(at: number, successor: Successor): { host: FixtureHost; procfs: Given } {
  const procfs = new Given(at, successor)
  const host = fixtureHost(MACHINE, { procfs })
  return { procfs, host: { ...host, describe: knownOnly(host) } }
}

/** Of the namespaces of the successor nsfs tells nothing. */
function knownOnly({ describe }: FixtureHost): FixtureHost['describe'] {
  return (requests, options) => {
    const isKnown = ({ inum }: NsHandle) => inum !== null && inum !== 4026532999
    const known = requests.filter(isKnown)
    const told = describe?.(known, options) as Description
    const at = requests.map((request) => known.indexOf(request))
    return {
      inums: Uint32Array.from(at, (i) => told.inums[i] ?? 0),
      errnos: Uint8Array.from(at, (i) => told.errnos[i] ?? errnoNumber('ESTALE')),
      facts: told.facts,
    }
  }
}

const LOOKS = {
  show: async (host: FixtureHost) => {
    const { inspection, view } = await showOf(host, PID)
    return showDocument(inspection, view)
  },
  'show-sharer': async (host: FixtureHost) => {
    const { inspection, view } = await showOf(host, 1100)
    return showDocument(inspection, view)
  },
  namespace: async (host: FixtureHost) => {
    const { inspection, view } = await namespaceOf(host, 'uts:[4026532302]')
    return namespaceDocument(inspection, view)
  },
  diff: async (host: FixtureHost) => {
    const { inspection, view } = await diffOf(host, [PID, 1300])
    return diffDocument(inspection, view)
  },
} as const

type What = keyof typeof LOOKS

async function readingsOf(what: What): Promise<number> {
  const { host, procfs } = givenHost(Number.POSITIVE_INFINITY, 'nobody')
  await LOOKS[what](host)
  return procfs.readings
}

describe.each(Object.keys(LOOKS) as What[])('%s', (what) => {
  it.each<Successor>(['nobody', 'another'])(
    'never tells of one process what is of another: the pid goes to %s',
    async (successor) => {
      const readings = await readingsOf(what)
      expect(readings).toBeGreaterThan(10)
      const complaints: string[] = []
      for (let at = 0; at < readings; at++) {
        const { host } = givenHost(at, successor)
        try {
          const document = await LOOKS[what](host)
          const trace = TRACES.exec(JSON.stringify(document))
          if (trace) complaints.push(`${at}: tells ${trace[0]}`)
          complaints.push(
            ...faultsOf(what.replace('-sharer', ''), document).map((f) => `${at}: ${f}`),
          )
        } catch (error) {
          if (!(error instanceof NsxError)) throw error
          const { code } = error.details
          if (code !== 'no-such-process') complaints.push(`${at}: ${error.message}`)
        }
      }
      expect(complaints).toEqual([])
    },
  )

  it('is an error where the task was another one before', async () => {
    if (what !== 'show' && what !== 'diff') return
    const { host } = givenHost(0, 'another')
    await expect(LOOKS[what](host)).rejects.toThrow(
      expect.objectContaining({
        message: `process ${PID} has ended while it was looked at`,
        details: expect.objectContaining({ code: 'no-such-process', exitCode: 3 }),
      }),
    )
  })
})

describe('a namespace that was named by a file', () => {
  const inum = 4026532305
  const find = (id: string | null) => {
    const facts = { inum, id, type: 'net' as const, owner: 4026531837, parent: null }
    const host = fixtureHost(MACHINE)
    const named = { inum, id, type: 'net' as const, text: '/run/netns/x' }
    const file = { path: '/run/netns/x', facts: { ...facts, ownerUid: null, nsid: null } }
    const request = { contents: [], uid: 0, now: new Date(0), needs: [] }
    return findNamespace(host, { ...named, file }, request)
  }

  it('is that of its inode, where there are no ids', () => {
    expect(find(null).namespace.members).toEqual([1100, 1101, 1300])
  })

  it('is not another one to which its inode was given', () => {
    const { namespace, snapshot, place } = find('99999')
    expect(namespace).toMatchObject({ id: '99999', members: [], leader: null })
    expect(namespace.unknown).toContain('leader')
    expect(snapshot.namespaces.filter((ns) => ns.inum === inum)).toEqual([namespace])
    expect(place.handle).toEqual({ kind: 'path', path: '/run/netns/x', inum: null })
  })
})
