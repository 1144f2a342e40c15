import { EXIT, NsxError } from '../errors.ts'
import { safeText } from '../render/safe-text.ts'
import type { Invocation } from './argv.ts'
import { failureStatus } from './command-status.ts'
import { documentText } from './document-text.ts'
import { usageError } from './usage.ts'

/** `schema nsx.error/1` without its envelope. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly hint: string | null
  readonly target: string | null
  readonly errno: string | null
  readonly exitCode: number
}

/** Whatever was thrown, as an answer: a mistake of the user's, a refusal of the system's, a bug. */
export function failureOf(error: unknown, command: string | undefined): Failure {
  const { message, details } = nsxError(error, command)
  return {
    code: details.code,
    message,
    hint: details.hint ?? null,
    target: details.target ?? null,
    errno: details.errno ?? null,
    exitCode: failureStatus(details.exitCode, command),
  }
}

/** Two lines, whatever a process or an argument wrote into the message. */
export function failureText({ message, hint }: Failure): string {
  const lines = [`nsx: ${message}`, ...(hint === null ? [] : [`  ${hint}`])]
  return lines.map((line) => `${safeText(line)}\n`).join('')
}

export function failureDocument(failure: Failure, { command }: Invocation): string {
  return documentText({ schema: 'nsx.error/1', command: command ?? null, error: failure })
}

function nsxError(error: unknown, command: string | undefined): NsxError {
  if (error instanceof NsxError) return error
  if (isOclifError(error)) return usageOf(error, command)
  const message = error instanceof Error ? error.message : String(error)
  return new NsxError(`internal error: ${message}`, {
    code: 'internal',
    exitCode: EXIT.bug,
    hint: 'this is a bug in nsx; run it again with DEBUG=1 to see where',
  })
}

/** What oclif's parser throws. Its classes are not exported and a bundler renames them. */
interface OclifError extends Error {
  readonly oclif: { readonly exit?: number }
  /** Of a RequiredArgsError the arguments' definitions, of an UnexpectedArgsError the words. */
  readonly args?: readonly (string | { readonly name: string })[]
}

function isOclifError(error: unknown): error is OclifError {
  return error instanceof Error && 'oclif' in error
}

function usageOf(error: OclifError, command: string | undefined): NsxError {
  const [first] = error.args ?? []
  if (typeof first === 'string') {
    return usageError(`unexpected argument ${first}`, 'unexpected-argument', {
      command,
      target: first,
    })
  }
  if (first !== undefined) {
    const name = first.name.toUpperCase()
    return usageError(`${name} is missing`, 'missing-argument', { command, target: name })
  }
  const [line = ''] = error.message.replaceAll('\0', '').split('\n')
  return usageError(line.charAt(0).toLowerCase() + line.slice(1), 'usage', { command })
}
