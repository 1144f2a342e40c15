import { expect } from 'vitest'
import { describeErrno } from '../../../src/kernel/errno.ts'
import { type NsxOptions, runNsx } from './nsx.ts'
import { runTool } from './seen.ts'

/** A step of docs/schema/enter.schema.json and run.schema.json. */
export interface ShownStep {
  readonly what: string
  readonly optional: boolean
  readonly outcome: 'works' | 'fails' | 'unknown'
  readonly errno: string | null
  readonly why: string | null
  readonly hint: string | null
}

export interface Refusal {
  /** What nsx says when it really fails: what and why, and what would work. */
  readonly lines: readonly string[]
  /** The first step of which `--dry-run` said that it fails, or may fail. */
  readonly foretold: ShownStep | null
  readonly dryCode: number | null
}

export interface RefusedOptions extends NsxOptions {
  /** The words of nsx without `enter` or `run`, as the process that is to run them. */
  readonly nsx?: (...words: readonly string[]) => string[]
}

const COMMAND = ['--', '/bin/true']

/** Asks nsx what would become of it, and then does it; it must end with 125 without a command. */
export async function refusalOf(
  words: readonly string[],
  { nsx, ...options }: RefusedOptions = {},
): Promise<Refusal> {
  const run = (more: readonly string[]) =>
    nsx ? runTool(nsx(...words, ...more), options) : runNsx([...words, ...more], options)
  const dry = await run(['--dry-run', '--json', ...COMMAND])
  const real = await run(COMMAND)
  expect(real, real.stderr).toMatchObject({ code: 125, stdout: '' })
  const document: { steps?: readonly ShownStep[]; error?: object } = JSON.parse(dry.stdout)
  const { steps = [] } = document
  const foretold =
    steps.find(({ outcome, optional }) => outcome === 'fails' && !optional) ??
    steps.find(({ outcome }) => outcome === 'unknown') ??
    null
  return { lines: real.stderr.trimEnd().split('\n'), foretold, dryCode: dry.code }
}

/** It was said beforehand, in the same words. */
export function expectForetold(
  { lines, foretold, dryCode }: Refusal,
  outcome: 'fails' | 'unknown' = 'fails',
): void {
  const { what, errno, why, hint } = foretold ?? {}
  expect(foretold).toMatchObject({ outcome })
  expect(dryCode).toBe(outcome === 'fails' ? 125 : 0)
  const words = errno ? describeErrno(errno) : ''
  expect(lines.slice(-2)).toEqual([`nsx: cannot ${what}: ${words}: ${why}`, `  ${hint}`])
}
