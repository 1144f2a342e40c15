import { EXIT, NsxError } from '../errors.ts'
import { type Given, type RoleOf, roleOf } from './command-start.ts'
import { type FlagRow, rowsOf } from './flag-table.ts'
import { usageError } from './usage.ts'

/** A command line, read as getopt_long(3) would, in words that oclif's parser understands. */
export interface Invocation {
  readonly command: string | undefined
  /** Flags and arguments of the command; from the first `--` on exactly as given. */
  readonly args: readonly string[]
  /** Of `enter` and `run` the command that they start, word by word as given: always the last of argv. */
  readonly words: readonly string[]
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
  const { args, words, given, problem } = expandFlags(argv.toSpliced(at, 1), rowsOf(command), {
    command,
    roleOf: roleOf(command),
  })
  const color = given.get('color')
  return {
    command,
    args,
    words,
    help: given.has('help'),
    version: given.has('version'),
    json: given.has('json'),
    color: typeof color === 'boolean' ? color : undefined,
    problem,
  }
}

export interface Expansion {
  readonly args: readonly string[]
  /** Where in the input the arguments stand that are neither flags nor their values. */
  readonly operands: readonly number[]
  readonly given: Given
  /** From where on the words are no longer ours, without the `--` in front of them. */
  readonly words: readonly string[]
  readonly problem: NsxError | undefined
}

export interface ExpandOptions {
  readonly command?: string | undefined
  /** Of a command that starts another. */
  readonly roleOf?: RoleOf | undefined
}

/**
 * Spells every flag as `--name` with its value in the next word: clusters are taken apart, and
 * `--X=V` of an optional-value flag becomes `--X --X-from V`.
 */
export function expandFlags(
  words: readonly string[],
  rows: readonly FlagRow[],
  { command, roleOf }: ExpandOptions = {},
): Expansion {
  const args: string[] = []
  const operands: number[] = []
  const given = new Map<string, boolean | string>()
  let problem: NsxError | undefined
  let at = 0

  const fail = (message: string, code: string, flag: string) => {
    const candidates = code === 'unknown-flag' ? longNames(rows) : []
    problem ??= usageError(message, code, { target: flag, candidates, command })
  }

  const accept = (row: FlagRow, flag: string, value: string | undefined) => {
    given.set(row.name, value ?? true)
    args.push(`--${row.name}`)
    if (row.kind === 'value') {
      const taken = value ?? nextWord()
      if (taken === undefined) return fail(`${flag} needs a value`, 'missing-value', flag)
      given.set(row.name, taken)
      args.push(guardValue(taken))
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

  const end = (start: number | undefined): Expansion => ({
    args: start === undefined ? args.concat(words.slice(at)) : args,
    words: start === undefined ? [] : words.slice(start),
    ...{ operands, given, problem },
  })

  for (; at < words.length; at++) {
    const word = words[at] as string
    if (word === '--') return end(roleOf ? at + 1 : undefined)
    if (word.startsWith('--')) acceptLong(word)
    else if (/^-[^\d]/u.test(word)) acceptCluster(word)
    else {
      const role = roleOf?.(operands.length, given) ?? 'argument'
      if (role === 'either' && words[at + 1] === '--') problem ??= ambiguous(word)
      else if (role !== 'argument') return end(at)
      operands.push(at)
      args.push(word)
    }
  }
  return end(undefined)
}

/** `enter --net=NS web -- …`: no target is needed, so `web` may be one or the command. */
function ambiguous(word: string): NsxError {
  return new NsxError(`${word} could be the target or the command`, {
    code: 'ambiguous-command',
    exitCode: EXIT.usage,
    target: word,
    hint: `a target stands in front of the flags: nsx enter ${word} …; a command behind --: … -- ${word} --`,
  })
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
