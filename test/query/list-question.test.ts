import { describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { NEEDS } from '../../src/model/need.ts'
import { arrangeRows, type ListWords, listQuestion } from '../../src/query/list-question.ts'
import { machineRows } from '../support/rows.ts'

const words: ListWords = {
  ...{ type: [], task: undefined, namespaces: [], persistent: false, filter: undefined },
  ...{ output: undefined, outputAll: false, sort: undefined, json: false },
}
const question = (some: Partial<ListWords>) => listQuestion({ ...words, ...some })

describe('listQuestion', () => {
  it('means all types where none is named', async () => {
    expect([...(await question({})).types]).toEqual(NS_TYPE_NAMES)
    expect([...(await question({ type: ['net', 'mnt'] })).types]).toEqual(['net', 'mnt'])
  })

  it.each([
    ['the columns shown', { output: 'NS,PID' }, ['leader']],
    ['nothing for columns that need nothing', { output: 'NS,TYPE,FLAG' }, []],
    ['the column it is sorted by', { output: 'NS', sort: 'NPROCS' }, ['members']],
    ['everything for a document', { output: 'NS', json: true }, [...NEEDS]],
    ['everything for a filter', { output: 'NS', filter: 'true' }, [...NEEDS]],
  ])('needs %s', async (_, some, needs) => {
    expect([...(await question(some)).needs]).toEqual(needs)
  })

  it.each([
    ['NPROCS', 'NPROCS', false],
    ['-NPROCS', 'NPROCS', true],
    ['-owner-uid', 'OWNER-UID', true],
  ])('sorts by %s', async (sort, name, descending) => {
    const { sort: meant } = await question({ sort })
    expect([meant?.column.name, meant?.descending]).toEqual([name, descending])
  })

  it.each([
    ['1', { kind: 'process', pid: 1 }],
    ['4194304', { kind: 'process', pid: 4194304 }],
    ['self', { kind: 'process', pid: 'self' }],
    ['docker:web', { kind: 'container', family: 'docker', name: 'web' }],
    ['7@web', { kind: 'inner', pid: 7 }],
  ])('takes %s for a task', async (task, meant) => {
    expect((await question({ task })).task).toMatchObject(meant)
  })

  it.each<[string, Partial<ListWords>, string]>([
    ['a type that there is not', { type: ['net', 'foo'] }, 'unknown-type'],
    ['an empty type', { type: [''] }, 'unknown-type'],
    ['a column that there is not', { output: 'FOO' }, 'unknown-column'],
    ['a column to sort by that there is not', { sort: '--NS' }, 'unknown-column'],
    ['a pid of 0', { task: '0' }, 'bad-target'],
    ['a negative pid', { task: '-1' }, 'bad-target'],
    ['an empty task', { task: '' }, 'bad-target'],
    ['a pid of eight digits', { task: '12345678' }, 'bad-pid'],
    ['a namespace for a task', { task: 'net:4026531840' }, 'bad-pid'],
    ['a name that is no namespace', { namespaces: ['web'] }, 'bad-namespace'],
    ['a filter that is none', { filter: 'ns.' }, 'bad-filter'],
  ])('refuses %s', async (_, some, code) => {
    await expect(question(some)).rejects.toMatchObject({ details: { code, exitCode: 2 } })
  })
})

describe('arrangeRows', () => {
  const rows = machineRows('pinned-net')

  it('filters and sorts, and says on how many rows the filter failed', async () => {
    const { filter, sort } = await question({ filter: 'ns.leader.pid > 1', sort: '-NS' })
    const arranged = arrangeRows(rows, { filter, sort })
    expect(arranged.rows.map(({ inum }) => inum)).toEqual([4026532406])
    expect(arranged.failed).toBe(6)
  })

  it('leaves the rows as they are where nothing is asked', () => {
    expect(arrangeRows(rows, { filter: null, sort: null })).toEqual({ rows, failed: 0 })
  })
})
