import { parseNsPids } from '../kernel/ns-pids.ts'
import { latin1Of } from './answers.ts'
import { comparable, compareFields } from './compare.ts'
import type { Contents, ContentsType } from './contents.ts'

/** What a PID namespace has inside are processes, and the Snapshot lists these; here is where it stands. */
export interface PidContents extends Contents {
  readonly type: 'pid'
  /** Levels below the PID namespace of the procfs: 0 is that one itself; null: unknown. */
  readonly level: number | null
  /**
   * The pids of the process through which it was read, from the procfs's level down to its own in this
   * namespace: no content of the namespace, so never compared.
   */
  readonly pids: readonly number[]
}

export const pidContents: ContentsType<PidContents> = {
  type: 'pid',
  needs: { status: { from: 'process', file: 'status' } },
  parse(answers) {
    const text = latin1Of(answers, 'status')
    const pids = text === null ? null : parseNsPids(text)
    return {
      type: 'pid',
      level: pids && pids.length - 1,
      pids: pids ?? [],
      unknown: pids ? [] : ['level', 'pids'],
    }
  },
  summarise({ level, pids }) {
    if (level === null) return ''
    return level === 0 ? 'level 0' : `level ${level}, pid ${pids.at(-1)} inside`
  },
  compare: (a, b) => compareFields({ known: comparable(a, b) }, [a, b], ['level']),
}
