#!/usr/bin/env node
import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import {
  buildPrograms,
  describeMachine,
  endAll,
  floorPath,
  measure,
  nsxEntry,
  populate,
} from './children.mjs'
import { growth, renderPopulation, summarise } from './report.mjs'

const nsx = [process.execPath, nsxEntry]

/** In the order in which every round runs them. `idle`: also run without a population. */
const CASES = [
  { name: 'lsns', label: 'lsns', command: ['lsns'] },
  { name: 'list', label: 'nsx list', command: [...nsx, 'list'] },
  { name: 'json', label: 'nsx list --json', command: [...nsx, 'list', '--json'], idle: true },
  {
    name: 'links',
    label: 'nsx list --no-descriptors --no-sockets',
    command: [...nsx, 'list', '--no-descriptors', '--no-sockets'],
  },
  { name: 'show', label: 'nsx show PID', command: ([pid]) => [...nsx, 'show', pid] },
  {
    name: 'diff',
    label: 'nsx diff PID PID',
    command: ([a, b]) => [...nsx, 'diff', a, b],
    exit: 1,
  },
  { name: 'version', label: 'nsx --version', command: [...nsx, '--version'], idle: true },
  { name: 'node', label: 'node -e 0', command: [process.execPath, '-e', '0'], idle: true },
  {
    name: 'floor',
    label: 'floor',
    command: [floorPath, '--descriptors', '--facts', '--leaders'],
    pass: true,
    timing: ({ output }) => JSON.parse(output).ms,
  },
  { name: 'floor-links', label: 'floor, links only', command: [floorPath] },
  {
    name: 'timing',
    label: 'nsx list (NSX_TIMING=1)',
    command: [...nsx, 'list'],
    extraEnv: { NSX_TIMING: '1' },
    timing: ({ stderr }) => timingLine(stderr),
  },
]

/** nsx prints {"timing": {phase: ms, …}} as one line among whatever else is on stderr. */
function timingLine(stderr) {
  const line = stderr.split('\n').find((each) => each.startsWith('{"timing"'))
  if (line === undefined) throw new Error('nsx printed no line of timings')
  return JSON.parse(line).timing
}

async function runCase(each, pids) {
  const command = typeof each.command === 'function' ? each.command(pids) : each.command
  const run = await measure(command, each)
  if (run.exit !== (each.exit ?? 0)) {
    const why = run.stderr.trim().split('\n')[0]
    throw new Error(`exit status ${run.exit}${why ? `: ${why}` : ''}`)
  }
  const { output, stderr, ...numbers } = run
  return each.timing ? { ...numbers, timing: each.timing(run) } : numbers
}

const NOBODY = { end: async () => undefined, pids: [] }

async function measurePopulation(processes, runs) {
  const { end, pids } = processes > 0 ? await populate(processes) : NOBODY
  const missing = []
  const rounds = []
  let left = CASES.filter(({ idle }) => processes > 0 || idle)

  // Round 0 is not counted: the first look at fresh processes makes the kernel's dentries.
  for (let index = 0; index <= runs; index++) {
    const round = {}
    for (const each of left) {
      try {
        round[each.name] = await runCase(each, pids)
      } catch (error) {
        left = left.filter((other) => other !== each)
        missing.push({ name: each.name, label: each.label, reason: error.message })
      }
    }
    if (index > 0) rounds.push(round)
    if (process.stderr.isTTY) {
      const newline = index === runs ? '\n' : ''
      process.stderr.write(`\r${processes} processes: round ${index} of ${runs} ${newline}`)
    }
  }
  await end()
  return { processes, rounds, missing }
}

async function main() {
  const { values } = parseArgs({
    options: {
      processes: { type: 'string', default: '10000,1000' },
      runs: { type: 'string', default: '11' },
      json: { type: 'string' },
    },
  })
  const populations = values.processes.split(',').map(Number)
  const runs = Number(values.runs)
  if (![...populations, runs].every((value) => Number.isInteger(value) && value > 0)) {
    throw new Error('usage: run.mjs [--processes 10000,1000] [--runs 11] [--json FILE]')
  }

  buildPrograms()
  const machine = describeMachine()
  const load = loadavg()[0]
  console.log(
    `Linux ${machine.kernel}, ${machine.cores} cores, Node ${machine.node}, ${machine.lsns}`,
  )
  console.log(`load average at the start: ${load.toFixed(2)}${load > 0.5 ? ' (noisy!)' : ''}\n`)

  const measured = []
  const summaries = []
  for (const processes of [...populations, 0]) {
    measured.push(await measurePopulation(processes, runs))
    summaries.push(summarise(measured.at(-1), CASES))
    console.log(renderPopulation(summaries.at(-1)))
  }
  const grown = growth(measured)
  const label = 'growth: (nsx list - nsx --version), largest / smallest population'
  console.log(
    grown === null
      ? `${label}: skipped`
      : `${label}: ${grown.value.toFixed(2)} for ${(grown.to / grown.from).toFixed(1)} times as many`,
  )

  if (values.json !== undefined) {
    const document = { machine, load, runs, populations: summaries, growth: grown, measured }
    writeFileSync(values.json, `${JSON.stringify(document, null, 2)}\n`)
  }
}

for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
]) {
  process.once(signal, async () => {
    await endAll()
    process.exit(128 + number)
  })
}

try {
  await main()
} catch (error) {
  await endAll()
  console.error(`bench: ${error.message}`)
  process.exitCode = 1
}
