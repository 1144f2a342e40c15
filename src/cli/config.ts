import type { Command } from '@oclif/core/command'
import { Config } from '@oclif/core/config'
import type { Logger, Manifest, PJSON, Plugin } from '@oclif/core/interfaces'
import type { Invocation } from './argv.ts'
import { writeError } from './output.ts'

/** What the build puts into the bundle beside the code. */
export interface Build {
  /** package.json, as far as oclif reads it. */
  readonly pjson: PJSON
  readonly manifest: Manifest
  /** One lazy import for each command of the manifest. */
  readonly load: Readonly<Record<string, () => Promise<{ readonly default: Command.Class }>>>
}

/** oclif's configuration without a look at the disk: its one plugin comes with the bundle. */
export class EdgeConfig extends Config {
  readonly invocation: Invocation

  constructor(root: string, build: Build, invocation: Invocation) {
    const plugin = bundledPlugin(root, build)
    super({ root, pjson: build.pjson, plugins: new Map([[plugin.name, plugin]]), logger: LOGGER })
    this.invocation = invocation
  }

  /**
   * oclif looks up the shell and the home of the user, neither of which is in use here. The lookup
   * fails for a uid that has no name (in a container, say), and a name service may take its time.
   */
  override async load(): Promise<void> {
    const { HOME, SHELL } = process.env
    process.env.HOME = HOME || '/'
    process.env.SHELL = SHELL ?? ''
    try {
      await super.load()
    } finally {
      restore('HOME', HOME)
      restore('SHELL', SHELL)
    }
  }

  /** A user's theme.json would only colour oclif's own help, which is not in use. */
  override async loadTheme(): Promise<undefined> {
    return undefined
  }
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}

function bundledPlugin(root: string, { pjson, manifest, load }: Build): Plugin {
  const findCommand = async (id: string): Promise<Command.Class> => {
    const module = await load[id]?.()
    if (module === undefined) throw new Error(`command ${id} is not in the bundle`)
    return Object.assign(module.default, { id, plugin })
  }
  const plugin: Plugin = {
    _base: '@oclif/core',
    alias: pjson.name,
    commandIDs: Object.keys(manifest.commands),
    commands: Object.values(manifest.commands).map((command) => ({
      ...command,
      load: () => findCommand(command.id),
    })),
    commandsDir: undefined,
    findCommand,
    hasManifest: true,
    hooks: {},
    isRoot: true,
    load: async () => undefined,
    moduleType: 'commonjs',
    name: pjson.name,
    options: { root },
    pjson,
    root,
    topics: [],
    type: 'core',
    valid: true,
    version: pjson.version,
  }
  return plugin
}

/** oclif's own logger loads `debug` at every start; this one loads nothing and writes on DEBUG=*. */
const LOGGER: Logger = logger('oclif')

function logger(namespace: string): Logger {
  const log =
    process.env.DEBUG === '*' || process.env.DEBUG?.startsWith('oclif')
      ? (format: unknown, ...values: unknown[]) => {
          const text = [format, ...values].map(String).join(' ')
          void writeError(`${namespace}: ${text}\n`)
        }
      : () => undefined
  return {
    namespace,
    child: (name) => logger(`${namespace}:${name}`),
    debug: log,
    error: log,
    info: log,
    trace: log,
    warn: log,
  }
}
