import { writeSync } from 'node:fs'
import { EXIT, NsxError } from '../errors.ts'

/** Whoever read our output has gone (`| head -1`): not an error, only the end. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed'
}

/**
 * Writes all of the text before it returns. Straight to the descriptor: merely touching
 * process.stdout loads Node's stream and terminal modules, a tenth of the time of a bare start.
 */
export async function writeOut(text: string): Promise<void> {
  try {
    await writeAll(1, text)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EPIPE') throw new OutputClosed()
    throw new NsxError(`cannot write to standard output: ${code ?? error}`, {
      code: 'output',
      exitCode: EXIT.incomplete,
      hint: 'the output is not complete',
      ...(code === undefined ? {} : { errno: code }),
    })
  }
}

/** As `writeOut`, but nobody can be told when standard error does not work. */
export async function writeError(text: string): Promise<void> {
  await writeAll(2, text).catch(() => undefined)
}

async function writeAll(fd: 1 | 2, text: string): Promise<void> {
  let bytes = Buffer.from(text)
  while (bytes.length > 0) {
    const written = writeSome(fd, bytes)
    if (written === undefined) return writeLater(fd, bytes)
    bytes = bytes.subarray(written)
  }
}

/** How many bytes were taken; undefined: the reader is slow and the descriptor does not block. */
function writeSome(fd: number, bytes: Buffer): number | undefined {
  try {
    return writeSync(fd, bytes)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined
    throw error
  }
}

/** Leaves the waiting to the event loop. */
function writeLater(fd: 1 | 2, bytes: Buffer): Promise<void> {
  const stream = fd === 1 ? process.stdout : process.stderr
  return new Promise((resolve, reject) => {
    stream.on('error', reject)
    stream.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}
