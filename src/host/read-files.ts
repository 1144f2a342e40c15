import type { ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { type Errno, isOurs } from '../kernel/errno.ts'
import type { FileBelow, FileContent } from '../model/inside.ts'
import { errnoName } from './errno-name.ts'
import type { Host } from './port.ts'
import { type FileAnswer, parseAnswers, requestBytes } from './read-files-protocol.ts'
import { errnoOf, throwIfOurs } from './system-error.ts'

/** A child that says nothing for so long is abandoned. */
const SILENCE_MS = 1000
/** Whoever makes one file hang can make them all hang. */
const MOST_FAILURES = 3
/** What was killed is gone by then, unless it hangs in the kernel. */
const DYING_MS = 100
/** Nor may one be slow for ever, each time a little faster than the limit. */
const MOST_MS = 10_000

/**
 * Reads files below roots that are not ours, each of which may hang (a FUSE or NFS server that does
 * not answer), in a child: one that hangs is abandoned, its file is ETIMEDOUT, and another child goes
 * on with the next file.
 *
 * @returns null where the program (native/nsx-read.c) is missing.
 */
export function fileReader(packageRoot: string): Host['readFiles'] {
  const program = [`prebuilds/linux-${process.arch}/nsx-read`, 'native/build/Release/nsx-read']
    .map((path) => join(packageRoot, path))
    .find((path) => existsSync(path))
  return program === undefined ? null : (files) => readFiles(program, files)
}

async function readFiles(
  program: string,
  files: readonly FileBelow[],
): Promise<(FileContent | Errno)[]> {
  const answers: (FileContent | Errno)[] = []
  const end = performance.now() + MOST_MS
  let failures = 0
  let last: Errno = 'ETIMEDOUT'
  while (answers.length < files.length && failures < MOST_FAILURES && performance.now() < end) {
    const left = files.slice(answers.length)
    const { read, failure } = await readInOrder(program, left, end)
    answers.push(...read.map(contentOf))
    if (failure === null) continue
    answers.push(failure)
    last = failure
    failures++
  }
  while (answers.length < files.length) answers.push(last)
  return answers
}

/** A file system of a user's may say whatever it likes, even that it is we who ran out of memory. */
function contentOf(answer: FileAnswer): FileContent | Errno {
  if (typeof answer !== 'number') return answer
  const errno = errnoName(answer)
  return isOurs(errno) ? 'EIO' : errno
}

interface Reading {
  /** Of the first files, in order. */
  readonly read: readonly FileAnswer[]
  /** Why the next file was not read; null: all were. */
  readonly failure: Errno | null
}

/** Reads with one child as far as it gets. */
async function readInOrder(
  program: string,
  files: readonly FileBelow[],
  end: number,
): Promise<Reading> {
  const child = await start(program)
  if (typeof child === 'string') return { read: [], failure: child }
  // It may have ended by itself; then the answers that are missing say so.
  child.stdin.on('error', () => undefined)
  child.stdin.end(requestBytes(files))
  try {
    return await receive(child.stdout, files.length, end)
  } finally {
    // Nothing of it may keep Node: where it hangs in the kernel, not even SIGKILL ends it.
    child.kill('SIGKILL')
    child.stdin.destroy()
    child.stdout.destroy()
    child.unref()
    await ended(child)
  }
}

/** Whoever this process becomes is not to inherit a dead child; one that does not die is left to itself. */
async function ended(child: Child): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ac = new AbortController()
  const timer = setTimeout(() => ac.abort(), DYING_MS)
  await once(child, 'exit', { signal: ac.signal }).catch(() => undefined)
  clearTimeout(timer)
}

type Child = ChildProcessByStdio<Writable, Readable, null>

async function start(program: string): Promise<Child | Errno> {
  try {
    // Loaded on use: most runs need no child.
    const { spawn } = process.getBuiltinModule('node:child_process')
    const child = spawn(program, [], { env: {}, stdio: ['pipe', 'pipe', 'ignore'] })
    await once(child, 'spawn')
    return child
  } catch (error) {
    const errno = errnoName(errnoOf(error))
    throwIfOurs(errno, 'files of other roots')
    return errno
  }
}

function receive(stdout: Readable, count: number, end: number): Promise<Reading> {
  return new Promise((resolve) => {
    const read: FileAnswer[] = []
    let rest: Buffer = Buffer.alloc(0)
    let received = 0
    const finish = (failure: Errno | null) => {
      clearTimeout(silence)
      clearTimeout(deadline)
      resolve({ read, failure })
    }
    const silence = setTimeout(() => {
      const before = received
      // It may be we who were busy: what has come meanwhile is read before this is called.
      setImmediate(() => {
        if (received === before) finish('ETIMEDOUT')
      })
    }, SILENCE_MS)
    const deadline = setTimeout(finish, end - performance.now(), 'ETIMEDOUT')
    stdout.on('data', (chunk: Buffer) => {
      silence.refresh()
      received += chunk.length
      const parsed = parseAnswers(Buffer.concat([rest, chunk]))
      rest = parsed.rest
      read.push(...parsed.answers)
      if (read.length === count) finish(null)
    })
    stdout.on('end', () => finish('EIO'))
  })
}
