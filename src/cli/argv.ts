import type { NsxError } from '../errors.ts'
import { type FlagRow, rowsOf } from './flag-table.ts'
import { usageError } from './usage.ts'

/** A command line, read as getopt_long(3) would, in words that oclif's parser understands. */
export interface Invocation {
  readonly command: string | undefined
  /** Flags and arguments of the command; from the first `--` on exactly as given. */
  readonly args: readonly string[]
  readonly help: boolean
  readonly version: boolean
  readonly json: boolean
  readonly color: boolean | undefined
  /** The first mistake. Help and the version are given all the same. */
  readonly problem: NsxError | undefined
}

/** Flags that the looking commands share may also stand in front of the command. */
export function readArgv(argv: readonly string[]): Invocation {
  const at = expandFlags(argv, rowsOf()).operands[0] ?? argv.length
  const command = argv[at]
  const { args, given, problem } = expandFlags(argv.toSpliced(at, 1), rowsOf(command), command)
  return {
    command,
    args,
    help: given.has('help'),
    version: given.has('version'),
    json: given.has('json'),
    color: given.get('color'),
    problem,
  }
}

export interface Expansion {
  readonly args: readonly string[]
  /** Where in the input the arguments stand that are neither flags nor their values. */
  readonly operands: readonly number[]
  /** The flags that were given, and whether they were switched on. */
  readonly given: ReadonlyMap<string, boolean>
  readonly problem: NsxError | undefined
}

/**
 * Spells every flag as `--name` with its value in the next word: clusters are taken apart, and
 * `--X=V` of an optional-value flag becomes `--X --X-from V`.
 */
export function expandFlags(
  words: readonly string[],
  rows: readonly FlagRow[],
  command?: string,
): Expansion {
  const args: string[] = []
  const operands: number[] = []
  const given = new Map<string, boolean>()
  let problem: NsxError | undefined
  let at = 0

  const fail = (message: string, code: string, flag: string) => {
    const candidates = code === 'unknown-flag' ? longNames(rows) : []
    problem ??= usageError(message, code, { target: flag, candidates, command })
  }

  const accept = (row: FlagRow, flag: string, value: string | undefined) => {
    given.set(row.name, true)
    args.push(`--${row.name}`)
    if (row.kind === 'value') {
      const taken = value ?? nextWord()
      if (taken === undefined) fail(`${flag} needs a value`, 'missing-value', flag)
      else args.push(guardValue(taken))
    } else if (value !== undefined) {
      if (row.kind === 'optional-value') args.push(`--${row.name}-from`, guardValue(value))
      else fail(`${flag} takes no value`, 'unexpected-value', flag)
    }
  }

  const nextWord = () => (words[at + 1] === '--' ? undefined : words[++at])

  const acceptLong = (word: string) => {
    const [flag, value] = splitOnce(word)
    const row = rows.find(({ name }) => flag === `--${name}`)
    const negated = rows.find(({ name, negatable }) => negatable && flag === `--no-${name}`)
    if (row) accept(row, flag, value)
    else if (!negated) fail(`unknown flag ${flag}`, 'unknown-flag', flag)
    else if (value !== undefined) fail(`${flag} takes no value`, 'unexpected-value', flag)
    else {
      given.set(negated.name, false)
      args.push(flag)
    }
  }

  const acceptCluster = (word: string) => {
    for (let index = 1; index < word.length; index++) {
      const letter = word.charAt(index)
      const rest = word.slice(index + 1)
      const row = rows.find(({ char }) => char === letter)
      if (!row) return fail(`unknown flag -${letter}`, 'unknown-flag', `-${letter}`)
      const value = clusterValue(row, rest)
      accept(row, `-${letter}`, value)
      if (value !== undefined) return
      if (row.kind === 'value') return
    }
  }

  for (; at < words.length; at++) {
    const word = words[at] as string
    if (word === '--') return { args: args.concat(words.slice(at)), operands, given, problem }
    if (word.startsWith('--')) acceptLong(word)
    else if (/^-[^\d]/u.test(word)) acceptCluster(word)
    else {
      operands.push(at)
      args.push(word)
    }
  }
  return { args, operands, given, problem }
}

/**
 * What a letter takes of the rest of its cluster: a value flag all of it (`-tnet`, `-t=net`), any
 * other flag only what is plainly a value (`-n=V`, `-n/path`).
 */
function clusterValue(row: FlagRow, rest: string): string | undefined {
  if (rest.startsWith('=')) return rest.slice(1)
  if (row.kind === 'value') return rest === '' ? undefined : rest
  return row.kind === 'optional-value' && rest.startsWith('/') ? rest : undefined
}

function splitOnce(word: string): [flag: string, value: string | undefined] {
  const at = word.indexOf('=')
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)]
}

function longNames(rows: readonly FlagRow[]): string[] {
  return rows.flatMap(({ name, hidden, negatable }) =>
    hidden ? [] : negatable ? [`--${name}`, `--no-${name}`] : [`--${name}`],
  )
}

/**
 * An argument cannot contain NUL, so one in front of a value that starts with `-` marks it as a
 * value: oclif's parser would otherwise take `--sort -size` for a missing value and a flag.
 */
function guardValue(value: string): string {
  return value.startsWith('-') ? `\0${value}` : value
}

export function unguardValue(value: string): string {
  return value.startsWith('\0') ? value.slice(1) : value
}
