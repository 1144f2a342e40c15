#!/usr/bin/env node
/** What it costs to get in: from the start of nsx to the first instruction of the command, which ends at once. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { encodePlan } from '../dist/act/encode-plan.js'
import { buildPrograms, describeMachine, launchPath, measure, nsxEntry } from './children.mjs'
import { median, table } from './report.mjs'

const ROUNDS = Number(process.argv[2] ?? 21)
const CLONE_NEWNET = 0x4000_0000
const TRUE = '/bin/true'
const helper = fileURLToPath(new URL('../native/build/Release/nsx-exec', import.meta.url))

/** Enters the network namespace of a process, and nothing else. */
function planFor(pid) {
  const step = (operation) => ({ operation, what: operation.name, advice: [] })
  return encodePlan({
    steps: [
      step({ name: 'pidfd', slot: 0, pid, startTicks: null, inode: null }),
      step({ name: 'seal', keep: [] }),
      step({ name: 'setns', slot: 0, flags: CLONE_NEWNET }),
      step({ name: 'alive', slot: 0 }),
      step({ name: 'closeSlots' }),
      step({ name: 'exec', file: TRUE, args: [TRUE], environment: [] }),
    ],
  })
}

function casesFor(pid, planFile) {
  const nsx = [process.execPath, nsxEntry]
  return [
    { name: 'node -e 0', command: [process.execPath, '-e', '0'] },
    { name: 'nsx enter PID --net', command: [...nsx, 'enter', pid, '--net', '--', TRUE] },
    { name: 'nsx enter PID', command: [...nsx, 'enter', pid, '--', TRUE] },
    { name: 'nsx run --net', command: [...nsx, 'run', '--net', '--', TRUE] },
    {
      name: 'nsx run -pf --mount-proc',
      command: [...nsx, 'run', '-pf', '--mount-proc', '--', TRUE],
    },
    { name: 'nsx-exec alone, --net', command: [launchPath, helper, planFile] },
    { name: 'nsenter -t PID -n', command: ['nsenter', '-t', pid, '-n', TRUE] },
    { name: 'true', command: [TRUE] },
  ]
}

/** A process in namespaces of its own, which a pipe keeps. */
async function startTarget() {
  const child = spawn('unshare', ['-mnuipf', '--mount-proc', 'sh', '-c', 'echo up; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve)
    child.once('error', reject)
  })
  const inside = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()
  return { pid: inside, end: () => child.stdin.end() }
}

buildPrograms()
const { kernel, cores, node } = describeMachine()
console.log(`Linux ${kernel}, ${cores} cores, Node ${node}, load ${loadavg()[0].toFixed(2)}`)
const scratch = mkdtempSync(join(tmpdir(), 'nsx-bench-'))
const target = await startTarget()
try {
  const planFile = join(scratch, 'plan')
  writeFileSync(planFile, planFor(Number(target.pid)))
  const cases = casesFor(target.pid, planFile)
  const rounds = []
  for (let round = 0; round <= ROUNDS; round++) {
    const walls = {}
    for (const { name, command } of cases) {
      const run = await measure(command)
      if (run.exit !== 0) throw new Error(`${name}: exit status ${run.exit}: ${run.stderr}`)
      walls[name] = run.wallMs
    }
    if (round > 0) rounds.push(walls)
  }
  const rows = cases.map(({ name }) => [
    name,
    median(rounds.map((round) => round[name])).toFixed(2),
    median(rounds.map((round) => round[name] / round['node -e 0'])).toFixed(2),
    median(rounds.map((round) => round[name] / round['nsenter -t PID -n'])).toFixed(2),
  ])
  console.log(table(['', 'wall ms', '/ node -e 0', '/ nsenter'], rows))
} finally {
  target.end()
  rmSync(scratch, { recursive: true })
}
