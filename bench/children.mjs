import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

/** Everything that the benchmark starts; whatever happens, nothing of it survives the runner. */

const here = fileURLToPath(new URL('.', import.meta.url))
const build = `${here}build`
const running = new Set()
let ending = false

export const nsxEntry = fileURLToPath(new URL('../bin/run.js', import.meta.url))
export const floorPath = `${build}/floor`
export const launchPath = `${build}/launch`

/** Node 20 parses the certificates of this variable before main(): that would hide our start-up. */
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env

const PROGRAMS = [
  { name: 'populate', flags: ['-static'] },
  { name: 'measure', flags: ['-static'] },
  { name: 'floor', flags: ['-pthread'] },
  { name: 'launch', flags: ['-static'] },
]

export function buildPrograms() {
  mkdirSync(build, { recursive: true })
  for (const { name, flags } of PROGRAMS) {
    const args = ['-O2', '-Wall', '-Wextra', '-Wconversion', ...flags]
    const cc = spawnSync('cc', [...args, '-o', `${build}/${name}`, `${here}${name}.c`], {
      encoding: 'utf8',
    })
    if (cc.error) throw new Error(`cannot run cc: ${cc.error.message}`)
    if (cc.status !== 0) throw new Error(`cc ${name}.c failed:\n${cc.stderr}`)
  }
}

/**
 * Runs a command to its end: {wallMs, cpuMs, peakKiB, bytes, exit, output, stderr}. `output` is
 * the command's stdout where `pass` is set, else it was drained and only counted.
 */
export async function measure(command, { pass = false, extraEnv = {} } = {}) {
  const child = start('measure', [...(pass ? ['--pass'] : []), ...command], 'ignore', extraEnv)
  const [lines, stderr, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    ended(child),
  ])
  if (code !== 0) throw new Error(`measure ended with ${code}: ${stderr.trim()}`)
  const at = lines.lastIndexOf('\n', lines.length - 2) + 1
  return { ...JSON.parse(lines.slice(at)), output: lines.slice(0, at), stderr }
}

/** Starts idle processes in sandboxes of ten; resolves when all are up, with some pids and a way to end them. */
export async function populate(processes) {
  const child = start('populate', ['--processes', String(processes)], 'pipe', {})
  const over = ended(child)
  const complaint = textOf(child.stderr)
  const ready = await Promise.race([
    new Promise((resolve) => child.stdout.once('data', () => resolve(true))),
    over.then(() => false),
  ])
  if (!ready) throw new Error(`cannot start ${processes} processes: ${(await complaint).trim()}`)
  const end = async () => {
    child.stdin.end()
    await over
  }
  return { end, pids: childrenOf(child.pid) }
}

/** The first process of each sandbox. */
function childrenOf(pid) {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.split(' ').filter(Boolean)
}

/** For the end of the runner: resolves when everything that was started is gone. */
export async function endAll() {
  ending = true
  const ends = [...running].map((child) => {
    if (child.stdin) child.stdin.end()
    else child.kill('SIGKILL')
    return ended(child)
  })
  await Promise.all(ends)
}

export function describeMachine() {
  const lsns = spawnSync('lsns', ['--version'], { encoding: 'utf8', env })
  const kernel = spawnSync('uname', ['-r'], { encoding: 'utf8', env })
  return {
    kernel: kernel.stdout?.trim() ?? null,
    cores: availableParallelism(),
    node: process.version,
    lsns: lsns.stdout?.trim() ?? null,
    date: new Date().toISOString(),
  }
}

/** In a session of its own: a Ctrl-C at the terminal reaches only the runner, which takes down. */
function start(name, args, stdin, extraEnv) {
  if (ending) throw new Error('stopped')
  const child = spawn(`${build}/${name}`, args, {
    detached: true,
    stdio: [stdin, 'pipe', 'pipe'],
    env: { ...env, ...extraEnv },
  })
  running.add(child)
  child.once('close', () => running.delete(child))
  return child
}

function ended(child) {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? signal))
  })
}

async function textOf(stream) {
  stream.setEncoding('utf8')
  let text = ''
  for await (const chunk of stream) text += chunk
  return text
}
