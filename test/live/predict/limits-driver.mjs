/**
 * Started in a user namespace of its own, where it may set limits: for each case on standard input (JSON) it asks
 * what nsx limits says, then has unshare(1) try it, and writes a line of JSON about both.
 */
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync, writeSync } from 'node:fs'
import { collectLimits } from './dist/collect/limits.js'
import { containersOnce } from './dist/collect/named-subject.js'
import { openHost } from './dist/host/open.js'
import { NS_TYPE_NAMES } from './dist/kernel/namespace-types.js'
import { limitsView } from './dist/query/limits/limits.js'
import { bareRun } from './dist/query/limits/runs.js'
import { pickContainer } from './dist/query/match-container.js'
import { parseTarget } from './dist/query/parse-target.js'

const { host } = openHost(`${import.meta.dirname}/`, undefined)

/** A shell in new namespaces, which ends with us. */
async function startShell(flags) {
  const child = spawn('unshare', [...flags, 'sh'], { stdio: ['pipe', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const answer = async (line) => {
    text = ''
    child.stdin.write(`${line}; echo "=$?"\n`)
    while (!/^=\d+$/m.test(text)) {
      if (child.exitCode !== null) throw new Error(`unshare ${flags.join(' ')} has ended`)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    return text
  }
  await answer(':')
  const end = () => {
    child.stdin.end()
    return ended
  }
  return { pid: child.pid, answer, end }
}

async function viewOf(target) {
  const text = target === null ? null : String(target)
  const facts = await collectLimits(host, {
    named:
      text === null
        ? null
        : { text, target: parseTarget(text), by: containersOnce(host, pickContainer) },
    run: bareRun(NS_TYPE_NAMES),
    request: { contents: [], uid: process.geteuid(), now: new Date() },
  })
  return limitsView(facts, new Set(NS_TYPE_NAMES))
}

const { limits, held, nested, flags } = JSON.parse(readFileSync(0, 'utf8'))
const shells = []
for (const each of held) shells.push(await startShell([each]))
const leaf = nested ? await startShell(['-U', '-r']) : null
for (const [type, limit] of Object.entries(limits)) {
  writeFileSync(`/proc/sys/user/max_${type}_namespaces`, String(limit))
}
const view = await viewOf(leaf?.pid ?? null)
for (const asked of flags) {
  const foreseen = view.runs.find((run) => run.flags === asked)
  const command = `LC_ALL=C unshare ${asked} true`
  // What has ended still counts for a while.
  const end = performance.now() + 500
  let said
  do {
    said = leaf
      ? await leaf.answer(`${command} 2>&1`)
      : spawnSync('sh', ['-c', `${command} 2>&1; echo "=$?"`], { encoding: 'utf8' }).stdout
    if (!said.includes('No space left')) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  } while (performance.now() < end)
  writeSync(1, `${JSON.stringify({ foreseen, said })}\n`)
}
for (const shell of [...shells, ...(leaf ? [leaf] : [])]) await shell.end()
