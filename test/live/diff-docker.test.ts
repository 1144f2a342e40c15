import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { DiffView } from '../../src/query/diff.ts'
import type { ShowView } from '../../src/query/show.ts'
import { withDocker } from './support/docker.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'

const able = requireRoot() && requireAddon() && ['dockerd', 'docker'].every(requireCommand)

async function documentOf<T>(code: number, ...words: readonly string[]): Promise<T> {
  const result = await runNsx([...words, '--json'])
  expect({ stderr: result.stderr, code: result.code }).toEqual({ stderr: '', code })
  return JSON.parse(result.stdout)
}

describe.runIf(able)('containers of docker', () => {
  it('are compared by their names, and only what differs differs', { timeout: 120_000 }, () =>
    withDocker(async (docker) => {
      const web = await docker.run('web', { options: ['--network', 'none', '--hostname', 'web-1'] })
      await docker.run('side', { options: ['--network', 'container:web'] })
      const view = await documentOf<DiffView>(1, 'diff', 'web', 'docker:side')

      expect(view.a.subject?.container?.label).toBe('docker:web')
      expect(view.b.subject?.container?.label).toBe('docker:side')
      const same = Object.entries(view.types).filter(([, diff]) => diff.same === true)
      expect(same.map(([type]) => type)).toEqual(expect.arrayContaining(['net', 'user', 'time']))
      for (const type of ['mnt', 'pid', 'uts', 'ipc'] as const) {
        expect({ type, same: view.types[type]?.same }).toEqual({ type, same: false })
      }
      // The host name and the files of the network are those of the other container.
      for (const type of ['pid', 'uts', 'ipc'] as const) {
        expect({ type, differences: view.types[type]?.differences }).toEqual({
          type,
          differences: [],
        })
      }
      // Its own image layer, and its own part of each cgroup hierarchy.
      const mounts = (view.types.mnt?.differences ?? []).map(({ path }) => path.join(' '))
      const own = /^mounts (?:\/ superOptions|\/sys\/fs\/cgroup\S* root)$/
      expect(mounts).toContain('mounts / superOptions')
      expect(mounts.filter((path) => !own.test(path))).toEqual([])

      const holds = new Map(view.consequences.map(({ rule, holds }) => [rule, holds]))
      expect(holds.get('localhost')).toBe(true)
      expect(holds.get('see')).toBe(false)

      await docker.docker('exec', '--detach', 'web', '/bin/busybox', 'sleep', '300')
      const other = othersLike(web.pid)
      expect(other.length).toBeGreaterThan(0)
      const inside = await documentOf<DiffView>(0, 'diff', String(web.pid), String(other[0]))
      expect(inside.same).toBe(true)

      const shown = await documentOf<ShowView>(0, 'show', 'web')
      expect(shown.subject.pid).toBe(web.pid)
      expect(shown.namespaces.uts?.contents).toMatchObject({ hostname: 'web-1' })
      expect(shown.namespaces.mnt).toMatchObject({
        sharedWith: ['docker:web'],
        sharedOutside: false,
      })
      expect(shown.namespaces.net).toMatchObject({ sharedWith: ['docker:side', 'docker:web'] })
    }),
  )
})

/** The other processes of the same cgroup. */
function othersLike(first: number): number[] {
  const cgroup = (pid: number) => readFileSync(`/proc/${pid}/cgroup`, 'utf8')
  const own = cgroup(first)
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => {
    try {
      return pid !== first && cgroup(pid) === own
    } catch (error) {
      // It has ended meanwhile.
      if (['ENOENT', 'ESRCH'].includes(String((error as NodeJS.ErrnoException).code))) return false
      throw error
    }
  })
}
