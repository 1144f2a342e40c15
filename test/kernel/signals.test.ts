import { constants } from 'node:os'
import { describe, expect, it } from 'vitest'
import { parseSignal, SIGNAL_NAMES } from '../../src/kernel/signals.ts'

describe('parseSignal', () => {
  it('knows every signal as the C library numbers it', () => {
    const { SIGUNUSED, ...signals } = constants.signals as Record<string, number>
    for (const [name, number] of Object.entries(signals)) expect(parseSignal(name)).toBe(number)
    for (const name of SIGNAL_NAMES) expect(parseSignal(name)).toBe(signals[`SIG${name}`])
    expect(SIGNAL_NAMES).toHaveLength(31)
  })

  it.each([
    ['KILL', 9],
    ['SIGKILL', 9],
    ['sigterm', 15],
    ['9', 9],
    ['64', 64],
    ['RTMIN', 34],
    ['RTMIN+1', 35],
    ['sigrtmax-2', 62],
    ['CLD', 17],
  ])('%s is %i', (text, number) => {
    expect(parseSignal(text)).toBe(number)
  })

  it.each([
    '',
    '0',
    '65',
    '-9',
    '9x',
    'SIG',
    'KILLL',
    'RTMAX+1',
    'RTMIN-1',
    'RTMIN+31',
    'SIGSIGKILL',
  ])('%j is none', (text) => {
    expect(parseSignal(text)).toBeNull()
  })
})
