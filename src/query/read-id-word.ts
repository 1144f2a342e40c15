import type { IdKind, IdWord } from '../model/id-facts.ts'
import { misuse } from './misuse.ts'
import { parseTarget } from './parse-target.ts'
import { nothingBehind } from './read-pid-word.ts'

/** (uid_t)-1 means "none". */
const MOST_IDS = 0xffff_fffe

/**
 * Reads what is to be translated: `1000@web`; a process; and where somebody is asked what it calls them, an
 * id or a name of ours.
 *
 * @throws NsxError (usage)
 */
export function readIdWord(text: string, kind: IdKind, { asked }: { asked: boolean }): IdWord {
  const [, digits, rest] = /^(\d+)@(.*)$/s.exec(text) ?? []
  if (digits !== undefined && rest !== undefined) {
    if (rest === '') throw nothingBehind(text, '1000@web')
    return { text, id: readId(digits, kind), target: parseTarget(rest) }
  }
  if (!asked) return { text, id: null, target: parseTarget(text) }
  if (/^\d+$/.test(text)) return { text, id: readId(text, kind), target: null }
  // Names as useradd(8) and groupadd(8) allow them, and a few more.
  if (/^[^\s:/@,-][^\s:/@,]*$/.test(text)) return { text, id: text, target: null }
  throw misuse('bad-id', `'${text}' is neither a ${kind} nor a name`, {
    target: text,
    hint: `write a number, a name, or ${kind === 'uid' ? '1000' : '100'}@TARGET`,
  })
}

function readId(digits: string, kind: IdKind): number {
  const id = Number(digits)
  if (digits.length <= 10 && id <= MOST_IDS) return id
  throw misuse('bad-id', `${digits} is no ${kind}`, {
    target: digits,
    hint: `ids go from 0 to ${MOST_IDS}`,
  })
}
