/**
 * Rolldown plugins that make @oclif/core start faster without changing what it does for nsx
 * (docs/decisions/0002-lean-oclif.md). Each throws when @oclif/core no longer looks as expected.
 */
export function leanOclif() {
  return [lazyRequires(), quietStreams(), withoutUnreached()]
}

const OCLIF_FILE = /[\\/]@oclif[\\/]core[\\/]lib[\\/].*\.js$/
const IMPORTED = /^(?:const|var) (\w+) = ((?:__import(?:Star|Default)\()?require\("[^"]+"\)\)?);$/gm

/**
 * TypeScript's output requires everything at the top of a file. Each of these becomes a function
 * that requires on its first call, and each use a call: what is not used is not evaluated.
 */
function lazyRequires() {
  let count = 0
  return {
    name: 'nsx-lazy-requires',
    transform: {
      filter: { id: OCLIF_FILE },
      handler(source) {
        const imports = []
        let code = source.replace(IMPORTED, (_, name, value) => {
          imports.push([name, value])
          return ''
        })
        for (const [name, value] of imports) {
          code = code
            // `new a.B()` must not become `new a().B()`.
            .replace(new RegExp(`\\bnew ${name}((?:\\.\\w+)*)\\(`, 'g'), `new (${name}$1)(`)
            .replace(new RegExp(`(?<![\\w$.])${name}(?![\\w$])`, 'g'), `${name}()`)
          code += `\nvar ${name}$; function ${name}() { return ${name}$ ??= ${value} }`
        }
        count += imports.length
        return { code, map: null }
      },
    },
    buildEnd() {
      if (count < 100) throw new Error(`@oclif/core: only ${count} top-level requires recognised`)
    },
  }
}

const STDOUT_LISTENER = /^process\.stdout\.on\('error'.*?^\}\);$/ms

/**
 * oclif listens for EPIPE on process.stdout as soon as it is loaded, which creates the stream.
 * nsx writes to the descriptor itself (src/cli/output.ts), and a command that hands its own
 * descriptors on to another program must not have touched them.
 */
function quietStreams() {
  let found = false
  return {
    name: 'nsx-quiet-streams',
    transform: {
      filter: { id: /[\\/]@oclif[\\/]core[\\/]lib[\\/]command\.js$/ },
      handler(source) {
        found = STDOUT_LISTENER.test(source)
        return { code: source.replace(STDOUT_LISTENER, ''), map: null }
      },
    },
    buildEnd() {
      if (!found) throw new Error('@oclif/core: command.js no longer listens on process.stdout')
    },
  }
}

const UNREACHED = [
  // Help pages are nsx's own (src/cli/help-page.ts).
  '@oclif/core/lib/help/index.js',
  'ejs/',
  // The only plugin is in the bundle (src/cli/config.ts).
  '@oclif/core/lib/config/plugin.js',
  '@oclif/core/lib/config/ts-path.js',
  '@oclif/core/lib/module-loader.js',
  'minimatch/',
  // Errors, progress and colour are nsx's own (src/cli/entry.ts, src/render).
  '@oclif/core/lib/ux/action/',
  '@oclif/core/lib/ux/colorize-json.js',
  'wrap-ansi/',
  'debug/',
]

const REPLACED = {
  // Loads child_process and fs/promises to find out whether this is Windows after all.
  'wsl-utils/': 'export const isWsl = false',
}

/** Leaves out what can be imported but never is, with everything that only it imports. */
function withoutUnreached() {
  const replacements = Object.entries(REPLACED).concat(
    UNREACHED.map((path) => [path, `throw new Error('${path} is not in the bundle')`]),
  )
  const unused = new Set(replacements.map(([path]) => path))
  return {
    name: 'nsx-without-unreached',
    load: {
      filter: { id: /[\\/]node_modules[\\/]/ },
      handler(id) {
        const path = id.split(/[\\/]node_modules[\\/]/).at(-1)
        const replacement = replacements.find(([prefix]) => path.startsWith(prefix))
        if (replacement === undefined) return undefined
        unused.delete(replacement[0])
        return { code: replacement[1], moduleType: 'js' }
      },
    },
    buildEnd() {
      if (unused.size > 0)
        throw new Error(`@oclif/core no longer imports ${[...unused].join(', ')}`)
    },
  }
}
