import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UID } from './support/foreign.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import {
  LOOK_COMMAND,
  parseSeen,
  publicNsxCommand,
  runTool,
  type Seen,
  seenWithNsx,
  withoutNumbers,
} from './support/seen.ts'
import { type Granted, grantSubids } from './support/subids.ts'

const able = requireRoot() && ['unshare', 'setpriv', 'newuidmap', 'newgidmap'].every(requireCommand)

let granted: Granted

beforeAll(() => {
  if (able) granted = grantSubids(['100000:65536', '300000:10'])
})

afterAll(() => granted?.remove())

const PATH = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }

async function seenAsUser(words: readonly string[]): Promise<Seen> {
  const command = [...words, '--', ...LOOK_COMMAND]
  const [first = '', ...rest] = [...granted.via, ...command]
  const { stdout, stderr, code } = await runTool([first, ...rest], { env: PATH })
  if (code !== 0) throw new Error(`it ended with ${code}: ${stderr.trim()}`)
  return withoutNumbers(parseSeen(stdout))
}

/** With the forms that unshare 2.38 has, too. */
const RANGES: readonly string[] = [
  '--map-auto',
  '--map-users=100000,0,1000 --map-groups=100000,0,1000',
  '-r --map-users=100000,1,5000 --map-groups=100000,1,5000',
  '--map-user=1000 --map-group=1000 --map-users=100000,0,5000 --map-groups=100000,0,5000',
  '-r --map-users=100000,1,10',
  '-r --map-users=100000,1,10 --map-groups=100000,1,10 -p -f --mount-proc -S 7 -G 8 --no-init',
  '--map-auto -m -n',
]

interface Mapped {
  readonly flags: string
  readonly uids: string
  readonly gids?: string
}

/** Later forms, as unshare 2.41 takes them; there the range of --map-auto gives up no id for the single one. */
const LATER: readonly Mapped[] = [
  {
    flags: '-r --map-auto',
    uids: `0 ${UID} 1;1 100000 65536;`,
    gids: `0 ${UID} 1;1 100000 65536;`,
  },
  {
    flags: '--map-auto --map-user=5 --map-group=70000',
    uids: `0 100000 5;5 ${UID} 1;6 100005 65531;`,
    gids: `0 100000 65536;70000 ${UID} 1;`,
  },
  { flags: '--map-users=0:100000:9', uids: '0 100000 9;' },
  { flags: '--map-users=0:100000:9 --map-users=20:100020:5', uids: '0 100000 9;20 100020 5;' },
  { flags: '--map-users=auto', uids: '0 100000 65536;' },
  { flags: '--map-users=auto --map-groups=auto', uids: '0 100000 65536;', gids: '0 100000 65536;' },
  {
    flags: '--map-subids',
    uids: '100000 100000 65536;300000 300000 10;',
    gids: '100000 100000 65536;300000 300000 10;',
  },
  {
    flags: '-r --map-users=subids',
    uids: `0 ${UID} 1;100000 100000 65536;300000 300000 10;`,
    gids: `0 ${UID} 1;`,
  },
]

/** As root without a line in /etc/subuid, which unshare cannot. */
const BY_ROOT: readonly Mapped[] = [
  { flags: '--map-users=0:100000:9', uids: '0 100000 9;' },
  {
    flags: '--map-users=100000,0,9 --map-groups=200000,0,9',
    uids: '0 100000 9;',
    gids: '0 200000 9;',
  },
  { flags: '--map-users=all --map-groups=all', uids: '0 0 4294967295;', gids: '0 0 4294967295;' },
  { flags: '-r --map-users=1:100000:9', uids: '0 0 1;1 100000 9;', gids: '0 0 1;' },
  { flags: '--map-user=4 --map-users=0:100000:9', uids: '4 0 1;0 100000 4;5 100004 4;' },
]

describe.runIf(able && requireAddon())('run maps ranges of ids', () => {
  test.each(RANGES)('an ordinary user, with %s: as unshare does', async (flags) => {
    const words = flags.split(' ')
    const ours = await seenAsUser(publicNsxCommand('run', ...words))
    const plain = words.filter((word) => word !== '--no-init')
    const theirs = await seenAsUser(['/usr/bin/unshare', ...plain])
    // The kernel sorts no lines of a map: their order says nothing.
    expect(sortedMaps(ours)).toEqual(sortedMaps(theirs))
    expect(ours.uid_map).not.toBe('')
  })

  test.each(LATER)('an ordinary user, with $flags: $uids', async ({ flags, uids, gids = '' }) => {
    const seen = await seenAsUser(publicNsxCommand('run', ...flags.split(' ')))
    expect(sortedMaps(seen)).toMatchObject(sortedMaps({ uid_map: uids, gid_map: gids }))
  })

  test.each(BY_ROOT)('root, with $flags: $uids', async ({ flags, uids, gids = '' }) => {
    const seen = await seenWithNsx(['run', ...flags.split(' ')])
    expect(sortedMaps(seen)).toMatchObject(sortedMaps({ uid_map: uids, gid_map: gids }))
  })
})

function sortedMaps(seen: Seen): Seen {
  const sort = (map = '') =>
    map
      .split(';')
      .map((line) => line.trim())
      .sort()
      .join(';')
  return { ...seen, uid_map: sort(seen.uid_map), gid_map: sort(seen.gid_map) }
}
