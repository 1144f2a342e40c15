import { limitsDocument } from '../../src/render/limits-document.ts'
import { type FixtureOptions, fixtureHost } from '../support/fixture-host.ts'
import type { Machine } from '../support/fixture-procfs.ts'
import { limitFiles, limitsOfHost } from '../support/limits.ts'
import { plain, type Sample } from './documents.ts'

const LIMITED: FixtureOptions = { files: limitFiles({ net: 2, user: 1, uts: 0, mnt: 3 }) }

/** Nothing can be told of its namespaces. */
const CLOSED: FixtureOptions = {
  faults: [
    { call: 'link', path: /^1\/ns\//, errno: 'EACCES' },
    { call: 'bytes', path: /uid_map$/, errno: 'EACCES' },
  ],
}

const SETTINGS: FixtureOptions = {
  files: {
    ...limitFiles({}),
    'sys/kernel/unprivileged_userns_clone': Buffer.from('0\n'),
    'sys/kernel/apparmor_restrict_unprivileged_userns': Buffer.from('1\n'),
  },
}

const ASKED: readonly (readonly [Machine, string | null, FixtureOptions?])[] = [
  ['bare-host', null],
  ['bare-host', null, LIMITED],
  ['bare-host', '1', CLOSED],
  ['bare-host', '777', LIMITED],
  ['two-containers', '1100', LIMITED],
  ['nested-user', null, LIMITED],
  ['nested-user', '3200', LIMITED],
  ['nested-user', '3200', SETTINGS],
  ['nested-user', '3200', { nsfs: false }],
  ['nested-user', 'user:[4026532501]', LIMITED],
  ['nested-user', 'user:[4026532501]', { nsfs: false }],
  ['pinned-net', 'net:[4026532402]', SETTINGS],
  ['unprivileged', null, SETTINGS],
  ['unprivileged', '1'],
  ['hostile', '6103', LIMITED],
]

export const LIMITS: readonly Sample[] = await Promise.all(
  ASKED.map(async ([machine, target, options], i) => {
    const { facts, view } = await limitsOfHost(fixtureHost(machine, options), target)
    return { name: `${machine}, ${target} (${i})`, document: plain(limitsDocument(facts, view)) }
  }),
)
