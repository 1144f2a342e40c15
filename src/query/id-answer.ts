import { EXIT, NsxError } from '../errors.ts'
import type { IdRow, IdView } from './translate-id.ts'

/**
 * One number for each word, for scripts: what the asker calls it, else what we do; of a process its effective id.
 *
 * @throws NsxError where one of them has none, or it is not known: then nothing is to be printed at all
 */
export function idAnswers(view: IdView): number[] {
  const rows = view.ids.filter(({ roles }) => roles.length === 0 || roles.includes('effective'))
  return rows.map((row) => idAnswer(view, row))
}

function idAnswer({ in: asker, kind }: IdView, row: IdRow): number {
  const { id, inside, unknown, target } = row
  const answer = asker === null ? id : inside
  if (answer !== null) return answer
  const who = asker ?? 'our user namespace'
  if (unknown.includes(asker === null ? 'id' : 'inside')) {
    throw new NsxError(`the ${kind} of ${target} in ${who} cannot be told`, {
      code: 'unknown-number',
      exitCode: EXIT.incomplete,
      target,
      hint: 'a map between the two is not readable, or no process shows it; sudo nsx may see more',
    })
  }
  throw new NsxError(`${target} has no ${kind} in ${who}: it is not mapped`, {
    code: 'no-number',
    exitCode: EXIT.noTarget,
    target,
    hint: `its files show as 65534 (nobody) there; nsx ${kind} without -q shows the maps`,
  })
}
