import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  statSync,
} from 'node:fs'

/**
 * One procfs by its root. Reading is all it does: parsers live in kernel/.
 * Errors are Node's own, with `code` and `path`.
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
    return readFileSync(this.path(relative))
  }

  /** The first bytes of a file; the kernel makes no more of it than is asked. */
  head(relative: string, size: number): Buffer {
    const fd = openSync(this.path(relative), 'r')
    try {
      const buffer = Buffer.allocUnsafe(size)
      let length = 0
      while (length < size) {
        const read = readSync(fd, buffer, length, size - length, null)
        if (read === 0) break
        length += read
      }
      return buffer.subarray(0, length)
    } finally {
      closeSync(fd)
    }
  }

  text(relative: string): string {
    return this.bytes(relative).toString('latin1')
  }

  /** Inode number and owner of a procfs file itself; never call it on a descriptor of a process. */
  stat(relative: string): { dev: number; ino: number; uid: number } {
    return statSync(this.path(relative))
  }
}
