import { EXIT, NsxError } from '../errors.ts'
import type { PidRow, PidView } from './translate-pid.ts'

/**
 * One number for each row, for scripts: what the asker calls the process, else what we do.
 *
 * @throws NsxError where one of them has none, or it is not known: then nothing is to be printed at all
 */
export function pidAnswers(view: PidView): number[] {
  return view.pids.map((row) => pidAnswer(view, row))
}

function pidAnswer({ in: asker }: PidView, row: PidRow): number {
  const { subject, inside, unknown, target } = row
  if (asker === null) return subject.tid ?? subject.pid
  if (inside !== null) return inside
  const seen = `process ${subject.tid ?? subject.pid}`
  if (unknown.includes('inside')) {
    throw new NsxError(`what ${asker.target} calls ${seen} cannot be told`, {
      code: 'unknown-number',
      exitCode: EXIT.incomplete,
      target,
      hint: 'one of their PID namespaces is not readable: run it as root, sudo nsx',
    })
  }
  throw new NsxError(`${asker.target} does not see ${seen}`, {
    code: 'no-number',
    exitCode: EXIT.noTarget,
    target,
    hint: 'it is neither in its PID namespace nor below of it; nsx pid without --in shows where it is',
  })
}
