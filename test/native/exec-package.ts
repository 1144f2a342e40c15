import { execFileSync, spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { afterAll } from 'vitest'

const PROJECT = join(import.meta.dirname, '../..')
const BUILT = 'native/build/Release'

/** What the stand-in tells. */
export interface Told {
  readonly pid: number
  readonly name: string
  readonly words: number
  readonly environment: number
  readonly SigIgn: string
  readonly SigBlk: string
  readonly descriptors: readonly { fd: number; cloexec: boolean; nonblock: boolean }[]
  readonly exe: string
  /** -1: not of a file in memory. */
  readonly exeSeals: number
  /** What a shell says of writing to it. */
  readonly overwriting: string
  readonly plan: number
  readonly planSeals: number
}

/**
 * A package in which nsx-exec is the stand-in, and a script that performs a plan; for everybody to
 * use, and for root alone to write. Node too, for it may be out of reach.
 */
export interface ExecPackage {
  readonly root: string
  readonly standIn: string
  readonly node: string
}

const roots: string[] = []

// Of the file: one that is added from within a hook would not be called.
afterAll(() => {
  for (const root of roots.splice(0)) fs.rmSync(root, { recursive: true })
})

export async function execPackage(): Promise<ExecPackage> {
  const root = fs.mkdtempSync(join(tmpdir(), 'nsx-exec-'))
  roots.push(root)
  fs.mkdirSync(join(root, BUILT), { recursive: true })
  fs.copyFileSync(join(PROJECT, BUILT, 'nsx.node'), join(root, BUILT, 'nsx.node'))
  fs.copyFileSync(process.execPath, join(root, 'node'))
  const standIn = join(root, BUILT, 'nsx-exec')
  const source = join(import.meta.dirname, 'stand-in.c')
  execFileSync('cc', ['-static', '-D_GNU_SOURCE', '-o', standIn, source])
  await bundlePerform(join(root, 'perform.cjs'))
  fs.writeFileSync(join(root, 'launch.cjs'), LAUNCH)
  fs.chmodSync(root, 0o755)
  return { root, standIn, node: join(root, 'node') }
}

async function bundlePerform(file: string): Promise<void> {
  const bundle = await rolldown({
    input: join(PROJECT, 'src/act/perform.ts'),
    platform: 'node',
  })
  await bundle.write({ file, format: 'cjs' })
  await bundle.close()
}

/** Performs a plan without steps as its argument says; tells of a failure as nsx does. */
const LAUNCH = `
const { perform } = require('./perform.cjs')
const { touch, ...options } = JSON.parse(process.argv[2])
require('./native/build/Release/nsx.node')
if (touch) for (const stream of [process.stdin, process.stdout, process.stderr]) stream.fd
const state = () => {
  const { readFileSync } = require('node:fs')
  const flags = [0, 1, 2].map((fd) => readFileSync('/proc/self/fdinfo/' + fd, 'utf8').split('\\n')[1])
  return flags + readFileSync('/proc/self/status', 'utf8').match(/Sig(Blk|Ign|Cgt).*/g)
}
const before = state()
try {
  perform({ steps: [] }, { packageRoot: __dirname, preserveFds: 0, statusFd: null, uidMap: null, ...options })
} catch (error) {
  console.log(JSON.stringify({ message: error.message, details: error.details, same: state() === before }))
  process.exitCode = 125
}
`

export interface Launch {
  /** Before the command line of Node. */
  readonly wrapper?: readonly string[]
  readonly touch?: boolean
  readonly preserveFds?: number
  readonly statusFd?: number
  readonly uidMap?: unknown
}

export interface Launched {
  readonly pid: number
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the script with pipes for standard input, output and error. */
export function launch(
  { root, node }: ExecPackage,
  { wrapper = [], ...options }: Launch = {},
): Promise<Launched> {
  const words = [...wrapper, node, join(root, 'launch.cjs'), JSON.stringify(options)]
  const child = spawn(words[0] as string, words.slice(1), { stdio: 'pipe' })
  child.stdin.end()
  const text = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    text.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    text.stderr += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve({ pid: child.pid as number, status, ...text }))
  })
}

/** What the stand-in tells, when the script has become it. */
export async function launchToTell(of: ExecPackage, options: Launch = {}): Promise<Told> {
  const { status, stdout, stderr } = await launch(of, options)
  if (!stdout.includes('exeSeals')) throw new Error(`${status}: ${stdout}${stderr}`)
  return { ...JSON.parse(stdout), overwriting: stderr }
}
