import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { diagnose } from '../../src/query/doctor/doctor.ts'
import { doctorDocument } from '../../src/render/doctor-document.ts'
import { whyDocument } from '../../src/render/why-document.ts'
import { checkupOf, lingers, type Machine as MadeUp, place } from '../support/build-checkup.ts'
import { MADE, processOf } from '../support/build-snapshot.ts'
import { type FixtureOptions, fixtureHost } from '../support/fixture-host.ts'
import { MACHINES, type Machine } from '../support/fixture-procfs.ts'
import { doctorOf, whyOf } from '../support/why.ts'
import { plain, type Sample } from './documents.ts'

/** A namespace for each way of being held. */
const HELD: readonly (readonly [name: string, Machine, text: string, FixtureOptions?])[] = [
  ['of the boot', 'bare-host', 'net:[4026531833]'],
  ['of children to come', 'bare-host', 'time:[4026532196]'],
  ['of a service', 'bare-host', 'mnt:[4026532190]'],
  ['of two containers', 'two-containers', 'net:[4026532305]'],
  ['held by a mount', 'pinned-net', 'net:[4026532401]'],
  ['held by a descriptor', 'pinned-net', 'net:[4026532403]'],
  ['held by a socket', 'pinned-net', 'net:[4026532405]'],
  ['with another mount over it', 'pinned-net', 'net:[4026532407]'],
  ['with one below it', 'nested-user', 'user:[4026532510]'],
  ['with several below it', 'nested-user', 'user:[4026532501]'],
  ['of PIDs', 'nested-user', 'pid:[4026532503]'],
  ['of a user', 'unprivileged', 'mnt:[4026532603]'],
  ['with hostile mounts', 'hostile', 'net:[4026532721]'],
  ['with a hostile name', 'hostile', 'uts:[4026532702]'],
  ['without nsfs', 'nested-user', 'user:[4026532501]', { nsfs: false }],
]

export const WHYS: readonly Sample[] = await Promise.all(
  HELD.map(async ([name, machine, text, options]) => {
    const { inspection, view } = await whyOf(fixtureHost(machine, options), text)
    return { name, document: plain(whyDocument(inspection, view)) }
  }),
)

/** Of each finding that no machine of the fixtures has. */
const TROUBLED: MadeUp = {
  namespaces: [
    { type: 'pid', inum: MADE + 1, members: [900, 901] },
    {
      type: 'pid',
      inum: MADE + 2,
      parent: 4026531836,
      holders: [{ kind: 'forChildren', pid: 812 }],
    },
    { type: 'net', inum: MADE + 3, holders: [{ kind: 'thread', pid: 812, tid: 815 }] },
    { type: 'mnt', inum: MADE + 4, holders: [{ kind: 'mount', path: '/x' }] },
    { type: 'uts', inum: MADE + 5, holders: [{ kind: 'descriptor', pid: 812, fd: 5 }] },
    { type: 'mnt', inum: MADE + 6 },
  ],
  processes: [processOf(812, 'dockerd')],
  placed: [place(900, 1), place(901, 2, { state: 'Z', ppid: 812 }), place(812, 812)],
  lingering: [lingers(900, 'S'), lingers(901, 'Z')],
  staleNames: ['/run/netns/old'],
  mountedSince: { '/x': '2026-11-21T01:02:03.000Z' },
  startedAt: { 812: '2026-11-20T01:02:03.000Z' },
}

export const DOCTORS: readonly Sample[] = [
  ...(await Promise.all(
    MACHINES.map(async (machine) => {
      const { checkup, diagnosis } = await doctorOf(fixtureHost(machine))
      return {
        name: machine,
        document: plain(doctorDocument(checkup.population.snapshot, diagnosis)),
      }
    }),
  )),
  { name: 'much trouble', document: troubled() },
]

function troubled(): unknown {
  const checkup = checkupOf(TROUBLED)
  const diagnosis = diagnose(checkup, new Set(NS_TYPE_NAMES))
  return plain(doctorDocument(checkup.population.snapshot, diagnosis))
}
