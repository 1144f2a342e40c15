import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AS_USER, UID } from './support/foreign.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { type Folder, makeFolder } from './support/rootfs.ts'
import { OTHER_PROC, type Seen, seenWith, seenWithNsx, withoutPid } from './support/seen.ts'
import { endUnshared, type Unshared, unshared } from './support/unshared.ts'

const able = requireRoot() && ['unshare', 'nsenter', 'setpriv'].every(requireCommand)

interface Targets {
  readonly whole: Unshared
  readonly user: Unshared
  /** Of another user, whose groups it has kept. */
  readonly foreign: Unshared
  /** In a chroot, and in a directory of its own. */
  readonly rooted: Unshared
  /** Made by an ordinary user. */
  readonly rootless: Unshared
  /** The same, with only one of its ids mapped. */
  readonly numbered: Unshared
}

let targets: Targets
let folder: Folder

const IN_BOTH_PROCS = `mount --rbind /proc ${OTHER_PROC} && mount -t proc proc /proc && exec "$@"`
const SEVEN = [
  ...['-m', '-u', '-i', '-n', '-p', '-C', '-T', '-f'],
  ...['sh', '-c', IN_BOTH_PROCS, 'sh'],
]
const IN_CHROOT = ['sh', '-c', 'mount --rbind / "$0" && exec chroot "$0" sh -c "cd /usr; exec $1"']

beforeAll(async () => {
  if (!able) return
  folder = makeFolder('chroot')
  const rootless = [...AS_USER, 'unshare', '-U']
  targets = {
    whole: await unshared(...SEVEN),
    user: await unshared('-U', '-r', ...SEVEN),
    foreign: await unshared(...SEVEN, ...AS_USER.slice(0, -1), '--groups=7,8'),
    rooted: await unshared('-m', ...IN_CHROOT, folder.path),
    rootless: await unshared(...rootless, '-r', ...SEVEN),
    numbered: await unshared(...rootless, '-c', '-n', '-u'),
  }
})

afterAll(async () => {
  await endUnshared()
  folder?.remove()
})

/** The same words for both: nsx has --target, too. */
const TABLE: readonly (readonly [of: keyof Targets, flags: string])[] = [
  ...['-n', '-u', '-i', '-m', '-C', '-T', '-m -p', '-m -p -F'].map(
    (flags) => ['whole', flags] as const,
  ),
  ['whole', '--mount --uts --ipc --net --pid --cgroup --time'],
  ['whole', '-n -S 1234 -G 2345'],
  ['whole', '-n -S 1234'],
  ['whole', '-n -G 2345'],
  ['whole', '-m -r'],
  ['whole', '-m -r -w'],
  ['whole', '-n -w/usr'],
  ['whole', '-n -r/ -w/usr/lib'],
  ['whole', '-m -W /usr/share'],
  ['whole', '-a'],
  ['foreign', '-a'],
  ['rooted', '-m'],
  ['rooted', '-m -r -w'],
  ['rooted', '-u -m -r -W /usr/lib'],
  ...['-U', '-U -n', '-a', '-U -S 0 -G 0', '-U -m -p -F', '-n', '-m -r -w'].map(
    (flags) => ['user', flags] as const,
  ),
  ['user', '-U --preserve-credentials'],
  ['user', '-a --preserve-credentials'],
  ['rootless', '-U'],
  ['rootless', '-a'],
  ['rootless', '-n'],
  ['rootless', '-U -n -u --preserve-credentials'],
]

const USERS_TABLE: readonly (readonly [of: keyof Targets, flags: string])[] = [
  ['rootless', '-a'],
  ['rootless', '-U'],
  ['rootless', '-U -n -m -W /usr'],
  ['rootless', '-U -m -r -w'],
  ['rootless', '-U -i --preserve-credentials'],
  ['numbered', '-U -n --preserve-credentials'],
  ['numbered', `-U -n -S ${UID} -G ${UID}`],
]

/**
 * By nsx, and by nsenter as whom it can: it does not start as an ordinary user where setgroups(2) is denied,
 * unless credentials are left alone.
 */
async function both(of: keyof Targets, flags: string, uid?: number): Promise<[Seen, Seen]> {
  const words = ['-t', String(targets[of].pid), ...flags.split(' ')]
  const options = uid === undefined ? {} : { uid }
  const isKept = flags.includes('--preserve-credentials')
  return [
    withoutPid(await seenWithNsx(['enter', ...words], options)),
    withoutPid(await seenWith(['nsenter', ...words], isKept ? options : {})),
  ]
}

describe.runIf(able && requireAddon())('enter with the flags of nsenter', () => {
  test.each(TABLE)('root, in %s, with %s: the command sees the same', async (of, flags) => {
    const [ours, theirs] = await both(of, flags)
    expect(ours).toEqual(theirs)
    expect(ours).toHaveProperty(['ns.net'], expect.stringMatching(/^net:/))
  })

  test.each(USERS_TABLE)('an ordinary user, in %s, with %s: the same', async (of, flags) => {
    const [ours, theirs] = await both(of, flags, UID)
    expect(ours).toEqual(theirs)
    expect(ours['ns.user']).not.toBe((await seenWith(['env']))['ns.user'])
  })

  test('nothing but a target: all namespaces that differ, as with -a', async () => {
    const all = await seenWith(['nsenter', '-t', String(targets.rootless.pid), '-a'])
    const seen = await seenWithNsx(['enter', String(targets.rootless.pid)])
    expect(withoutPid(seen)).toEqual(withoutPid(all))
  })

  test('letters of namespaces may stand together, none being the value of another', async () => {
    const [apart, together] = ['-m -u -i -n -C -T', '-muinCT'].map((flags) => flags.split(' '))
    const target = ['-t', String(targets.whole.pid)]
    const theirs = await seenWith(['nsenter', ...target, ...(apart ?? [])])
    const seen = await seenWithNsx(['enter', ...target, ...(together ?? [])])
    expect(withoutPid(seen)).toEqual(withoutPid(theirs))
  })

  test('-r leads to the root, not to a directory that is out of its reach', async () => {
    const words = ['-t', String(targets.rooted.pid), '-m', '-r']
    const theirs = await seenWith(['nsenter', ...words])
    const seen = await seenWithNsx(['enter', ...words])
    expect(withoutPid(seen)).toEqual({ ...withoutPid(theirs), cwd: '/' })
  })

  test('--setuid and --setgid follow take those of the target, and its groups', async () => {
    const words = ['-n', '--setuid', 'follow', '--setgid', 'follow']
    const seen = await seenWithNsx(['enter', String(targets.foreign.pid), ...words])
    const four = (id: number) => Array.from({ length: 4 }, () => id).join(' ')
    expect(seen).toMatchObject({ 'Uid:': four(UID), 'Gid:': four(UID), 'Groups:': '7 8' })
  })

  test('follow numbers the ids of the target as its user namespace does', async () => {
    const words = ['-U', '--setuid', 'follow', '--setgid', 'follow']
    const seen = await seenWithNsx(['enter', String(targets.numbered.pid), ...words])
    expect(seen['Uid:']).toMatch(new RegExp(`^${UID} `))
  })

  test('--keep-caps: what an ordinary user may do there is left after the change of ids', async () => {
    const words = ['-U', '-S', String(UID), '-G', String(UID)]
    const target = ['enter', String(targets.numbered.pid)]
    const without = await seenWithNsx([...target, ...words], { uid: UID })
    const seen = await seenWithNsx([...target, ...words, '--keep-caps'], { uid: UID })
    expect(without).toMatchObject({ 'CapEff:': '0000000000000000' })
    expect(seen['CapAmb:']).toBe(seen['CapBnd:'])
    expect(seen).toMatchObject({ 'CapEff:': seen['CapBnd:'], 'CapPrm:': seen['CapBnd:'] })
  })
})
