import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { type ContentsOf, insideOf, shownOf, showTask } from './support/documents.ts'
import { foreign, inside } from './support/foreign.ts'
import { requireAddon, requireCommand, requireFile, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { startPython } from './support/python.ts'
import { endUnshared, unshared } from './support/unshared.ts'
import { hold, releaseAll } from './support/zoo.ts'

const able =
  requireRoot() &&
  requireAddon() &&
  ['cc', 'unshare', 'nsenter', 'setpriv', 'python3'].every(requireCommand)

const BUSYBOX = '/bin/busybox'

afterEach(async () => {
  await endUnshared()
  await releaseAll()
})

describe.runIf(able)('show, of the name servers of a process', () => {
  test('reads the file that is mounted inside', async () => {
    const target = await foreign('-n', '-m')
    const folder = mkdtempSync(`${tmpdir()}/nsx-dns-`)
    onTestFinished(() => rmSync(folder, { recursive: true }))
    writeFileSync(
      `${folder}/resolv.conf`,
      '# of this namespace\nnameserver 192.0.2.53\nnameserver fd00::53\nsearch one.example two\noptions ndots:2 edns0\n',
    )
    const within = inside(target, '-m')
    within('mount', '--bind', `${folder}/resolv.conf`, '/etc/resolv.conf')
    expect(await dnsOf(target.pid)).toEqual({
      nameservers: ['192.0.2.53', 'fd00::53'],
      search: ['one.example', 'two'],
      options: ['ndots:2', 'edns0'],
    })
  })

  test.runIf(requireFile(BUSYBOX)).each([
    ['absolute', (path: string) => path],
    ['climbing', (path: string) => `../../../../../../..${path}`],
  ])('follows an %s link within its root', async (_how, linkTo) => {
    const folder = mkdtempSync(`${tmpdir()}/nsx-root-`)
    onTestFinished(async () => {
      await endUnshared()
      rmSync(folder, { recursive: true })
    })
    // The same path is another file outside, and that one is not to be read.
    const ours = `${folder}/resolv.conf`
    for (const part of ['bin', 'etc', folder.slice(1)])
      mkdirSync(`${folder}/${part}`, { recursive: true })
    copyFileSync(BUSYBOX, `${folder}/bin/cat`)
    writeFileSync(ours, 'nameserver 192.0.2.1\n')
    writeFileSync(`${folder}${ours}`, 'nameserver 192.0.2.2\n')
    symlinkSync(linkTo(ours), `${folder}/etc/resolv.conf`)
    const target = await unshared('-m', '-R', folder)
    expect(await dnsOf(target.pid)).toEqual({ nameservers: ['192.0.2.2'], search: [], options: [] })
  })

  test.runIf(requireFile('/dev/fuse'))('is not held up where nobody answers', async () => {
    const held = await hold('fuse-mount', 'uts')
    expect(held.hangs).toBe(true)
    const pid = await startPython(
      'enter(sys.argv[1]); call("mount", os.fsencode(sys.argv[2]), b"/etc", None, 4096, None)',
      ...[`/proc/${held.pid}/ns/mnt`, dirname(held.path ?? '')],
    )
    const start = performance.now()
    const document = await showTask(pid)
    expect(performance.now() - start).toBeLessThan(3000)
    const { contents } = shownOf(document, 'net')
    expect(contents).toMatchObject({ dns: null, unknown: ['dns'] })
    expect(document.coverage.gaps).toContainEqual({
      ...{ source: 'contents', errno: 'ETIMEDOUT', count: 1, pids: [pid] },
    })
    expect(shownOf(document, 'mnt').contents?.unknown).toEqual([])
    const { stderr } = await runNsx(['show', String(pid)])
    expect(stderr).toContain(`process ${pid}`)
    await held.release()
  })
})

async function dnsOf(pid: number): Promise<ContentsOf<'net'>['dns']> {
  return insideOf(shownOf(await showTask(pid), 'net'), 'net').dns
}
