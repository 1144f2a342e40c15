import { describe, expect, it } from 'vitest'
import { NsxError } from '../../src/errors.ts'
import { parseSubids } from '../../src/kernel/subid-grants.ts'
import { idAnswers } from '../../src/query/id-answer.ts'
import { pidAnswers } from '../../src/query/pid-answer.ts'
import { hostWithFiles, idsOf, pidsOf } from '../support/translations.ts'

const nested = (files = {}) => hostWithFiles('nested-user', files)

describe('the pids of a process', () => {
  it('are told for each PID namespace, from ours down', async () => {
    const { view } = await pidsOf(nested(), ['3200'])
    expect(view.pids[0]?.levels.map(({ pid, ns, init }) => [pid, ns?.inum, init])).toEqual([
      [3200, 4026531836, 1],
      [5, 4026532503, 3000],
      [1, 4026532523, 3200],
    ])
  })

  it.each([
    ['3200', '3000', 5],
    ['3200', '3200', 1],
    ['3200', '1', 3200],
    ['3000', '3200', null],
    ['3000', 'pid:[4026532503]', 1],
  ])('%s as %s sees it', async (word, within, inside) => {
    const { view } = await pidsOf(nested(), [word], within)
    expect(view.pids[0]).toMatchObject({ inside, unknown: [] })
  })

  it('are found by what another PID namespace calls them', async () => {
    for (const word of ['5@3000', '1@3200', '5@pid:[4026532503]', '3200@self', '3200@1']) {
      const { view } = await pidsOf(nested(), [word])
      expect(view.pids[0]?.subject.pid).toBe(3200)
    }
    await expect(pidsOf(nested(), ['9@3000'])).rejects.toThrow('3000 sees no process 9')
  })

  it('cannot be told for others where nsfs cannot be asked', async () => {
    const host = hostWithFiles('nested-user', {}, { nsfs: false })
    const { view } = await pidsOf(host, ['3200'], '3000')
    expect(view.pids[0]).toMatchObject({ inside: null, unknown: ['inside'] })
    expect(() => pidAnswers(view)).toThrow('what 3000 calls process 3200 cannot be told')
  })

  it('are one number each for a script, or none at all', async () => {
    expect(pidAnswers((await pidsOf(nested(), ['3200', '3000'])).view)).toEqual([3200, 3000])
    expect(pidAnswers((await pidsOf(nested(), ['3200', '3000'], '3000')).view)).toEqual([5, 1])
    const { view } = await pidsOf(nested(), ['3200', '1'], '3000')
    expect(() => pidAnswers(view)).toThrow(NsxError)
  })
})

describe('an id', () => {
  const FILES = {
    '/etc/passwd': 'root:x:0:0::/:/bin/sh\nann:x:1000:1000::/:/bin/sh\n',
    '/etc/subuid': 'ann:100000:65536\nbob:165536:10\n',
  }

  it.each([
    ['0@3000', 1000],
    ['0@3200', 100_000],
    ['65535@3200', 165_535],
    ['65536@3200', null],
    ['70000@3200', null],
    ['1@3000', null],
    ['1000@1', 1000],
    ['0@user:[4026532521]', 100_000],
  ])('%s is %s here', async (word, id) => {
    const { view } = await idsOf(nested(FILES), [word])
    expect(view.ids[0]).toMatchObject({ id })
  })

  it.each([
    ['1000', '3000', 0],
    ['ann', '3000', 0],
    ['100005', '3200', 5],
    ['0', '3200', null],
    ['5@3200', '3000', null],
    ['0@3000', 'user:[4026532501]', 0],
  ])('%s as %s calls it', async (word, within, inside) => {
    const { view } = await idsOf(nested(FILES), [word], { within })
    expect(view.ids[0]).toMatchObject({ inside })
  })

  it('is of whoever may map it', async () => {
    const { view } = await idsOf(nested(FILES), ['65535@3200', '0@3000'])
    expect(view.ids.map(({ grants }) => grants)).toEqual([
      [{ owner: 'ann', first: 100_000, count: 65_536 }],
      [],
    ])
  })

  it('is not known between where no process shows the map', async () => {
    const { view } = await idsOf(nested(FILES), ['0@3200'])
    expect(view.ids[0]?.levels.map(({ id, unknown }) => [id, unknown.includes('id')])).toEqual([
      [100_000, false],
      [null, false],
      [null, true],
      [0, false],
    ])
  })

  it('of a process is told once, with all that it is to it', async () => {
    const { view } = await idsOf(nested(FILES), ['3200'])
    expect(view.ids.map(({ roles, id }) => [roles, id])).toEqual([
      [['real', 'effective', 'saved', 'fs'], 100_000],
    ])
    const groups = await idsOf(nested(FILES), ['3200'], { kind: 'gid' })
    expect(groups.view.ids[0]?.roles).toEqual(['real', 'effective', 'saved', 'fs', 'group'])
  })

  it('is one number for a script, or none at all', async () => {
    const { view } = await idsOf(nested(FILES), ['0@3200', '3000'])
    expect(idAnswers(view)).toEqual([100_000, 1000])
    const none = await idsOf(nested(FILES), ['0@3200', '1@3000'])
    expect(() => idAnswers(none.view)).toThrow('1@3000 has no uid in our user namespace')
  })

  it('by a name is only one of ours', async () => {
    await expect(idsOf(nested(FILES), ['eve'], { within: '3000' })).rejects.toThrow(
      'there is no uid eve: /etc/passwd does not name it',
    )
    await expect(idsOf(nested(), ['eve'], { within: '3000' })).rejects.toThrow('cannot be read')
  })

  it('is asked of a user namespace alone', async () => {
    await expect(idsOf(nested(), ['0@net:[4026532502]'])).rejects.toThrow(
      'net:[4026532502] is a namespace of type net: it has no ids',
    )
    await expect(idsOf(nested(), ['user:[4026532501]'])).rejects.toThrow('which id is meant?')
  })
})

describe('the ranges of /etc/subuid', () => {
  it('are read line by line, what is no such line is passed over', () => {
    const text = 'ann:100000:65536\n#bob:1:1\n1000:5:1\nx:1\n:1:1\neve:1:0\neve:a:1\n'
    expect(parseSubids(text)).toEqual([
      { owner: 'ann', first: 100_000, count: 65_536 },
      { owner: '1000', first: 5, count: 1 },
    ])
  })
})
