/**
 * Started by some caller in a copy of the package: for each command line on standard input (JSON) it plans,
 * carries the plan out in a child, and writes a line of JSON about both. One process for many command lines,
 * because Node takes longer to start than all of this.
 */
import { spawn } from 'node:child_process'
import { readFileSync, writeSync } from 'node:fs'
import { spawnPlan } from './dist/act/spawn-plan.js'
import { readArgv, unguardValue } from './dist/cli/argv.js'
import { rowsOf } from './dist/cli/flag-table.js'
import { ID_NAMES } from './dist/cli/id-names.js'
import { collectEnter } from './dist/collect/enter.js'
import { collectRun } from './dist/collect/run.js'
import { openHost } from './dist/host/open.js'
import { pickContainer } from './dist/query/match-container.js'
import { planEnter } from './dist/query/plan-enter.js'
import { planRun } from './dist/query/plan-run.js'
import { readEnterRequest } from './dist/query/read-enter-request.js'
import { readRunRequest } from './dist/query/read-run-request.js'

const packageRoot = `${import.meta.dirname}/`

/** A process of the caller's own, which ends with us; in namespaces of its own with these flags. */
async function startChild(...flags) {
  const ready = ['sh', '-c', 'echo; exec cat']
  const [command, ...args] = flags.length === 0 ? ready : ['unshare', ...flags, ...ready]
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = new Promise((resolve) => child.once('close', resolve))
  // Not everybody may make such a one.
  await Promise.race([ended, new Promise((resolve) => child.stdout.once('data', resolve))])
  return {
    pid: child.pid,
    end: () => {
      child.stdin.on('error', () => undefined).end()
      return ended
    },
  }
}

/** What oclif finds in the flags of a command line. */
function parse(argv) {
  const { command, args, words, problem } = readArgv(argv)
  if (problem) throw problem
  const rows = rowsOf(command)
  const flags = Object.fromEntries(
    rows.map(({ name, kind, negatable }) => [
      name,
      kind === 'value' || negatable ? undefined : false,
    ]),
  )
  let target
  for (let at = 0; at < args.length; at++) {
    const name = args[at].slice(2)
    const row = rows.find((each) => [each.name, `${each.name}-from`].includes(name))
    if (!args[at].startsWith('--')) target = args[at]
    else if (!row) flags[name.slice('no-'.length)] = false
    else if (row.kind === 'value' || row.name !== name) {
      const value = unguardValue(args[++at])
      flags[name] = row.multiple ? [...(flags[name] ?? []), value] : value
    } else flags[name] = true
  }
  // Then it is also looked at what is needed for the forecast alone.
  return { command, flags: { ...flags, 'dry-run': true }, target, words }
}

async function planOf(host, { command, flags, target, words }) {
  if (command === 'run') {
    const request = readRunRequest(flags, words, ID_NAMES)
    return { plan: planRun(request, await collectRun(host, request)), uidMap: null }
  }
  const request = readEnterRequest(flags, target, words)
  const facts = await collectEnter(host, request, pickContainer)
  const user = facts.named.get('user')?.inum ?? facts.target?.inums.user
  const uidMap = (user === undefined ? null : facts.maps.get(user)?.uids) ?? null
  return { plan: planEnter(request, facts), uidMap }
}

/** Nobody else is about to end namespaces that would count less then. */
function hurried(plan) {
  const steps = plan.steps.map((step) =>
    step.operation.name === 'unshare'
      ? { ...step, operation: { ...step.operation, patienceMs: 0 } }
      : step,
  )
  return { ...plan, steps }
}

async function predict(host, argv) {
  let planned
  try {
    planned = await planOf(host, parse(argv))
  } catch (error) {
    if (error.name === 'NsxError') return { argv, thrown: error.message }
    return { argv, broken: error.stack }
  }
  const { plan, uidMap } = planned
  const stdio = ['ignore', 'ignore', 'ignore']
  const outcome = await spawnPlan(hurried(plan), { packageRoot, stdio, uidMap })
  const steps = plan.steps.map(({ operation, what, forecast, optional = false, group = 0 }) => ({
    ...{ operation: operation.name, what, optional, group },
    ...forecast,
  }))
  return { argv, steps, outcome }
}

const lines = JSON.parse(readFileSync(0, 'utf8'))
const [child, inner] = [await startChild(), await startChild('-Ur', '-muinC')]
const own = { '@child': child.pid, '@inner': inner.pid, '@folder': process.env.NSX_PREDICT_FOLDER }
const { host } = openHost(packageRoot, undefined)
for (const line of lines) {
  const argv = line.map((word) => word.replaceAll(/@[a-z]+/g, (name) => own[name] ?? name))
  writeSync(1, `${JSON.stringify(await predict(host, argv))}\n`)
}
await child.end()
await inner.end()
