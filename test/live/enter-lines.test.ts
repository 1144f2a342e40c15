import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EIGHT, linksIn, linksOf } from './support/links.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { endUnshared, type Unshared, unshared } from './support/unshared.ts'

const env = { PATH: process.env.PATH ?? '' }
const SET_BY_BASH = ['PWD', 'SHLVL', '_']
const ready = requireRoot() && requireAddon() && requireCommand('unshare') && requireCommand('ip')

describe.runIf(ready)('the lines of nsenter and unshare, with other names', () => {
  let target: Unshared
  let pid: string

  beforeAll(async () => {
    target = await unshared('-munip', '--fork', '--mount-proc')
    pid = String(target.pid)
    target.within('-n', 'ip', 'link', 'add', 'nsx0', 'type', 'veth', 'peer', 'nsx1')
    target.within('-u', 'hostname', 'inner')
  })
  afterAll(endUnshared)

  test('a shell without an environment, in five namespaces of a process', async () => {
    const words = ['--target', pid, '--mount', '--uts', '--ipc', '--net', '--pid', '--']
    const { stdout, stderr, code } = await runNsx(
      ['enter', ...words, 'env', '--ignore-environment', '--', '/bin/bash'],
      { env, input: `${linksIn(EIGHT)}\nhostname\nexec env\n` },
    )
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.slice(0, 8)).toEqual(linksOf(target.pid))
    expect(lines[8]).toBe('inner')
    const names = lines.slice(9).map((line) => line.split('=')[0] ?? '')
    expect(names.filter((name) => !SET_BY_BASH.includes(name))).toEqual([])
  })

  test('a shell in new namespaces, whose beginning no -- marks', async () => {
    const words = ['--mount', '--ipc', '--pid', '--net', '--mount-proc=/proc', '--fork']
    const script = `${linksIn(EIGHT)}\nls -d /proc/[0-9]* | wc -l\nip -br link\nexit 3\n`
    const { stdout, stderr, code } = await runNsx(['run', ...words, '/bin/bash'], {
      ...{ env, input: script },
    })
    expect({ stderr, code }).toEqual({ stderr: '', code: 3 })
    const lines = stdout.trimEnd().split('\n')
    const ours = linksOf('self')
    const isNew = (i: number) => lines[i] !== ours[i]
    expect(EIGHT.filter((_, i) => isNew(i))).toEqual(['ipc', 'mnt', 'net', 'pid'])
    // Init, bash, ls, wc and what bash makes for a pipe.
    expect(Number(lines[8])).toBeLessThan(6)
    expect(lines.slice(9).join('\n')).toMatch(/^lo +\S+ +00:00:00:00:00:00 <LOOPBACK>/)
    expect(lines).toHaveLength(10)
  })

  test.each([
    ['behind --', (pid: string) => [pid, '--net', '--', 'ip', '-br', 'addr']],
    ['as the second word', (pid: string) => [pid, '-n', 'ip', '-br', 'addr']],
    ['behind --target', (pid: string) => ['--target', pid, '-n', 'ip', '-br', 'addr']],
  ])('ip in the network namespace of a process, %s', async (_, words) => {
    const { stdout, stderr, code } = await runNsx(['enter', ...words(pid)], { env })
    expect({ stdout, stderr, code }).toEqual({
      ...{ stdout: target.within('-n', 'ip', '-br', 'addr'), stderr: '', code: 0 },
    })
    expect(stdout).toMatch(/^nsx0@nsx1 /m)
  })

  test.each([
    ['root', undefined],
    ['an ordinary user', 12_345],
  ])('%s is root in new namespaces by -Urpmfn --mount-proc', async (_, uid) => {
    const words = ['run', '-Urpmfn', '--mount-proc', '--', 'sh']
    const input = `${linksIn(EIGHT)}\nid -u\nid -g\ncat /proc/self/uid_map\ncat /proc/2/comm\nexit 9\n`
    const { stdout, stderr, code } = await runNsx(words, {
      ...{ env, input, ...(uid === undefined ? {} : { uid }) },
    })
    expect({ stderr, code }).toEqual({ stderr: '', code: 9 })
    const lines = stdout.trimEnd().split('\n')
    const ours = linksOf('self')
    expect(EIGHT.filter((_, i) => lines[i] !== ours[i])).toEqual(['mnt', 'net', 'pid', 'user'])
    expect(lines.slice(8, 10)).toEqual(['0', '0'])
    expect(lines[10]?.trim().split(/ +/)).toEqual(['0', String(uid ?? 0), '1'])
    expect(lines[11]).toBe('sh')
  })
})
