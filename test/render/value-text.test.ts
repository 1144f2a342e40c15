import { expect, it } from 'vitest'
import { valueText } from '../../src/render/value-text.ts'

it.each([
  [null, '-'],
  ['', '-'],
  [0, '0'],
  [false, 'false'],
  [[], '-'],
  [['a', 'b'], 'a, b'],
  [
    { address: '10.0.0.1/8', scope: null, up: true, down: false, mtu: 1500 },
    'address 10.0.0.1/8, up, mtu 1500',
  ],
  [{ inner: { a: 1 } }, 'inner a 1'],
  [{}, '-'],
])('writes %j as %j', (value, text) => {
  expect(valueText(value)).toBe(text)
})
