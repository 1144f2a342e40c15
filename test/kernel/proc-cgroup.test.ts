import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseProcCgroup } from '../../src/kernel/proc-cgroup.ts'
import { anyText } from '../support/any-text.ts'

describe('parseProcCgroup', () => {
  it('reads v1, v2 and both at once', () => {
    const text = '9:name=systemd:/\n2:cpu,cpuacct:/docker/ab\n0::/system.slice/x.service\n'
    expect(parseProcCgroup(text)).toEqual([
      { controllers: 'name=systemd', path: [] },
      { controllers: 'cpu,cpuacct', path: ['docker', 'ab'] },
      { controllers: '', path: ['system.slice', 'x.service'] },
    ])
  })

  it.each([
    ['0::/a:b/c d', ['a:b', 'c d']],
    ['0::/../..', ['..', '..']],
    ['0::/a\\x2db', ['a\\x2db']],
    ['0::/a (deleted)', ['a']],
    ['0::/a (deleted)/b', ['a (deleted)', 'b']],
  ])('takes a name as it is: %j', (line, path) => {
    expect(parseProcCgroup(line)).toEqual([{ controllers: '', path }])
  })

  it.each(['', '\n', 'x', '0:', '0::', '0::a', '::/', 'x::/a', '-1::/a'])(
    'passes over %j',
    (line) => {
      expect(parseProcCgroup(`${line}\n1:pids:/a`)).toEqual([{ controllers: 'pids', path: ['a'] }])
    },
  )

  it('never throws', () => {
    fc.assert(fc.property(anyText, (text) => void parseProcCgroup(text)))
  })
})
