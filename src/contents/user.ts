import { type IdMapLine, parseIdMap } from '../kernel/id-map.ts'
import { latin1Of } from './answers.ts'
import { comparable, compareFields, compareLists } from './compare.ts'
import type { Contents, ContentsType } from './contents.ts'

export interface UserContents extends Contents {
  readonly type: 'user'
  /** Empty: not written yet; ids are numbered as the reader's user namespace sees them. */
  readonly uidMap: readonly IdMapLine[]
  readonly gidMap: readonly IdMapLine[]
  readonly projidMap: readonly IdMapLine[]
  /** Whether setgroups(2) is permitted in it; null: the kernel has no such switch (before 3.19). */
  readonly setgroups: 'allow' | 'deny' | null
}

const MAPS = ['uidMap', 'gidMap', 'projidMap'] as const

export const userContents: ContentsType<UserContents> = {
  type: 'user',
  needs: {
    uidMap: { from: 'process', file: 'uid_map' },
    gidMap: { from: 'process', file: 'gid_map' },
    projidMap: { from: 'process', file: 'projid_map' },
    setgroups: { from: 'process', file: 'setgroups' },
  },
  parse(answers) {
    const map = (name: string): IdMapLine[] | null => {
      const text = latin1Of(answers, name)
      return text === null ? null : parseIdMap(text)
    }
    const [uidMap, gidMap, projidMap] = [map('uidMap'), map('gidMap'), map('projidMap')]
    const text = latin1Of(answers, 'setgroups')?.trimEnd()
    const setgroups = text === 'allow' || text === 'deny' ? text : null
    const lacking = answers.setgroups === 'ENOENT'
    return {
      type: 'user',
      uidMap: uidMap ?? [],
      gidMap: gidMap ?? [],
      projidMap: projidMap ?? [],
      setgroups,
      unknown: [
        ...(uidMap ? [] : ['uidMap']),
        ...(gidMap ? [] : ['gidMap']),
        ...(projidMap ? [] : ['projidMap']),
        ...(setgroups || lacking ? [] : ['setgroups']),
      ],
    }
  },
  summarise(contents) {
    const { uidMap, gidMap, setgroups, unknown } = contents
    if (unknown.includes('uidMap')) return ''
    const alike = JSON.stringify(uidMap) === JSON.stringify(gidMap) || unknown.includes('gidMap')
    return [
      `uid ${formatMap(uidMap)}`,
      ...(alike ? [] : [`gid ${formatMap(gidMap)}`]),
      ...(setgroups === 'deny' ? ['setgroups denied'] : []),
    ].join(', ')
  },
  compare(a, b) {
    const known = comparable(a, b)
    const maps = MAPS.flatMap((field) =>
      compareLists<IdMapLine>(
        {
          ...{ known, path: [field], within: field, whole: () => true },
          key: ({ inside }) => String(inside),
          fields: ['inside', 'outside', 'count'],
        },
        a[field],
        b[field],
      ),
    )
    return [...maps, ...compareFields({ known }, [a, b], ['setgroups'])]
  },
  describe: (_, value) => formatLine(value as IdMapLine),
}

const SHOWN = 3

function formatMap(lines: readonly IdMapLine[]): string {
  if (lines.length === 0) return 'not mapped'
  const shown = lines.slice(0, SHOWN).map(formatLine)
  return lines.length > SHOWN ? `${shown.join(' ')} …` : shown.join(' ')
}

function formatLine({ inside, outside, count }: IdMapLine): string {
  if (inside === 0 && outside === 0 && count === 0xffff_ffff) return '0→0 (all)'
  return `${inside}→${outside ?? '?'} (${count})`
}
