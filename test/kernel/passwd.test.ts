import { expect, it } from 'vitest'
import { passwdEntryOf } from '../../src/kernel/passwd.ts'

const PASSWD = [
  'root:x:0:0:root:/root:/bin/bash',
  'toor:x:0:0::/elsewhere:/bin/sh',
  '# a comment',
  'short:x:5',
  'odd:x:five:5::/:/bin/sh',
  'long:x:6:6::/:/bin/sh:more',
  'nul:x:8:8::/a\0b:/bin/sh',
  `vast:x:9:9::/${'a'.repeat(5000)}:/bin/sh`,
  'web:x:33:33:a:/var/www:',
].join('\n')

it('is the first line of a uid', () => {
  expect(passwdEntryOf(PASSWD, 0)).toEqual({ name: 'root', home: '/root', shell: '/bin/bash' })
  expect(passwdEntryOf(PASSWD, 33)).toEqual({ name: 'web', home: '/var/www', shell: '' })
})

it.each([5, 6, 7, 8, 9])('makes nothing of uid %i, whose line is missing or of no use', (uid) => {
  expect(passwdEntryOf(PASSWD, uid)).toBeNull()
})
