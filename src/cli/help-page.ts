import type { Command } from '@oclif/core/command'
import { type FlagRow, rowsOf } from './flag-table.ts'
import { definitions, type Page, section, wrap } from './help-text.ts'
import { TOPICS } from './help-topics.ts'

export type CommandFacts = Pick<
  Command.Cached,
  'id' | 'summary' | 'usage' | 'description' | 'args' | 'examples' | 'hidden'
>

/** The page of `nsx help`. */
export function rootPage(page: Page, commands: readonly CommandFacts[]): string {
  const visible = commands.filter(({ hidden }) => !hidden)
  return paragraphs([
    wrap('nsx: who is in which Linux namespace, and what that means.', page.width).join('\n'),
    section(page, 'Usage', ['  nsx COMMAND [FLAG]... [ARGUMENT]...']),
    section(
      page,
      'Commands',
      definitions(
        page,
        visible.map(({ id, summary = '' }) => [id, summary]),
      ),
    ),
    section(
      page,
      'Topics',
      definitions(
        page,
        TOPICS.map(({ name, summary }) => [name, summary]),
      ),
    ),
    ...flagSections(page, rowsOf('help')),
    wrap('`nsx help COMMAND` and `nsx help TOPIC` say more.', page.width).join('\n'),
  ])
}

/** The page of `nsx help COMMAND`. */
export function commandPage(page: Page, command: CommandFacts): string {
  const args = Object.values(command.args).filter(({ hidden }) => !hidden)
  const description = command.description?.split('\n\n') ?? []
  return paragraphs([
    wrap(`nsx ${command.id}: ${command.summary}.`, page.width).join('\n'),
    section(page, 'Usage', [`  nsx ${command.usage ?? usageText(command.id, args)}`]),
    ...description.map((text) => wrap(text, page.width).join('\n')),
    section(
      page,
      'Arguments',
      definitions(
        page,
        args.map((arg) => [arg.name.toUpperCase(), arg.description ?? '']),
      ),
    ),
    ...flagSections(page, rowsOf(command.id)),
    section(page, 'Examples', definitions(page, (command.examples ?? []).map(exampleOf))),
  ])
}

function flagSections(page: Page, rows: readonly FlagRow[]): string[] {
  const visible = rows.filter(({ hidden }) => !hidden)
  return [...new Set(visible.map(({ helpGroup }) => helpGroup))].map((group) =>
    section(
      page,
      group === 'Global' ? 'Global flags' : group,
      definitions(
        page,
        visible
          .filter(({ helpGroup }) => helpGroup === group)
          .map((row) => [flagLabel(row), row.description]),
      ),
    ),
  )
}

/** `-t, --type TYPE`, `    --[no-]color`, `-n, --net[=FILE]`. */
function flagLabel({ name, char, kind, negatable, placeholder = name.toUpperCase() }: FlagRow) {
  const value = { boolean: '', value: ` ${placeholder}`, 'optional-value': `[=${placeholder}]` }
  return `${char ? `-${char},` : '   '} --${negatable ? '[no-]' : ''}${name}${value[kind]}`
}

/** Of a command that does not have its own. */
function usageText(id: string, args: readonly CommandFacts['args'][string][]): string {
  return `${id} [FLAG]...${args.map(usageOf).join('')}`
}

function usageOf({ name, required, multiple }: CommandFacts['args'][string]): string {
  const word = name.toUpperCase() + (multiple ? '...' : '')
  return required ? ` ${word}` : ` [${word}]`
}

function exampleOf(example: Command.Example): [command: string, meaning: string] {
  return typeof example === 'string' ? [example, ''] : [example.command, example.description]
}

/** With an empty line between them; a section without lines is left out. */
function paragraphs(texts: readonly string[]): string {
  return `${texts.filter((text) => text !== '').join('\n\n')}\n`
}
