import { describe, expect, it } from 'vitest'
import { readSubject } from '../../src/collect/subject.ts'
import type { Host } from '../../src/host/port.ts'
import { NS_LINK_NAMES } from '../../src/model/subject.ts'
import { fixtureHost } from '../support/fixture-host.ts'
import { FixtureProcfs, machinePath, systemError } from '../support/fixture-procfs.ts'

const PID = 350
const stat = (start: number, { state = 'S', threads = 1 } = {}) =>
  `${PID} (a) ${state} 1 350 350 0 -1 4194304 ${'0 '.repeat(8)}20 0 ${threads} 0 ${start} ${'0 '.repeat(30)}\n`
const status = (threads: number) => `Name:\ta\nTgid:\t${PID}\nThreads:\t${threads}\n`

/** A machine on which one file says something else at each reading; an errno is said by failing. */
function changing(file: string, texts: readonly string[], more: Record<string, string> = {}): Host {
  const host = fixtureHost('bare-host')
  let reading = 0
  class Changing extends FixtureProcfs {
    override bytes(relative: string): Buffer {
      const text = relative === file ? texts[Math.min(reading++, texts.length - 1)] : more[relative]
      if (text === undefined) return super.bytes(relative)
      if (/^E[A-Z]+$/.test(text)) throw systemError(text, 'open', relative)
      return Buffer.from(text)
    }
  }
  return { ...host, procfs: new Changing('bare-host') }
}

describe('readSubject', () => {
  it('reads a process of a saved machine', () => {
    const subject = readSubject(fixtureHost('bare-host'), PID)
    expect(subject).toMatchObject({ pid: PID, tgid: PID, ppid: 1, comm: 'systemd-udevd' })
    expect(subject.links.mnt).toBe(4026532190)
    expect(subject.linkErrnos).toEqual({})
    expect(subject.credentials?.uid.effective).toBe(0)
    expect(subject.nsPids).toEqual([PID])
  })

  it('makes nothing up where the kernel does not tell', () => {
    const faults = [{ call: 'link', path: /_for_children$/, errno: 'ENOENT' }] as const
    const host = fixtureHost('bare-host', {
      faults,
      files: { [`${PID}/status`]: Buffer.from(status(1)) },
    })
    const subject = readSubject(host, PID)
    expect(subject.linkErrnos).toEqual({ pid_for_children: 'ENOENT', time_for_children: 'ENOENT' })
    expect(subject).toMatchObject({ credentials: null, nsPids: [] })
  })

  it('shows what is left where no link may be read', () => {
    const host = fixtureHost('unprivileged')
    const [pid = 0] = host.procfs.denied
    const subject = readSubject(host, pid)
    expect(subject.comm).not.toBe('')
    expect(subject.links).toEqual({})
    expect(Object.values(subject.linkErrnos)).toEqual(NS_LINK_NAMES.map(() => 'EACCES'))
  })

  it('reads again when the pid is another process by now', () => {
    const host = changing(`${PID}/stat`, [stat(1), stat(2), stat(2)])
    expect(readSubject(host, PID).startTicks).toBe('2')
  })

  it('reads again when the process has become a zombie meanwhile', () => {
    const zombie = stat(1, { state: 'Z' })
    expect(readSubject(changing(`${PID}/stat`, [stat(1), zombie, zombie]), PID).state).toBe('Z')
  })

  it('gives up on a pid that is another process each time', () => {
    const stats = Array.from({ length: 100 }, (_, start) => stat(start))
    expect(() => readSubject(changing(`${PID}/stat`, stats), PID)).toThrowError(
      /^process 350 changes faster than it can be read$/,
    )
  })

  it.each(['ENOENT', 'ESRCH'])('says that it ended between two readings (%s)', (errno) => {
    expect(() => readSubject(changing(`${PID}/stat`, [stat(1), errno]), PID)).toThrowError(
      'there is no process 350',
    )
  })

  it.each(['stat', 'status'])('says that a procfs hides its %s', (file) => {
    expect(() => readSubject(changing(`${PID}/${file}`, ['EPERM']), PID)).toThrowError(
      expect.objectContaining({
        details: expect.objectContaining({ code: 'permission-denied', exitCode: 4 }),
      }),
    )
  })

  it.each(['stat', 'status'])('makes nothing of a broken %s', (file) => {
    expect(() => readSubject(changing(`${PID}/${file}`, ['x\n']), PID)).toThrowError(
      /350 cannot be read/,
    )
  })

  it('counts threads that it cannot compare', () => {
    const host = changing(`${PID}/stat`, [stat(1)], { [`${PID}/status`]: status(12) })
    Object.assign(host.procfs, {
      names: () => {
        throw systemError('EACCES', 'scandir', machinePath('bare-host', 'proc/350/task'))
      },
    })
    expect(readSubject(host, PID)).toMatchObject({ strayThreads: [], threadsUnread: 11 })
  })

  it('does not look at threads where there is one', () => {
    const host = fixtureHost('bare-host')
    readSubject(host, PID)
    expect(host.procfs.calls.filter((call) => call.includes('task'))).toEqual([])
  })

  it('stops when our own descriptors have run out', () => {
    expect(() => readSubject(changing(`${PID}/status`, ['EMFILE']), PID)).toThrowError(
      /ulimit|stopped/,
    )
  })
})
