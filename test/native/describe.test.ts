import { execFileSync } from 'node:child_process'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Description, NsFacts, NsHandle } from '../../src/host/port.ts'
import { NAMESPACE_TYPES, type NsType, nsTypeRow } from '../../src/kernel/namespace-types.ts'
import * as support from './support.ts'

const { ESTALE, EINVAL, isRoot } = support
const OTHER_INUM = 0xffff_fff0

function ask(handles: readonly NsHandle[], nsid = false): Description {
  const answer = support.host.describe?.(handles, { nsid })
  if (!answer) throw new Error('the native host describes')
  return answer
}

function inumOf(pid: number | 'self', type: NsType): number {
  return statSync(`/proc/${pid}/ns/${type}`).ino
}

function linkTo(pid: number, type: NsType): NsHandle {
  return { kind: 'link', pid, type, inum: inumOf(pid, type) }
}

function factsOf(answer: Description, inum: number): NsFacts | undefined {
  return answer.facts.find((facts) => facts.inum === inum)
}

describe('facts', () => {
  it('agree with stat for each of our own namespaces', () => {
    const handles = NAMESPACE_TYPES.map(({ name }) => linkTo(process.pid, name))
    const answer = ask(handles)
    expect([...answer.errnos]).toEqual(handles.map(() => 0))
    expect([...answer.inums]).toEqual(handles.map(({ inum }) => inum))
    for (const { name, hasParent } of NAMESPACE_TYPES) {
      const facts = factsOf(answer, inumOf('self', name))
      expect(facts?.type).toBe(name)
      expect(facts?.parent === null).toBe(!hasParent)
      expect(facts?.ownerUid === null).toBe(name !== 'user')
      expect(facts?.nsid).toBeNull()
    }
  })

  it('come once for each namespace, however often it is asked for', () => {
    const handles = Array.from({ length: 400 }, () => linkTo(process.pid, 'net'))
    const answer = ask(handles)
    expect(new Set(answer.inums)).toEqual(new Set([inumOf('self', 'net')]))
    const inums = answer.facts.map((facts) => facts.inum)
    expect(inums).toEqual([...new Set(inums)].sort((a, b) => a - b))
  })

  it('name the bits by the table of types', () => {
    const inum = inumOf('self', 'time')
    expect(nsTypeRow(factsOf(ask([linkTo(process.pid, 'time')]), inum)?.type as NsType).bit).toBe(
      0x80,
    )
  })

  it('reach owners and parents that have no process', async () => {
    const nested = ['unshare', '-U', '-r', 'unshare', '-U', '-r', '-n']
    const pid = await support.startSleeper('', nested)
    const answer = ask([linkTo(pid, 'net')])
    const net = factsOf(answer, inumOf(pid, 'net'))
    expect(net?.owner).toBe(inumOf(pid, 'user'))
    const inner = factsOf(answer, net?.owner as number)
    expect(inner?.ownerUid).toBe(process.getuid?.())
    expect(inner?.parent).toBe(inner?.owner)
    const middle = factsOf(answer, inner?.parent as number)
    expect(middle).toMatchObject({ type: 'user', parent: inumOf('self', 'user') })
    expect(factsOf(answer, inumOf('self', 'user'))).toBeDefined()
  })
})

describe('handles', () => {
  it('says ESTALE where a link leads to another namespace by now', () => {
    const answer = ask([{ kind: 'link', pid: process.pid, type: 'uts', inum: OTHER_INUM }])
    expect([...answer.inums, ...answer.errnos]).toEqual([0, ESTALE])
    expect(answer.facts).toEqual([])
  })

  it('says ENOENT where the process is gone', () => {
    const answer = ask([{ kind: 'link', pid: support.NO_PID, type: 'uts', inum: OTHER_INUM }])
    expect([...answer.errnos]).toEqual([support.ENOENT])
  })

  it('opens a descriptor that is the namespace expected', async () => {
    const pid = await support.startSleeper('exec 7</proc/self/ns/uts')
    const inum = inumOf('self', 'uts')
    const answer = ask([{ kind: 'descriptor', pid, fd: 7, inum }])
    expect(factsOf(answer, inum)?.type).toBe('uts')
  })

  it('says ESTALE for a descriptor that is something else, and waits for nothing', async () => {
    const fifo = join(support.temporaryDirectory(), 'fifo')
    const script = `mkfifo ${fifo}; exec 7<>${fifo}; exec 8</proc/self/ns/uts`
    const pid = await support.startSleeper(script)
    const fds = [7, 8]
    const answer = ask(fds.map((fd) => ({ kind: 'descriptor', pid, fd, inum: OTHER_INUM })))
    expect([...answer.errnos]).toEqual([ESTALE, ESTALE])
  })

  it('opens what the user names, and says EINVAL where that is no namespace', () => {
    const directory = support.temporaryDirectory()
    const fifo = join(directory, 'fifo')
    execFileSync('mkfifo', [fifo])
    const paths = ['/proc/self/ns/ipc', fifo, '/dev/tty', directory, join(directory, 'none')]
    const answer = ask(paths.map((path) => ({ kind: 'path', path, inum: null })))
    expect([...answer.errnos]).toEqual([0, EINVAL, EINVAL, EINVAL, support.ENOENT])
    expect(answer.inums[0]).toBe(inumOf('self', 'ipc'))
  })

  it.skipIf(!isRoot)('opens a bind mount, and sees what was mounted over it', () => {
    const path = join(support.temporaryDirectory(), 'uts')
    writeFileSync(path, '')
    const inum = inumOf('self', 'uts')
    const handle = { kind: 'mount', path, inum } as const
    expect([...ask([handle]).errnos]).toEqual([ESTALE])
    for (const type of ['uts', 'ipc'] as const) {
      execFileSync('mount', ['--bind', `/proc/self/ns/${type}`, path])
      onTestFinished(() => void execFileSync('umount', [path]))
      const answer = ask([handle])
      expect([...answer.errnos]).toEqual([type === 'uts' ? 0 : ESTALE])
    }
  })
})

describe('nsid', () => {
  it.skipIf(!isRoot)('is the number that our network namespace gives', async () => {
    const name = `nsx-native-${process.pid}`
    const pid = await support.startSleeper('', ['unshare', '-n'])
    mkdirSync('/run/netns', { recursive: true })
    execFileSync('ip', ['netns', 'attach', name, String(pid)])
    onTestFinished(() => void execFileSync('ip', ['netns', 'delete', name]))
    const inum = inumOf(pid, 'net')
    const nsidNow = (nsid: boolean) => factsOf(ask([linkTo(pid, 'net')], nsid), inum)?.nsid
    expect(nsidNow(true)).toBeNull()
    execFileSync('ip', ['netns', 'set', name, '4242'])
    expect(nsidNow(true)).toBe(4242)
    expect(nsidNow(false)).toBeNull()
  })
})
