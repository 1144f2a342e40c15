import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { constants as system } from 'node:os'
import { dirname } from 'node:path'

/** No file of a procfs that is read here is as long; a saved one is no reason to fill the memory. */
const MOST_BYTES = 64 * 1024 * 1024

/**
 * One procfs by its root. Reading is all it does: parsers live in kernel/.
 * Errors are Node's own, with `code`, `errno` and `path`.
 *
 * A root may be anybody's (a container's, a folder): a FIFO in it must not hold us up, nor a symbolic
 * link lead out of it. So files are opened without waiting and without following, and read only if
 * they are regular ones.
 */
export class Procfs {
  readonly root: string

  constructor(root: string) {
    this.root = root.length > 1 ? root.replace(/\/+$/, '') : root
  }

  path(relative: string): string {
    return `${this.root}/${relative}`
  }

  exists(relative: string): boolean {
    return existsSync(this.path(relative))
  }

  names(relative: string): string[] {
    return readdirSync(this.path(relative))
  }

  /** The text of a symbolic link. */
  link(relative: string): string {
    return readlinkSync(this.path(relative))
  }

  /** A whole file. The bytes are whatever a process put there: decode with care. */
  bytes(relative: string): Buffer {
    return readRegular(this.path(relative), MOST_BYTES)
  }

  /** The first bytes of a file; the kernel makes no more of it than is asked. */
  head(relative: string, size: number): Buffer {
    return readRegular(this.path(relative), size)
  }

  text(relative: string): string {
    return this.bytes(relative).toString('latin1')
  }

  /** Inode number and owner of a procfs file itself; never call it on a descriptor of a process. */
  stat(relative: string): { dev: number; ino: number; uid: number } {
    return statSync(this.path(relative))
  }
}

/** A saved procfs, an ordinary folder: its own links may lead nowhere but below it. */
export class SavedProcfs extends Procfs {
  private readonly home: string

  constructor(root: string) {
    super(root)
    this.home = realpathSync(root)
  }

  override path(relative: string): string {
    const path = super.path(relative)
    const folder = realpathSync(relative === '' ? path : dirname(path))
    if (folder !== this.home && !folder.startsWith(`${this.home}/`)) {
      throw systemError('ELOOP', 'open', path)
    }
    return path
  }

  override exists(relative: string): boolean {
    try {
      return super.exists(relative)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error
      return false
    }
  }
}

function readRegular(path: string, size: number): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  try {
    if (!fstatSync(fd).isFile()) throw systemError('EINVAL', 'open', path)
    return readUpTo(fd, size)
  } finally {
    closeSync(fd)
  }
}

function readUpTo(fd: number, size: number): Buffer {
  const chunks: Buffer[] = []
  let left = size
  while (left > 0) {
    // Most files are short; a long one is not read in a thousand pieces.
    const chunk = Buffer.allocUnsafe(Math.min(left, chunks.length === 0 ? 8192 : 256 * 1024))
    const read = readSync(fd, chunk, 0, chunk.length, null)
    if (read === 0) break
    chunks.push(chunk.subarray(0, read))
    left -= read
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
}

function systemError(code: 'EINVAL' | 'ELOOP', syscall: string, path: string): Error {
  const errno = -system.errno[code]
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, errno, syscall, path })
}
