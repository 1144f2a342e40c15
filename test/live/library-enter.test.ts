import { closeSync, openSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enter } from '../../src/index.ts'
import { PROJECT } from './support/children.ts'
import { requireAddon, requireRoot } from './support/needs.ts'
import { endUnshared, type Unshared, unshared } from './support/unshared.ts'

const ready = requireRoot() && requireAddon()
const output = join(tmpdir(), `nsx-library-${process.pid}`)

/** Standard output of the command goes to a file. */
async function entered(target: string | null, script: string, flags = {}) {
  const fd = openSync(output, 'w')
  const started: number[] = []
  try {
    const outcome = await enter(target, ['/bin/sh', '-c', script], {
      ...{ packageRoot: PROJECT, flags, stdio: ['ignore', fd, 'inherit'] },
      onStart: (pid) => started.push(pid),
    })
    return { outcome, started, text: readFileSync(output, 'utf8') }
  } finally {
    closeSync(fd)
  }
}

describe.runIf(ready)('enter() of the library', () => {
  let target: Unshared

  beforeAll(async () => {
    target = await unshared('-mnup', '--fork', '--mount-proc')
  })
  afterAll(async () => {
    await endUnshared()
    rmSync(output, { force: true })
  })

  test('runs a command inside, beside this process, and tells its pid and exit code', async () => {
    const script = 'readlink /proc/self/ns/net /proc/self/ns/pid; exit 7'
    const { outcome, started, text } = await entered(String(target.pid), script)
    expect(outcome).toEqual({ pid: started[0], exitCode: 7, signal: null, error: null })
    const links = ['net', 'pid'].map((type) => readlinkSync(`/proc/${target.pid}/ns/${type}`))
    expect(text.trim().split('\n')).toEqual(links)
    expect(readlinkSync('/proc/self/ns/net')).not.toBe(links[0])
  })

  test('tells the signal that it died by', async () => {
    const { outcome } = await entered(String(target.pid), 'kill -TERM $$')
    expect(outcome).toMatchObject({ exitCode: null, signal: 'TERM', error: null })
  })

  test('takes namespaces that are named by themselves, and needs no target then', async () => {
    const net = `/proc/${target.pid}/ns/net`
    const flags = { net: true, 'net-from': net }
    const { outcome, text } = await entered(null, 'readlink /proc/self/ns/net', flags)
    expect(outcome.exitCode).toBe(0)
    expect(text.trim()).toBe(readlinkSync(net))
  })

  test('tells what was refused, and by which errno', async () => {
    const { outcome } = await entered(String(target.pid), 'true', { wdns: '/nowhere' })
    expect(outcome).toMatchObject({ exitCode: 125, signal: null, error: { errno: 'ENOENT' } })
    expect(outcome.error?.message).toMatch(/^cannot .*\/nowhere/)
  })

  test('throws where there is no such target', async () => {
    await expect(entered('4194303', 'true')).rejects.toThrow('there is no process 4194303')
  })
})
