import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AS_USER, enter, UID } from './support/foreign.ts'
import { EIGHT, linksIn, linksOf } from './support/links.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { type NsxOptions, runNsx } from './support/nsx.ts'
import { endUnshared, type Unshared, unshared } from './support/unshared.ts'

const STRANGER = { uid: UID + 1 }
const OWNER = { uid: UID }
const ROOT = {}
const SHELL = ['--', '/bin/sh', '-s']
const LETTERS: Readonly<Record<string, string>> = {
  ...{ m: 'mnt', u: 'uts', i: 'ipc', n: 'net', p: 'pid', U: 'user', C: 'cgroup', T: 'time' },
}
/** Of /proc/self/status. */
const WHO = 'while read -r key a b rest; do case $key in Uid:|Gid:) echo $key $b;; esac; done'

const ready = requireRoot() && requireAddon() && requireCommand('unshare')

describe.runIf(ready)('what an ordinary user has made without privileges', () => {
  let outer: Unshared
  let inner: Unshared

  beforeAll(async () => {
    const unshare = ['unshare', '-Ur', '-munipCT', '--fork', '--mount-proc']
    outer = await unshared(...AS_USER, ...unshare)
    inner = await unshared(...AS_USER, ...unshare, ...unshare)
  })
  afterAll(endUnshared)

  async function look(who: Pick<NsxOptions, 'uid'>, ...words: readonly string[]) {
    const env = { PATH: '/usr/bin:/bin' }
    const input = `PATH=/usr/bin:/bin\n${linksIn(EIGHT)}\n${WHO} < /proc/self/status\n`
    const result = await runNsx(['enter', ...words, ...SHELL], { ...who, env, input })
    const lines = result.stdout.trimEnd().split('\n')
    return { ...result, links: lines.slice(0, 8), ids: lines.slice(8) }
  }

  test.each([
    ['its owner', OWNER],
    ['root', ROOT],
  ])('%s is root in it, in all of its namespaces', async (_, who) => {
    for (const target of [outer, inner]) {
      const { links, ids, stderr, code } = await look(who, String(target.pid))
      expect({ links, ids, stderr, code }).toEqual({
        ...{ links: linksOf(target.pid), ids: ['Uid: 0', 'Gid: 0'], stderr: '', code: 0 },
      })
    }
    const words = [`--target=${inner.pid}`, '--all']
    const links = enter(words, ['/bin/sh', '-c', linksIn(EIGHT)])
      .trimEnd()
      .split('\n')
    expect((await look(who, ...words)).links).toEqual(links)
  })

  test.each(['Un', 'Uu', 'UmpC', 'Uip', 'UT', 'U'])(
    'its owner enters some of it: -%s',
    async (flags) => {
      const { links, stderr, code } = await look(OWNER, String(outer.pid), `-${flags}`)
      expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
      const entered = [...flags].map((letter) => LETTERS[letter])
      const [own, theirs] = [linksOf('self'), linksOf(outer.pid)]
      // Its own PID namespace needs a /proc of its own, and that a mount namespace.
      const made = flags.includes('p') && !flags.includes('m') ? ['mnt'] : []
      for (const [i, type] of EIGHT.entries()) {
        const expected = entered.includes(type) ? theirs[i] : own[i]
        if (!made.includes(type)) expect(links[i]).toBe(expected)
      }
    },
  )

  test('root enters some of it without its user namespace', async () => {
    const { links, ids, code } = await look(ROOT, String(outer.pid), '-nu')
    const [own, theirs] = [linksOf('self'), linksOf(outer.pid)]
    const expected = EIGHT.map((type, i) => (['net', 'uts'].includes(type) ? theirs[i] : own[i]))
    expect({ links, ids, code }).toEqual({ links: expected, ids: ['Uid: 0', 'Gid: 0'], code: 0 })
  })

  test('a stranger gets nowhere, and is told what it takes', async () => {
    for (const { pid } of [outer, inner]) {
      const { stdout, stderr, code } = await look(STRANGER, String(pid))
      expect({ stdout, code }).toEqual({ stdout: '', code: 125 })
      expect(stderr).toMatch(new RegExp(`^nsx: cannot .*pid ${pid}`))
      expect(stderr.split('\n')[1]).toMatch(/root/)
    }
  })

  test('the command is who the caller is by --preserve-credentials', async () => {
    const words = [String(outer.pid), '-U', '--preserve-credentials']
    const [owner, root] = [await look(OWNER, ...words), await look(ROOT, ...words)]
    // It has a number for its owner, and for nobody else.
    expect(owner.ids).toEqual(['Uid: 0', 'Gid: 0'])
    expect(root.ids).toEqual(['Uid: 65534', 'Gid: 65534'])
  })

  test('an id that is none in it is refused before anything is done', async () => {
    const { stdout, stderr, code } = await look(OWNER, String(outer.pid), '-S', '5')
    expect({ stdout, code }).toEqual({ stdout: '', code: 125 })
    expect(stderr).toContain('cannot become uid 5')
  })
})
