import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Errno, isOurs } from '../kernel/errno.ts'
import type { FileBelow, FileContent } from '../model/inside.ts'
import type { Addon } from './addon.ts'
import { errnoName } from './errno-name.ts'
import type { Host } from './port.ts'
import { type FileAnswer, parseAnswers, requestBytes } from './read-files-protocol.ts'
import { throwIfOurs } from './system-error.ts'

/** A child that says nothing for so long is abandoned. */
const SILENCE_MS = 1000
/** Whoever makes one file hang can make them all hang. */
const MOST_FAILURES = 3
/** Nor may one be slow for ever, each time a little faster than the limit. */
const MOST_MS = 10_000

type Converse = Pick<Addon, 'converse'>

/**
 * Reads files below roots that are not ours, each of which may hang (a FUSE or NFS server that does
 * not answer), in a child: one that hangs is abandoned, its file is ETIMEDOUT, and another child goes
 * on with the next file. By the addon: Node's own way to a child takes three times as long.
 *
 * @returns null where the program (native/nsx-read.c) is missing.
 */
export function fileReader(addon: Converse, packageRoot: string): Host['readFiles'] {
  const program = [`prebuilds/linux-${process.arch}/nsx-read`, 'native/build/Release/nsx-read']
    .map((path) => join(packageRoot, path))
    .find((path) => existsSync(path))
  return program === undefined ? null : async (files) => readFiles(addon, program, files)
}

function readFiles(
  addon: Converse,
  program: string,
  files: readonly FileBelow[],
): (FileContent | Errno)[] {
  const answers: (FileContent | Errno)[] = []
  const end = performance.now() + MOST_MS
  let failures = 0
  let last: Errno = 'ETIMEDOUT'
  while (answers.length < files.length && failures < MOST_FAILURES && performance.now() < end) {
    const left = files.slice(answers.length)
    const { read, failure } = readInOrder(addon, program, { files: left, end })
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
function readInOrder(
  { converse }: Converse,
  program: string,
  { files, end }: { readonly files: readonly FileBelow[]; readonly end: number },
): Reading {
  const mostMs = Math.max(1, Math.ceil(end - performance.now()))
  const { bytes, error } = converse(program, requestBytes(files), SILENCE_MS, mostMs)
  const read = parseAnswers(bytes).answers.slice(0, files.length)
  if (read.length === files.length) return { read, failure: null }
  // What has ended too early has not told why.
  const failure = error === 0 ? 'EIO' : errnoName(error)
  throwIfOurs(failure, 'files of other roots')
  return { read, failure }
}
