import type { OperationName } from '../../src/model/exec-plan.ts'
import { LAYOUT, layoutOf } from './plan-layout.ts'

export type Decoded = bigint | string | readonly bigint[] | readonly string[]

export interface DecodedStep {
  readonly name: OperationName
  readonly flags: number
  readonly group: number
  readonly what: string
  readonly advice: readonly { errno: number; why: string; hint: string }[]
  /** By name; texts are latin1, that is to say their bytes. */
  readonly fields: Readonly<Record<string, Decoded>>
}

const NAMES = Object.keys(LAYOUT) as OperationName[]

/** Reads a plan as native/exec/plan.c does: all of it, and nothing is left. */
export function decodePlan(bytes: Uint8Array): DecodedStep[] {
  const buffer = Buffer.from(bytes)
  let at = 0
  const take = (size: number): Buffer => {
    if (at + size > buffer.length) throw new Error('the plan ends too soon')
    at += size
    return buffer.subarray(at - size, at)
  }
  const u32 = () => take(4).readUInt32LE()
  const text = () => {
    const found = take(u32()).toString('latin1')
    if (found.includes('\0') || take(1)[0] !== 0)
      throw new Error('a text does not end where it says')
    return found
  }
  const list = <T>(one: () => T): T[] => Array.from({ length: u32() }, one)
  const field = (letter: string): Decoded => {
    if ('tb'.includes(letter)) return text()
    if ('TB'.includes(letter)) return list(text)
    if (letter === 'N') return list(() => take(8).readBigInt64LE())
    return 'edmh'.includes(letter) ? take(8).readBigUInt64LE() : take(8).readBigInt64LE()
  }
  const step = (): DecodedStep => {
    const name = NAMES[u32() - 1] as OperationName
    return {
      name,
      flags: u32(),
      group: u32(),
      what: text(),
      advice: list(() => ({ errno: take(4).readInt32LE(), why: text(), hint: text() })),
      fields: Object.fromEntries(layoutOf(name).map(([letter, key]) => [key, field(letter)])),
    }
  }
  if (take(8).toString('latin1') !== 'NSXPLAN1') throw new Error('it is no plan')
  const steps = list(step)
  if (at !== buffer.length) throw new Error('something is left')
  return steps
}
