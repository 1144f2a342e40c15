import { describe, expect, it } from 'vitest'
import { type Kin, topmost } from '../../src/collect/topmost.ts'

const kin = (pid: number, ppid: number, more: Partial<Kin> = {}): Kin => ({
  ...{ pid, ppid, startTicks: String(pid), state: 'S', nsPids: [pid] },
  ...more,
})

describe('topmost', () => {
  it.each<[string, Kin[], number | null]>([
    ['nobody', [], null],
    ['a process alone', [kin(5, 1)], 5],
    ['a child of the lower pid', [kin(5, 9), kin(9, 1)], 9],
    ['who was sent in later, and has a lower pid', [kin(3, 1, { startTicks: '90' }), kin(9, 1)], 9],
    ['an init before what is older', [kin(5, 1), kin(9, 1, { nsPids: [9, 1] })], 9],
    ['a live one before a zombie', [kin(5, 1, { state: 'Z' }), kin(9, 1)], 9],
    [
      'start times that a double cannot hold',
      [
        kin(5, 1, { startTicks: '9007199254740993' }),
        kin(9, 1, { startTicks: '9007199254740992' }),
      ],
      9,
    ],
    ['the init of a nested namespace never', [kin(5, 1), kin(9, 5, { nsPids: [9, 1] })], 5],
    ['a circle, read while pids were used again', [kin(5, 9), kin(9, 5)], null],
  ])('of %s', (_, all, pid) => {
    expect(topmost(all)?.pid ?? null).toBe(pid)
    expect(topmost([...all].reverse())?.pid ?? null).toBe(pid)
  })
})
