import { describe, expect, it } from 'vitest'
import type { FileKind, SeenFiles } from '../../../src/model/seen-files.ts'
import { directoryRefusal, programRefusal } from '../../../src/query/forecast/files.ts'

function seen(at: Readonly<Record<string, FileKind>>, certain = true): SeenFiles {
  return { elsewhere: false, certain, at: new Map(Object.entries(at)) }
}

describe('programRefusal', () => {
  const refusal = (first: FileKind, second: FileKind, certain = true) =>
    programRefusal('x', '/a:/b', seen({ '/a/x': first, '/b/x': second }, certain))

  it('is none where there may be a program', () => {
    expect(refusal('missing', 'program')).toBe(null)
    expect(programRefusal('x', '/a', null)).toBe(null)
    expect(programRefusal('./x', '/a', seen({}))).toBe(null)
  })

  it('is certain where all places were looked at', () => {
    expect(refusal('missing', 'missing')).toEqual({ errno: 'ENOENT', certain: true })
    expect(refusal('missing', 'directory')).toEqual({ errno: 'EACCES', certain: true })
    expect(refusal('file', 'missing')).toEqual({ errno: 'EACCES', certain: true })
  })

  it('is none too certain where one was not, or the root may be another', () => {
    expect(refusal('missing', 'unknown')).toEqual({ errno: 'ENOENT', certain: false })
    expect(refusal('missing', 'missing', false)).toEqual({ errno: 'ENOENT', certain: false })
    expect(programRefusal('x', '/c', seen({}))).toEqual({ errno: 'ENOENT', certain: false })
  })
})

describe('directoryRefusal', () => {
  it.each([
    ['directory', null],
    ['missing', { errno: 'ENOENT', certain: true }],
    ['file', { errno: 'ENOTDIR', certain: true }],
    ['unknown', { errno: 'ENOENT', certain: false }],
  ] as const)('of what is %s', (kind, refusal) => {
    expect(directoryRefusal('/d', seen({ '/d': kind }))).toEqual(refusal)
  })
})
