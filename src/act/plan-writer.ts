/** Collects what a plan is written of: numbers in the byte order of the machines Node runs on here. */
export class PlanWriter {
  readonly #chunks: Buffer[] = []

  u32(value: number): void {
    const chunk = Buffer.alloc(4)
    chunk.writeUInt32LE(value)
    this.#chunks.push(chunk)
  }

  i32(value: number): void {
    const chunk = Buffer.alloc(4)
    chunk.writeInt32LE(value)
    this.#chunks.push(chunk)
  }

  i64(value: bigint): void {
    const chunk = Buffer.alloc(8)
    chunk.writeBigInt64LE(value)
    this.#chunks.push(chunk)
  }

  u64(value: bigint): void {
    const chunk = Buffer.alloc(8)
    chunk.writeBigUInt64LE(value)
    this.#chunks.push(chunk)
  }

  raw(bytes: Buffer): void {
    this.#chunks.push(bytes)
  }

  /** The size, the bytes, a NUL byte. */
  text(bytes: Buffer): void {
    this.u32(bytes.length)
    this.#chunks.push(bytes, NUL)
  }

  bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}

const NUL = Buffer.alloc(1)
