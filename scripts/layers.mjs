/**
 * The rooms of src/ and which of them may know which: run by `npm run check`, and by a test that
 * shows that it catches what it forbids.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A room may import itself, errors.ts, and the rooms named here. */
const ROOMS = {
  kernel: { may: [], why: 'knowledge of Linux is pure: tables, and parsers that take text' },
  model: { may: ['kernel'], why: 'data and identity, nothing that acts' },
  host: { may: ['model', 'kernel'], why: 'the only I/O of the looking side' },
  contents: { may: ['model', 'kernel'], why: 'pure: says what it needs read, as data' },
  containers: { may: ['model', 'kernel'], why: 'pure: says what it needs read, as data' },
  collect: {
    may: ['host', 'contents', 'containers', 'model', 'kernel'],
    why: 'facts to a Snapshot; it knows neither questions nor screens',
  },
  query: { may: ['contents', 'model', 'kernel'], why: 'pure: Snapshot to View' },
  act: { may: ['host', 'query', 'model', 'kernel'], why: 'carries out a plan' },
  render: { may: ['query', 'contents', 'model', 'kernel'], why: 'pure: View and Theme to text' },
  cli: { may: ['render', 'model', 'kernel'], why: 'the oclif edge; it reads no machine' },
  library: {
    may: ['collect', 'query', 'act', 'host', 'model', 'kernel'],
    why: 'what a command does, for a program instead of a person',
  },
  commands: {
    may: ['cli', 'collect', 'query', 'render', 'act', 'host', 'model', 'kernel'],
    why: 'parse, collect, query, present',
  },
}

/** Packages and built-ins that only some rooms may know. */
const PACKAGES = [
  {
    match: /^node:(fs|child_process|net|dgram|worker_threads|module)/,
    // cli/ writes to standard output itself: process.stdout is dear at start-up.
    only: ['host', 'act', 'cli'],
    why: 'only host/ and act/ touch the machine',
  },
  { match: /^@oclif\//, only: ['cli', 'commands'], why: 'only the edge knows oclif' },
  { match: /^(chalk|cli-table3|string-width)$/, only: ['render'], why: 'only render/ draws' },
  { match: /^@marcbachmann\/cel-js$/, only: ['query'], why: 'filters are a question' },
]

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^'";]*?from\s*'([^']+)'|(?:import|require)\(\s*'([^']+)'\s*\)|(?:^|\n)\s*import\s*'([^']+)'/g
const SILENT_CATCH = /catch\s*(?:\([^)]*\))?\s*\{(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*\}/

/** What is wrong with one file, a line each. */
export function offences(file, text) {
  const room = file.split('/')[0]
  const found = []
  if (SILENT_CATCH.test(text)) found.push(`${file}: an empty catch hides a failure`)
  for (const [, from, dynamic, bare] of text.matchAll(IMPORT)) {
    const target = from ?? dynamic ?? bare
    const why = target.startsWith('.')
      ? roomOffence(file, room, target)
      : packageOffence(room, target)
    if (why) found.push(`${file}: may not import ${target}: ${why}`)
  }
  return found
}

function roomOffence(file, room, target) {
  const path = relative('/src', resolve('/src', dirname(file), target))
  const other = path.split('/')[0]
  if (!(room in ROOMS) || other === room || other === 'errors.ts') return null
  return ROOMS[room].may.includes(other) ? null : ROOMS[room].why
}

function packageOffence(room, target) {
  const rule = PACKAGES.find(({ match }) => match.test(target))
  return rule && !rule.only.includes(room) ? rule.why : null
}

/** Rooms that the table does not know. */
function strangers(files) {
  const rooms = new Set(
    files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]),
  )
  return [...rooms].filter((room) => !(room in ROOMS)).map((room) => `src/${room}/: no such room`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const src = join(import.meta.dirname, '../src')
  const files = readdirSync(src, { recursive: true }).filter((file) => file.endsWith('.ts'))
  const found = [
    ...strangers(files),
    ...files.flatMap((file) => offences(file, readFileSync(join(src, file), 'utf8'))),
  ]
  for (const line of found) console.error(line)
  console.log(`layers: ${files.length} files, ${found.length} offences`)
  process.exitCode = found.length > 0 ? 1 : 0
}
