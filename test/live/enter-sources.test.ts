import { mkdirSync, readFileSync, readlinkSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { startPython } from './support/python.ts'
import { endUnshared, unshared } from './support/unshared.ts'

const ready =
  requireRoot() && requireAddon() && requireCommand('python3') && requireCommand('unshare')

const env = { PATH: process.env.PATH ?? '' }
const nsx = (...words: string[]) => runNsx(words, { env })

/** Its descriptor 50 is a socket of a network namespace that nothing else holds; 51 is none. */
const HOLDER = `
import socket
own = os.open('/proc/self/ns/net', os.O_RDONLY)
call('unshare', 0x40000000)
other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
os.dup2(other.fileno(), 50)
os.symlink(os.readlink('/proc/self/ns/net'), sys.argv[1])
call('setns', own, 0x40000000)
os.dup2(own, 51)
`

/** Where cgroup2 is mounted; null: nowhere. */
function cgroup2(): string | null {
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
  return /^\S+ (\S+) cgroup2 /m.exec(mounts)?.[1] ?? null
}

afterEach(endUnshared)

describe.runIf(ready)('--net-socket', () => {
  const link = `/tmp/nsx-socket-${process.pid}`

  test('enters the network namespace of a socket of the target, and tells what is none', async () => {
    const pid = String(await startPython(HOLDER, link))
    onTestFinished(() => rmSync(link))
    const net = readlinkSync(link)
    expect(readlinkSync(`/proc/${pid}/ns/net`)).not.toBe(net)
    const { stdout, code } = await nsx(
      ...['enter', pid, '--net-socket', '50', '--', 'readlink', '/proc/self/ns/net'],
    )
    expect({ text: stdout.trim(), code }).toEqual({ text: net, code: 0 })
    const refused = await nsx('enter', pid, '--net-socket', '51', '--', 'true')
    expect(refused.code).toBe(125)
    expect(refused.stderr).toMatch(/socket 51 of pid \d+: .*ENOTSOCK.*no socket/)
  })
})

describe.runIf(ready)('--user-parent', () => {
  test('enters the owner of what is entered', async () => {
    const { pid } = await unshared('-Urn')
    const { stdout } = await nsx(
      ...['enter', String(pid), '--net', '--user-parent', '--'],
      ...['readlink', '/proc/self/ns/net', '/proc/self/ns/user'],
    )
    const links = ['net', 'user'].map((type) => readlinkSync(`/proc/${pid}/ns/${type}`))
    expect(stdout.trim().split('\n')).toEqual(links)
  })
})

describe.runIf(ready && cgroup2() !== null)('a cgroup', () => {
  test('is joined before the command begins: the target\u2019s, or one that is named', async () => {
    const name = `nsx-test-${process.pid}`
    const folder = `${cgroup2()}/${name}`
    mkdirSync(folder)
    const { pid, end } = await unshared('-n')
    onTestFinished(async () => {
      await end()
      rmdirSync(folder)
    })
    writeFileSync(`${folder}/cgroup.procs`, String(pid))
    const where = ['--', 'sh', '-c', 'grep ^0:: /proc/self/cgroup']
    const joined = await nsx('enter', String(pid), '--net', '--join-cgroup', ...where)
    expect(joined.stdout.trim()).toMatch(new RegExp(`/${name}$`))
    const stayed = await nsx('enter', String(pid), '--net', ...where)
    expect(stayed.stdout).not.toContain(name)
    const run = await nsx('run', '--uts', '--cgroup-path', name, ...where)
    expect(run.stdout.trim()).toMatch(new RegExp(`/${name}$`))
  })
})
