import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseProcStat } from '../../src/kernel/proc-stat.ts'

/** Fields 3 to 52. */
function tail({ state = 'S', ppid = '1', flags = '4194304', start = '777' } = {}): string {
  const upToFlags = [state, ppid, 5, 5, 0, -1, flags].join(' ')
  return `${upToFlags} ${Array(12).fill(0).join(' ')} ${start} ${Array(30).fill(0).join(' ')}\n`
}

function stat(comm: Uint8Array | string, rest = tail()): Buffer {
  return Buffer.concat([
    Buffer.from('1234 ('),
    Buffer.from(comm as string),
    Buffer.from(`) ${rest}`),
  ])
}

describe('parseProcStat', () => {
  it('reads pid, name, state, parent and start', () => {
    expect(parseProcStat(stat('bash'))).toEqual({
      pid: 1234,
      comm: { text: 'bash', lossy: false },
      state: 'S',
      ppid: 1,
      kernelThread: false,
      startTicks: '777',
    })
  })

  it.each(['R', 'S', 'D', 'Z', 'T', 't', 'X', 'x', 'I'])('reads the state %s', (state) => {
    expect(parseProcStat(stat('a', tail({ state })))?.state).toBe(state)
  })

  it('tells a kernel thread by its flags', () => {
    const flags = String(0x00200000 | 0x04208040)
    expect(parseProcStat(stat('kthreadd', tail({ flags, ppid: '0' })))).toMatchObject({
      kernelThread: true,
      ppid: 0,
    })
  })

  it('keeps a start time that a double cannot hold', () => {
    const start = '18446744073709551615'
    expect(parseProcStat(stat('a', tail({ start })))?.startTicks).toBe(start)
  })

  it.each(['', ') Z 1 (', ') R 0 0 0', '((((', '))))', ' ', 'a\nb', '1 (x) S 1 1 1', '\u001b[2J'])(
    'ends the name %j where it ends',
    (comm) => {
      expect(parseProcStat(stat(comm))).toMatchObject({ comm: { text: comm }, state: 'S', ppid: 1 })
    },
  )

  it('says where a name is not UTF-8', () => {
    expect(parseProcStat(stat(Buffer.from([0x61, 0xff])))?.comm).toEqual({
      text: 'a\ufffd',
      lossy: true,
    })
  })

  it('reads the same of any name', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 15 }), fc.nat(), (comm, start) => {
        const parsed = parseProcStat(stat(comm, tail({ start: String(start) })))
        expect(parsed).toMatchObject({ pid: 1234, ppid: 1, startTicks: String(start) })
        expect(parsed?.comm.text).toBe(Buffer.from(comm).toString('utf8'))
      }),
    )
  })

  it.each([
    ['nothing', ''],
    ['no name', '1234 S 1 5 5 0'],
    ['no closing parenthesis', '1234 (bash S 1 5 5'],
    ['parentheses the wrong way round', '1234 )bash( S 1 5 5'],
    ['no pid', `(bash) ${tail()}`],
    ['a pid that is no number', `12a4 (bash) ${tail()}`],
    ['a pid in another notation', `0x10 (bash) ${tail()}`],
    ['a pid of 0', `0 (bash) ${tail()}`],
    ['a negative pid', `-1 (bash) ${tail()}`],
    ['a state of two letters', `1 (bash) ${tail({ state: 'SS' })}`],
    ['no state', `1 (bash) ${tail({ state: '' })}`],
    ['a parent that is no number', `1 (bash) ${tail({ ppid: 'x' })}`],
    ['flags that are no number', `1 (bash) ${tail({ flags: '-4' })}`],
    ['a start that is no number', `1 (bash) ${tail({ start: '1e3' })}`],
    ['a start that may be cut short', `1 (bash) ${tail().split(' ').slice(0, 20).join(' ')}`],
    ['an end after the name', '1 (bash)'],
  ])('has nothing to say of a line with %s', (_, text) => {
    expect(parseProcStat(Buffer.from(text))).toBeNull()
  })

  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parseProcStat(Buffer.from(bytes))))
  })
})
