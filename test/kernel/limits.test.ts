import { describe, expect, it } from 'vitest'
import { lowerLimit, OPEN_FILES, parseLimits, resourceName } from '../../src/kernel/limits.ts'

const TEXT = `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max stack size            8388608              unlimited            bytes     
Max open files            1024                 20000                files     
Max realtime timeout      unlimited            unlimited            us        
Max something new         1                    2                    things    
`

describe('parseLimits', () => {
  it('reads what the kernel writes, by number', () => {
    expect(parseLimits(TEXT)).toEqual([
      { resource: 0, soft: null, hard: null },
      { resource: 3, soft: '8388608', hard: null },
      { resource: OPEN_FILES, soft: '1024', hard: '20000' },
      { resource: 15, soft: null, hard: null },
    ])
  })

  it.each(['', 'Max open files', 'Max open files  a  b  files', 'Max open files  1'])(
    'passes over %j',
    (text) => {
      expect(parseLimits(text)).toEqual([])
    },
  )

  it('knows the numbers of setrlimit(2)', () => {
    expect(OPEN_FILES).toBe(7)
    expect(resourceName(6)).toBe('processes')
    expect(resourceName(99)).toBe('resource 99')
  })
})

it.each([
  ['9', '10', '9'],
  ['18446744073709551614', '2', '2'],
  [null, '5', '5'],
  ['5', null, '5'],
  [null, null, null],
])('the lower one of %s and %s is %s', (a, b, lower) => {
  expect(lowerLimit(a, b)).toBe(lower)
})
