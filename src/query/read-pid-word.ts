import type { PidWord } from '../model/pid-facts.ts'
import { misuse } from './misuse.ts'
import { parseTarget, readTarget } from './parse-target.ts'

/** pids end here (PID_MAX_LIMIT of a 64-bit kernel, include/linux/threads.h). */
const PID_MAX_LIMIT = 4_194_304

/**
 * Reads a process whose pid is to be translated: any target, and `7@` before one that has a PID namespace
 * (`7@web`, `7@1234`, `7@pid:[4026532281]`).
 *
 * @throws NsxError (usage) for anything else
 */
export function readPidWord(text: string): PidWord {
  const [, digits, rest = ''] = /^(\d*)@(.*)$/s.exec(text) ?? []
  if (digits === undefined) return { text, target: parseTarget(text), pid: null }
  const pid = Number(digits)
  if (digits === '' || pid < 1 || pid > PID_MAX_LIMIT) {
    throw misuse('bad-target', `'${text}': ${digits === '' ? 'nothing' : digits} is no pid`, {
      target: text,
      hint: `write a number from 1 to ${PID_MAX_LIMIT} before the @: 7@web`,
    })
  }
  if (rest === '') throw nothingBehind(text, '7@web')
  const other = readTarget(rest)
  if (other && other.kind !== 'container') return { text, target: other, pid }
  return { text, target: parseTarget(text), pid: null }
}

/** `7@` alone. */
export function nothingBehind(text: string, example: string): Error {
  return misuse('bad-target', `'${text}' does not say where`, {
    target: text,
    hint: `name a process, a container or a namespace behind the @: ${example}`,
  })
}
