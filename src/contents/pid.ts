import { isGone } from '../kernel/errno.ts'
import { parseNsPids } from '../kernel/ns-pids.ts'
import { latin1Of } from './answers.ts'
import { comparable, compareFields } from './compare.ts'
import type { Answers, Contents, ContentsType } from './contents.ts'

/** What a PID namespace has inside are processes, and the Snapshot lists these; here is where it stands. */
export interface PidContents extends Contents {
  readonly type: 'pid'
  /** Levels below the PID namespace of the procfs: 0 is that one itself; null: unknown. */
  readonly level: number | null
  /**
   * Its first process, as the reader numbers it; null: that has ended, and with it all others, nor can any
   * be born (pid_namespaces(7)).
   */
  readonly init: number | null
  /**
   * The pids of the process through which it was read, from the procfs's level down to its own in this
   * namespace: no content of the namespace, so never compared.
   */
  readonly pids: readonly number[]
}

export const pidContents: ContentsType<PidContents> = {
  type: 'pid',
  needs: {
    status: { from: 'process', file: 'status' },
    init: { from: 'numbered', pid: 1 },
  },
  parse(answers) {
    const text = latin1Of(answers, 'status')
    const pids = text === null ? null : parseNsPids(text)
    const init = latin1Of(answers, 'init')
    const isTold = init !== null || hasNoInit(answers)
    return {
      type: 'pid',
      level: pids && pids.length - 1,
      init: init === null ? null : Number(init),
      pids: pids ?? [],
      unknown: [...(pids ? [] : ['level', 'pids']), ...(isTold ? [] : ['init'])],
    }
  },
  summarise({ level, init, pids, unknown }) {
    const own = pids.at(-1)
    return [
      ...(level === null ? [] : [`level ${level}`]),
      ...(level ? [`pid ${own} inside`] : []),
      ...(init === null || level === 0 || own === 1 ? [] : [`init is ${init}`]),
      ...(init !== null || unknown.includes('init') ? [] : ['its init has ended']),
    ].join(', ')
  },
  compare: (a, b) => compareFields({ known: comparable(a, b) }, [a, b], ['level']),
}

function hasNoInit({ init }: Answers): boolean {
  return typeof init === 'string' && isGone(init)
}
