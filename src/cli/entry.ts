import { EXIT } from '../errors.ts'
import { safeText } from '../render/safe-text.ts'
import { type Invocation, readArgv } from './argv.ts'
import { type Build, EdgeConfig } from './config.ts'
import { failureDocument, failureOf, failureText } from './failure.ts'
import { OutputClosed, writeError, writeOut } from './output.ts'
import { usageError } from './usage.ts'

/** The whole program: from the arguments to process.exitCode. */
export async function main(root: string, argv: readonly string[], build: Build): Promise<void> {
  const invocation = readArgv(argv)
  // Also what is thrown or rejected where nobody waits for it.
  process.once('uncaughtException', (error) => {
    void report(error, invocation).finally(() => process.exit())
  })
  try {
    if (invocation.version) await writeOut(versionLine(build))
    else await runCommand(root, build, invocation)
  } catch (error) {
    await report(error, invocation)
  }
}

async function runCommand(root: string, build: Build, invocation: Invocation): Promise<void> {
  const [id, ...args] = commandLine(build, invocation)
  const config = new EdgeConfig(root, build, invocation)
  await config.load()
  await config.runCommand(id, args)
}

/** What is to be run: `nsx` alone and --help are other spellings of `nsx help`. */
function commandLine(build: Build, invocation: Invocation): [command: string, ...args: string[]] {
  const { command, args, help, json, problem } = invocation
  if (help) return command === undefined ? ['help'] : ['help', command]
  if (command !== undefined && !Object.hasOwn(build.manifest.commands, command)) {
    throw usageError(`unknown command ${command}`, 'unknown-command', {
      target: command,
      candidates: Object.keys(build.manifest.commands),
    })
  }
  if (problem !== undefined) throw problem
  if (command !== undefined) return [command, ...args]
  if (json || args.includes('--')) throw usageError('no command given', 'no-command')
  return ['help']
}

function versionLine({ pjson }: Build): string {
  return `nsx ${pjson.version} ${process.platform}-${process.arch} node-${process.version}\n`
}

async function report(error: unknown, invocation: Invocation): Promise<void> {
  if (error instanceof OutputClosed) {
    process.exitCode = EXIT.ok
    return
  }
  const failure = failureOf(error, invocation.command)
  process.exitCode = failure.exitCode
  if (process.env.DEBUG && error instanceof Error)
    await writeError(`${safeLines(error.stack ?? '')}\n`)
  if (!invocation.json) return writeError(failureText(failure))
  // Whoever waits for a document cannot be told there when it cannot be written.
  await writeOut(failureDocument(failure, invocation)).catch((unwritten) =>
    unwritten instanceof OutputClosed ? undefined : writeError(failureText(failure)),
  )
}

/** A message may hold what a process or the command line put there. */
function safeLines(text: string): string {
  return text.split('\n').map(safeText).join('\n')
}
