import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { formatNsLink, parseNsLink } from '../../src/kernel/ns-link.ts'
import { anyText } from '../support/any-text.ts'

describe('parseNsLink', () => {
  it.each([
    ['net:[4026531840]', { type: 'net', inum: 4026531840 }],
    ['mnt:[1]', { type: 'mnt', inum: 1 }],
    ['time:[4294967295]', { type: 'time', inum: 4294967295 }],
  ])('reads %j', (text, link) => {
    expect(parseNsLink(text)).toEqual(link)
  })

  it.each([
    '',
    '/',
    'net',
    'net:',
    'net:[]',
    'net:[0]',
    'net:[4294967296]',
    'net:[99999999999]',
    'net:[-1]',
    'net:[1.5]',
    'net:[0x10]',
    'net:[ 1]',
    'net:[1] ',
    ' net:[1]',
    'net:[1]\n',
    'net:[1',
    'net:1]',
    'NET:[1]',
    'foo:[1]',
    'pid_for_children:[1]',
    'socket:[123]',
    'pipe:[123]',
    'anon_inode:[eventfd]',
    '/proc/1/ns/net',
    'net:[1] (deleted)',
  ])('guesses nothing of %j', (text) => {
    expect(parseNsLink(text)).toBeNull()
  })

  it('reads what formatNsLink wrote', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...NS_TYPE_NAMES),
        fc.integer({ min: 1, max: 0xffff_ffff }),
        (type, inum) => {
          expect(parseNsLink(formatNsLink(type, inum))).toEqual({ type, inum })
        },
      ),
    )
  })

  it('never throws', () => {
    fc.assert(fc.property(anyText, (text) => void parseNsLink(text)))
  })
})
