import { expect, it } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { isSelected, type Selection } from '../../src/model/selection.ts'

const all: Selection = {
  types: new Set(NS_TYPE_NAMES),
  only: null,
  ofTask: null,
  persistent: false,
}
const ns = { type: 'net', inum: 5, id: '7', members: [1] } as const
const only = (inums: number[], ids: string[] = []) => ({ inums: new Set(inums), ids: new Set(ids) })

it.each<[string, Partial<Selection>, boolean]>([
  ['everything is asked', {}, true],
  ['its type is asked', { types: new Set(['net']) }, true],
  ['another type is asked', { types: new Set(['uts']) }, false],
  ['its inode is named', { only: only([4, 5]) }, true],
  ['its id is named', { only: only([], ['7']) }, true],
  ['others are named', { only: only([4], ['8']) }, false],
  ['nothing is named any more', { only: only([]) }, false],
  ['the task is in it', { ofTask: new Set([5]) }, true],
  ['the task is elsewhere', { ofTask: new Set([4]) }, false],
  ['only those without members are asked', { persistent: true }, false],
])('a namespace with a member, when %s: %s', (_, selection, selected) => {
  expect(isSelected(ns, { ...all, ...selection })).toBe(selected)
})

it('takes a namespace without members for persistent', () => {
  expect(isSelected({ ...ns, members: [] }, { ...all, persistent: true })).toBe(true)
})

it('does not match a namespace without id by an id', () => {
  expect(isSelected({ ...ns, id: null }, { ...all, only: only([], ['null']) })).toBe(false)
})
