import type { RunRequest } from '../model/run-request.ts'
import { misuse } from './misuse.ts'
import type { RunWords } from './read-run-request.ts'
import { readWord } from './read-value.ts'

/** Where the kernel's own is mounted (binfmt_misc of a procfs). */
const PROC = '/proc'
const BINFMT = '/proc/sys/fs/binfmt_misc'

/** binfmt_misc lies in a procfs, which must be a new one, too, unless it is told where. */
export function readMounts(
  words: RunWords,
): Pick<RunRequest, 'mountProc' | 'mountBinfmt' | 'loadInterpreter'> {
  const { 'mount-proc-from': proc, 'mount-binfmt-from': binfmt, 'load-interp': spec } = words
  const isBinfmt = words['mount-binfmt'] || spec !== undefined
  const isProc = words['mount-proc'] || (isBinfmt && binfmt === undefined)
  return {
    mountProc: isProc ? readWord(proc ?? PROC, '--mount-proc', 'a directory') : null,
    mountBinfmt: isBinfmt ? readWord(binfmt ?? BINFMT, '--mount-binfmt', 'a directory') : null,
    loadInterpreter: spec === undefined ? null : readSpec(spec),
  }
}

/** `:name:type:offset:magic:mask:interpreter:flags`, whose first character separates all of them. */
function readSpec(text: string): string {
  const separator = text.charAt(0)
  if (separator !== '' && text.split(separator).length === 8) return text
  throw misuse('bad-interpreter', `--load-interp ${text}: that is no registration`, {
    target: '--load-interp',
    hint: 'write :NAME:TYPE:OFFSET:MAGIC:MASK:INTERPRETER:FLAGS, as for binfmt_misc',
  })
}
