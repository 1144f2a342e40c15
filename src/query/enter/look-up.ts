import type { EnterFacts } from '../../model/enter-facts.ts'
import type { Advice, Forecast } from '../../model/exec-plan.ts'
import type { SeenFiles } from '../../model/seen-files.ts'
import { WORKS } from '../forecast/capability.ts'
import type { Refusal } from '../forecast/files.ts'

/** What was looked at; of what is not below the root that the command will have, nothing is known. */
export function seenFiles({ files }: EnterFacts, elsewhere: boolean): SeenFiles | null {
  if (files === null || files.elsewhere === elsewhere) return files
  return { elsewhere, certain: false, at: new Map() }
}

/** In the words in which the refusal will be told. */
export function lookUpForecast(refusal: Refusal | null, advice: readonly Advice[]): Forecast {
  const told = advice.find(({ errno }) => errno === refusal?.errno)
  if (!refusal || !told) return WORKS
  const { why, hint } = told
  return { outcome: refusal.certain ? 'fails' : 'unknown', errno: refusal.errno, why, hint }
}
