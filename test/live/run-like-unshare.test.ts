import { describe, expect, test } from 'vitest'
import { UID } from './support/foreign.ts'
import { commandPath, requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { type Seen, seenWith, seenWithNsx, withoutNumbers } from './support/seen.ts'

const able = requireRoot() && requireCommand('unshare')

/** As unshare(1) does it, without an init; its own forms of flags are ours, too. */
const BY_ALL: readonly string[] = [
  '-U',
  '-r',
  '-c',
  '-U --map-user=5',
  '-U --map-group=6',
  '--map-user=5 --map-group=6',
  '-r -m',
  '-r -m --propagation slave',
  '-r -m --propagation shared',
  '-r -m --propagation unchanged',
  '-r -n -u -i -C',
  '-Urpmfn --mount-proc --no-init',
  '-r -p -f -m --mount-proc --no-init',
  '-c -m -n --keep-caps',
  '-r -T',
  '-r -w /usr/lib',
  '-r -m -R /usr -w lib',
  '-r -f -u',
]

const BY_ROOT: readonly string[] = [
  ...['-m', '-u', '-i', '-n', '-C', '-T', '-p -f --no-init', '-m -u -i -n -C -T'],
  ...['slave', 'shared', 'private', 'unchanged'].map((how) => `-m --propagation ${how}`),
  '-p -f -m --mount-proc --no-init',
  '-p -f --mount-proc=/proc --no-init',
  '-n -S 1234 -G 2345',
  '-n -G 2345',
  '-n -S 1234',
  '-u -w /usr',
  '-u -R / -w /usr/lib',
  '-U --map-user=5 --setgroups deny',
]

/** Mounts of root's that spread, as those of most machines. */
const SHARING = ['--mount', '--propagation', 'shared', '--']

async function both(flags: string, options: { uid?: number } = {}): Promise<[Seen, Seen]> {
  const words = flags.split(' ')
  const via = [commandPath('unshare'), ...SHARING]
  const user = options.uid === undefined ? { via } : { ...options }
  return [
    withoutNumbers(await seenWithNsx(['run', ...words], user)),
    withoutNumbers(
      await seenWith(['unshare', ...words.filter((word) => word !== '--no-init')], user),
    ),
  ]
}

describe.runIf(able && requireAddon())('run with the flags of unshare', () => {
  test.each([...BY_ALL, ...BY_ROOT])('root, with %s: the command sees the same', async (flags) => {
    const [ours, theirs] = await both(flags)
    expect(ours).toEqual(theirs)
    if (flags.includes('--no-init')) expect(ours.pid).toBe('1')
  })

  test.each(BY_ALL)('an ordinary user, with %s: the same', async (flags) => {
    const [ours, theirs] = await both(flags, { uid: UID })
    expect(ours).toEqual(theirs)
  })

  test('--setgroups deny may be said where a map implies it, which unshare 2.38 refuses', async () => {
    const seen = await seenWithNsx(['run', '-r', '--setgroups', 'deny'], { uid: UID })
    expect(seen).toMatchObject({ setgroups: 'deny;', uid_map: `0 ${UID} 1;` })
  })

  test.each(['0', '7'])('-S %s -G need not be allowed to give up groups', async (id) => {
    const words = ['run', `--map-user=${id}`, `--map-group=${id}`, '-S', id, '-G', id]
    const seen = await seenWithNsx(words, { uid: UID })
    const four = Array.from({ length: 4 }, () => id).join(' ')
    const none = '0000000000000000'
    expect(seen).toMatchObject({ 'Uid:': four, 'Gid:': four })
    expect(seen['CapEff:']).toBe(id === '0' ? seen['CapBnd:'] : none)
    const kept = await seenWithNsx([...words, '--keep-caps'], { uid: UID })
    expect(kept).toMatchObject({
      'Uid:': four,
      'CapEff:': kept['CapBnd:'],
      'CapAmb:': kept['CapBnd:'],
    })
  })
})
