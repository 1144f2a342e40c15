import { EXIT, NsxError } from '../../errors.ts'
import { NS_TYPE_NAMES, type NsType } from '../../kernel/namespace-types.ts'
import type { Target } from '../../model/target.ts'
import { parseTypes } from '../list-question.ts'
import { misuse } from '../misuse.ts'
import { parseTarget } from '../parse-target.ts'

/** One namespace: named itself, or as that of a task. */
export interface WhyQuestion {
  readonly target: Target
  /** Null: not told. Of a task it is. */
  readonly type: NsType | null
}

/** @throws NsxError (usage) for the first word that is wrong. */
export function whyQuestion(word: string, type: string | undefined): WhyQuestion {
  const [named = null] = type === undefined ? [] : parseTypes([type])
  const target = parseTarget(word)
  const isTask = target.kind !== 'inum' && target.kind !== 'id' && target.kind !== 'path'
  if (isTask && named === null) {
    throw misuse('which-namespace', `${word} is in one namespace of each type: which is meant?`, {
      target: word,
      hint: `name its type, as in nsx why ${word} -t net (${NS_TYPE_NAMES.join(', ')})`,
    })
  }
  if (target.kind === 'inum' && target.type !== null) checkType(word, target.type, named)
  return { target, type: named }
}

/** @throws NsxError (usage) where another type was asked for than the namespace has. */
export function checkType(word: string, type: NsType, asked: NsType | null): void {
  if (asked === null || asked === type) return
  throw new NsxError(`${word} is a namespace of type ${type}, not ${asked}`, {
    ...{ code: 'excluded-type', exitCode: EXIT.usage, target: word },
    hint: `leave out --type: a namespace has only one`,
  })
}
