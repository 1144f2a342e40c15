/** One flag of one or more commands. */
export interface FlagRow {
  /** Names of commands, `looking` (every command that only looks) or `global` (every command). */
  readonly on: readonly string[]
  readonly name: string
  readonly char?: string
  /** `optional-value`: `--X` or `--X=V`; a blank never gives it its value. */
  readonly kind: 'boolean' | 'value' | 'optional-value'
  /** Repeatable: each value may be a `list` separated by commas, or each is taken as a `whole`. */
  readonly multiple?: 'list' | 'whole'
  /** A boolean that has a `--no-X`. */
  readonly negatable?: true
  readonly placeholder?: string
  readonly hidden?: true
  /** When it takes something from the target of `enter`: without a value, with `follow`, always. */
  readonly ofTarget?: 'bare' | 'follow' | 'always'
  readonly helpGroup: string
  readonly description: string
}
