import { describe, expect, it } from 'vitest'
import { parseFilter } from '../../src/query/filter.ts'
import { namedRows } from '../support/rows.ts'

const rows = await namedRows('pinned-net')

async function matches(expression: string): Promise<{ inums: number[]; failed: number }> {
  const { rows: found, failed } = (await parseFilter(expression))(rows)
  return { inums: found.map(({ inum }) => inum), failed }
}

describe('a filter', () => {
  it.each([
    ['ns.type == "uts"', [4026531838, 4026532408]],
    ['ns.inum == 4026532401', [4026532401]],
    ['ns.type == "net" && ns.holderCounts.process > 3', [4026531833]],
    ['ns.type == "net" && ns.holderCounts.mount == 2', [4026532402]],
    ['ns.holders.exists(h, h.kind == "socket")', [4026532405, 4026532406]],
    ['ns.holders.exists(h, h.path == "/run/netns/blue")', [4026532401]],
    ['"owner" in ns.unknown', [4026532407]],
    ['ns.leader != null && ns.leader.comm == "sleep"', [4026532406]],
    ['ns.leader != null && ns.leader.args.size() > 1 && ns.leader.args[1] == "1d"', [4026532406]],
    ['ns.type == "net" && ns.id == "7403"', [4026532403]],
    ['ns.nsid == 1', [4026532406]],
    ['ns.container != null && ns.container.name == "busy"', [4026532406]],
    ['ns.parent == null && ns.ownerUid == 0', [4026531837]],
    ['true', rows.map(({ inum }) => inum)],
    ['false', []],
  ])('%s', async (expression, inums) => {
    expect(await matches(expression)).toEqual({ inums, failed: 0 })
  })

  it('counts the rows on which it failed, and does not match them', async () => {
    const { inums, failed } = await matches('ns.leader.pid == 4300')
    expect(inums).toEqual([4026532406])
    expect(failed).toBe(rows.filter(({ leader }) => leader === null).length)
  })

  it('counts a row for which the answer is no condition', async () => {
    expect((await matches('ns.leader')).failed).toBe(rows.length)
  })

  it('has integers of 64 bits', async () => {
    expect((await matches('ns.inum + 9007199254740993 == 9007203281272825 + 0')).failed).toBe(0)
    expect(
      (await matches('ns.inum == 4026531832 && 9007199254740993 > 9007199254740992')).inums,
    ).toEqual([4026531832])
  })

  it('cannot change a row', async () => {
    const before = JSON.stringify(rows)
    await matches('ns.holders.map(h, h.kind).size() >= 0')
    expect(JSON.stringify(rows)).toBe(before)
  })
})

describe('a wrong filter', () => {
  it.each([
    ['', /./],
    ['ns.type ==', /./],
    ['ns.type == "net', /./],
    ['ns.typo == "net"', /typo/],
    ['ns.holderCounts.processes > 1', /processes/],
    ['leader.pid == 1', /leader/],
    ['ns.type', /type string/],
    ['1 + 1', /type int/],
    ['ns.inum == "5"', /./],
    ['ns.type > 3', /./],
    ['nofunction(ns)', /nofunction/],
    ['ns.type == "net" ns', /./],
  ])('%j is a usage error', async (expression, message) => {
    await expect(parseFilter(expression)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      details: { code: 'bad-filter', exitCode: 2, target: expression },
    })
  })

  it('points at the place', async () => {
    await expect(parseFilter('true && ns.typo == "x"')).rejects.toThrow(
      /the filter is wrong at character \d+: true && ns.*-->/,
    )
  })

  it('is told on one line', async () => {
    await expect(parseFilter('true &&\n  ns.typo')).rejects.toMatchObject({
      message: expect.not.stringContaining('\n'),
    })
  })
})
