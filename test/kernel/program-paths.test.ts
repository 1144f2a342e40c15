import { describe, expect, it } from 'vitest'
import { programPaths } from '../../src/kernel/program-paths.ts'

describe('programPaths', () => {
  it.each([
    ['in each folder of PATH', 'ip', '/usr/bin:/bin', ['/usr/bin/ip', '/bin/ip']],
    ['where it says itself', '/bin/ip', '/usr/bin', ['/bin/ip']],
    [
      'where nsx-exec does without PATH',
      'ip',
      null,
      ['/usr/local/bin/ip', '/usr/bin/ip', '/bin/ip'],
    ],
    ['nowhere that depends on the working directory', 'ip', '/bin::/usr/bin', []],
    ['not by a relative path', './ip', '/bin', []],
    ['not without a name', '', '/bin', []],
    ['not with bytes beyond ASCII', '/bin/\xe9', '/bin', []],
  ])('looks %s', (_, file, path, paths) => {
    expect(programPaths(file, path)).toEqual(paths)
  })
})
