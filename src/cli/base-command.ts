import { Command } from '@oclif/core/command'
import { safeText } from '../render/safe-text.ts'
import { EdgeConfig } from './config.ts'
import { documentText } from './document-text.ts'
import { writeError, writeOut } from './output.ts'
import { readScreen, type Screen } from './screen.ts'

/** What a command returns: its answer both ways, made only in the way that was asked for. */
export interface Answer {
  /** The document of --json, for commands that have the flag. */
  readonly document?: () => object
  /** The text of it, with a newline at the end. */
  readonly text: (screen: Screen) => string | Promise<string>
  /** Lines for standard error after the text: what could not be read, and the like. */
  readonly notes?: (screen: Screen) => readonly string[]
  /** Lines for standard error that a document does not hold: they come with it, too. */
  readonly warnings?: readonly string[]
  readonly exitCode?: number
}

/**
 * A command parses, calls and returns an `Answer`; showing it is done here, and errors are
 * reported in one place (entry.ts), so neither is in any command.
 */
export abstract class BaseCommand extends Command {
  abstract override run(): Promise<Answer>

  /** As oclif's own, which would load a second configuration, one without the invocation. */
  static override async run<T extends Command>(
    this: new (
      argv: string[],
      config: EdgeConfig,
    ) => T,
    argv: string[] = [],
    config?: unknown,
  ): Promise<ReturnType<T['run']>> {
    if (!(config instanceof EdgeConfig)) throw new Error('commands run through cli/entry.ts only')
    const command = new this(argv, config)
    if (!(command instanceof BaseCommand)) throw new Error('not a BaseCommand')
    const answer = await command._run<Answer>()
    await command.show(answer)
    return answer as unknown as ReturnType<T['run']>
  }

  /** Where package.json, the addon and the helper are. */
  protected get packageRoot(): string {
    return this.config.root
  }

  /** What `enter` and `run` are to start, as far as it could be read (byte-words.ts has the bytes). */
  protected get commandWords(): readonly string[] {
    return (this.config as EdgeConfig).invocation.words
  }

  protected override async catch(error: Error): Promise<never> {
    throw error
  }

  private async show(answer: Answer): Promise<void> {
    const { json, color } = (this.config as EdgeConfig).invocation
    if (answer.exitCode !== undefined) process.exitCode = answer.exitCode
    for (const warning of answer.warnings ?? []) await writeError(`nsx: ${safeText(warning)}\n`)
    if (json && answer.document) return writeOut(documentText(answer.document()))
    const screen = readScreen(color)
    await writeOut(await answer.text(screen))
    for (const note of answer.notes?.(screen) ?? []) await writeError(`nsx: ${safeText(note)}\n`)
  }
}
