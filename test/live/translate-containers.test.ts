import { afterEach, describe, expect, test } from 'vitest'
import { type Container, startRunc } from './support/containers.ts'
import { AS_USER } from './support/foreign.ts'
import { requireCommand, requireFile, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { effectiveUidOf } from './support/proc.ts'
import { grantSubids } from './support/subids.ts'

const ROOT_UID = 210_000
const canRun =
  requireRoot() &&
  ['runc', 'newuidmap', 'setpriv'].every(requireCommand) &&
  requireFile('/bin/busybox')

let container: Container | undefined
afterEach(async () => {
  await container?.stop()
  container = undefined
})

async function quiet(...words: string[]): Promise<string> {
  const { stdout, stderr, code } = await runNsx([...words, '-q'])
  return code === 0 ? stdout.trim() : `${stderr.split('\n')[0]} (${code})`
}

describe.runIf(canRun)('a container with ids of its own', () => {
  test('has its pids and ids translated by its name', async () => {
    container = await startRunc({ rootUid: ROOT_UID })
    const { id, pid } = container
    expect(effectiveUidOf(pid)).toBe(ROOT_UID)
    for (const name of [`${id}`, `runc:${id}`]) {
      expect(await quiet('pid', `1@${name}`)).toBe(String(pid))
      expect(await quiet('pid', name)).toBe(String(pid))
      expect(await quiet('pid', '--in', name, String(pid))).toBe('1')
      expect(await quiet('uid', `0@${name}`)).toBe(String(ROOT_UID))
      expect(await quiet('gid', `33@${name}`)).toBe(String(ROOT_UID + 33))
      expect(await quiet('uid', '--in', name, String(ROOT_UID + 5))).toBe('5')
      expect(await quiet('uid', '--in', name, 'root')).toBe(
        `nsx: root has no uid in ${name}: it is not mapped (3)`,
      )
      expect(await quiet('uid', `65536@${name}`)).toContain('is not mapped (3)')
    }
    const { stdout } = await runNsx(['pid', `runc:${id}`])
    expect(stdout).toMatch(new RegExp(`\\n +1 +1 pid:\\[\\d+\\] +${pid} runc:${id}\\n$`))
  })

  test('may be signalled by nobody else but whoever has the rights in it', async () => {
    container = await startRunc({ rootUid: ROOT_UID })
    const { stdout } = await runNsx(['caps', `runc:${container.id}`, 'self', '--json'])
    const { capabilities, consequences } = JSON.parse(stdout)
    expect(capabilities).toMatchObject([{ result: 'none', steps: [{ finding: 'above' }] }])
    const allowed = consequences.filter(({ holds, text }: { holds: boolean; text: string }) => {
      return holds && !text.endsWith(' already.')
    })
    expect(allowed).toEqual([])
  })
})

describe.runIf(canRun)('a range of /etc/subuid', () => {
  test('tells whose an id is, as newuidmap takes it', async () => {
    const granted = grantSubids(['300000:65536', '400000:10'])
    try {
      // Of the user whom the file names, in the files that are bound for it alone.
      const via = granted.via.slice(0, -AS_USER.length)
      const { stdout } = await runNsx(['uid', '--in', 'self', '300007', '400010', '--json'], {
        via,
        env: { PATH: '/usr/bin:/bin' },
      })
      const { ids } = JSON.parse(stdout)
      expect(ids[0].grants).toEqual([{ owner: 'nsx-tester', first: 300_000, count: 65_536 }])
      expect(ids[1].grants).toEqual([])
      const names = await runNsx(['uid', '--in', 'self', 'nsx-tester', '-q'], {
        via,
        env: { PATH: '/usr/bin:/bin' },
      })
      expect(names.stdout).toBe('12345\n')
    } finally {
      granted.remove()
    }
  })

  test('is not of whoever has none', async () => {
    const { stdout } = await runNsx(['uid', '--in', 'self', '4294967294', '--json'])
    expect(JSON.parse(stdout).ids[0]).toMatchObject({ grants: [], inside: 4_294_967_294 })
  })
})
