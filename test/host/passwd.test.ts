import { expect, it } from 'vitest'
import { parsePasswd } from '../../src/host/passwd.ts'

it('names uids, the first line of each counting', () => {
  const text = 'root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\nalice:x:1000:1000:::\n'
  expect([...parsePasswd(text)]).toEqual([
    [0, 'root'],
    [1000, 'alice'],
  ])
})

it.each(['', '\n\n', 'broken', ':x:1:1', 'a:x', 'a:x::1', 'a:x:-1:1', 'a:x:1.5:1', '# a:x:b:1'])(
  'passes over %j',
  (line) => {
    expect(parsePasswd(line).size).toBe(0)
  },
)
