import { describe, expect, it } from 'vitest'
import { idOf } from '../../src/cli/id-names.ts'

const PASSWD = 'root:x:0:0:root:/root:/bin/sh\n+nis\nbroken:x:\nada:x:1000:5::/:\nada:x:7:7::/:\n'

describe('idOf', () => {
  it.each([
    ['root', 0],
    ['ada', 1000],
    ['broken', null],
    ['+nis', null],
    ['nobody', null],
    ['', null],
  ])('of %j is %j', (name, id) => {
    expect(idOf(name, PASSWD)).toBe(id)
  })
})
