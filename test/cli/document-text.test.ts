import fc from 'fast-check'
import { expect, it } from 'vitest'
import { documentText } from '../../src/cli/document-text.ts'

it('escapes what steers a terminal or reorders text', () => {
  expect(documentText({ text: 'a\u009b\u007f\u202e\u2028\u2066é' })).toBe(
    '{\n  "text": "a\\u009b\\u007f\\u202e\\u2028\\u2066é"\n}\n',
  )
})

it('gives a field a line, and each element of a list', () => {
  expect(documentText({ a: { b: 1 }, rows: [{ c: 2 }, { c: 3 }], none: [] })).toBe(
    '{\n  "a": {"b":1},\n  "rows": [\n    {"c":2},\n    {"c":3}\n  ],\n  "none": []\n}\n',
  )
})

it('is the same value to whoever reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
      const document = { value, text }
      expect(JSON.parse(documentText(document))).toEqual(JSON.parse(JSON.stringify(document)))
    }),
  )
})
