import { expect, it } from 'vitest'
import { passwdEntryOf } from '../../src/kernel/passwd.ts'

const PASSWD = [
  'root:x:0:0:root:/root:/bin/bash',
  'toor:x:0:0::/elsewhere:/bin/sh',
  '# a comment',
  'short:x:5',
  'odd:x:five:5::/:/bin/sh',
  'long:x:6:6::/:/bin/sh:more',
  'web:x:33:33:a:/var/www:',
].join('\n')

it('is the first line of a uid', () => {
  expect(passwdEntryOf(PASSWD, 0)).toEqual({ name: 'root', home: '/root', shell: '/bin/bash' })
  expect(passwdEntryOf(PASSWD, 33)).toEqual({ name: 'web', home: '/var/www', shell: '' })
})

it.each([5, 6, 7])('makes nothing of uid %i, whose line is broken or missing', (uid) => {
  expect(passwdEntryOf(PASSWD, uid)).toBeNull()
})
