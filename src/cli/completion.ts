import type { FlagRow } from './flag-table.ts'

export interface CompletedCommand {
  readonly name: string
  readonly summary: string
  readonly flags: readonly FlagRow[]
  /** What its arguments can be, where that is known. */
  readonly words: readonly string[]
  /** Its arguments are targets: pids, among others. */
  readonly targets: boolean
  /** Behind `--` it has another command. */
  readonly starts: boolean
  /** What the values of a flag can be, by the flag's name. */
  readonly values: Readonly<Record<string, readonly string[]>>
}

/** The completion script of each shell that has one. */
export const COMPLETIONS = {
  bash: bashCompletion,
  zsh: (commands: readonly CompletedCommand[]) =>
    ['autoload -U +X bashcompinit && bashcompinit', bashCompletion(commands)].join('\n'),
  fish: fishCompletion,
} as const satisfies Record<string, (commands: readonly CompletedCommand[]) => string>

function bashCompletion(commands: readonly CompletedCommand[]): string {
  return `_nsx() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} words= head=
  local command=\${COMP_WORDS[1]}
  [ "$COMP_CWORD" -eq 1 ] && command= prev=
${bashStarted(commands)}
  case "$command $prev" in
${commands.flatMap(bashValues).join('\n')}
    *)
      case "$command" in
        '') words=${quote(commands.map(({ name }) => name).join(' '))} ;;
${commands.map(bashWords).join('\n')}
      esac ;;
  esac
  case "$cur" in *,*) head=\${cur%,*}, cur=\${cur##*,} ;; esac
  COMPREPLY=($(compgen -P "$head" -W "$words" -- "$cur"))
}
complete -F _nsx nsx
`
}

function bashWords({ name, flags, words, targets }: CompletedCommand): string {
  const all = [...words, ...flags.flatMap(spellings)]
  return `        ${name}) words=${quote(all.join(' '))}${targets ? `" ${BASH_PIDS}"` : ''} ;;`
}

/** Flags whose values are processes, among other things. */
const TARGET_VALUES = ['PID', 'TARGET']

const BASH_PIDS = 'self $(cd /proc && echo [0-9]*)'

/** Behind `--` a command and its files. */
function bashStarted(commands: readonly CompletedCommand[]): string {
  const names = commands.filter(({ starts }) => starts).map(({ name }) => name)
  if (names.length === 0) return ''
  return `  case "$command" in ${names.join('|')})
    local at
    for ((at = 2; at < COMP_CWORD; at++)); do
      [ "\${COMP_WORDS[at]}" = -- ] || continue
      if [ "$at" -eq "$((COMP_CWORD - 1))" ]; then COMPREPLY=($(compgen -c -- "$cur"))
      else COMPREPLY=($(compgen -f -- "$cur")); fi
      return
    done
  esac`
}

function spellings({ name, negatable }: FlagRow): string[] {
  return negatable ? [`--${name}`, `--no-${name}`] : [`--${name}`]
}

function bashValues({ name, flags, values }: CompletedCommand): string[] {
  return flags.flatMap((flag) => {
    if (flag.kind !== 'value') return []
    const spelt = [`--${flag.name}`, ...(flag.char ? [`-${flag.char}`] : [])]
    const pattern = spelt.map((word) => quote(`${name} ${word}`)).join('|')
    return `    ${pattern}) ${bashSource(flag, values[flag.name])} ;;`
  })
}

function bashSource(flag: FlagRow, values: readonly string[] | undefined): string {
  if (values) return `words=${quote(values.join(' '))}`
  if (flag.placeholder === 'DIR') return 'COMPREPLY=($(compgen -d -- "$cur")); return'
  if (TARGET_VALUES.includes(flag.placeholder ?? '')) return `words="${BASH_PIDS}"`
  return ':'
}

function fishCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(' ')
  const lines = commands.flatMap(({ name, summary, flags, words, values, targets, starts }) => {
    const on = `complete -c nsx -n ${quote(`__fish_seen_subcommand_from ${name}`)}`
    return [
      `complete -c nsx -n ${quote(`not __fish_seen_subcommand_from ${names}`)} -a ${name} -d ${quote(summary)}`,
      ...(words.length > 0 ? [`${on} -a ${quote(words.join(' '))}`] : []),
      ...(targets ? [`${on} -a ${quote('self (__fish_complete_pids)')}`] : []),
      ...(starts ? [`${on} -a ${quote('(__fish_complete_subcommand --fcs-skip=2)')}`] : []),
      ...flags.map((flag) => `${on} ${fishFlag(flag, values[flag.name])}`),
      ...flags.filter((flag) => flag.negatable).map(({ name }) => `${on} -l no-${name}`),
    ]
  })
  return `${['complete -c nsx -f', ...lines].join('\n')}\n`
}

function fishFlag(flag: FlagRow, values: readonly string[] | undefined): string {
  const parts = [`-l ${flag.name}`]
  if (flag.char) parts.push(`-s ${flag.char}`)
  if (flag.kind === 'value') parts.push(`-x -a ${quote(fishSource(flag, values))}`)
  return [...parts, `-d ${quote(flag.description)}`].join(' ')
}

function fishSource(flag: FlagRow, values: readonly string[] | undefined): string {
  if (values) return `(__fish_append , ${values.join(' ')})`
  if (flag.placeholder === 'DIR') return '(__fish_complete_directories)'
  return TARGET_VALUES.includes(flag.placeholder ?? '') ? '(__fish_complete_pids)' : ''
}

/** Our own words, but a description may have a quote in it. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
