import { constants } from 'node:os'
import type { Errno } from '../kernel/errno.ts'
import type { Advice, ExecPlan, ExecStep, Operation } from '../model/exec-plan.ts'
import { failure } from './failure.ts'
import { type FieldKind, OPERATIONS } from './operations.ts'
import { PlanWriter } from './plan-writer.ts'

const MAGIC = 'NSXPLAN1'
const OPTIONAL = 1
const MOST = 2n ** 64n - 1n

const NUMBERS = new Map(Object.keys(OPERATIONS).map((name, i) => [name, i + 1]))
const ERRNOS: Readonly<Record<Errno, number>> = constants.errno

/**
 * The bytes that nsx-exec reads (native/exec/plan.h). The same plan gives the same bytes.
 *
 * @throws {NsxError} a text has a NUL byte, so that the kernel would take it for a shorter one.
 */
export function encodePlan(plan: ExecPlan): Uint8Array {
  const writer = new PlanWriter()
  writer.raw(Buffer.from(MAGIC, 'latin1'))
  writer.u32(plan.steps.length)
  for (const step of plan.steps) writeStep(writer, step)
  return writer.bytes()
}

function writeStep(writer: PlanWriter, step: ExecStep): void {
  const { operation, what, advice, optional, group } = step
  writer.u32(NUMBERS.get(operation.name) as number)
  writer.u32(optional ? OPTIONAL : 0)
  writer.u32(group ?? 0)
  writer.text(words(what))
  writer.u32(advice.length)
  for (const one of advice) writeAdvice(writer, one)
  for (const { field, kind, value } of fieldsOf(operation)) {
    const write = WRITERS[kind] as (writer: PlanWriter, value: unknown) => void
    try {
      write(writer, value)
    } catch (error) {
      if (!(error instanceof NulByte)) throw error
      throw failure(`cannot ${what}: there is a NUL byte in the ${field} of ${operation.name}`, {
        code: 'nul-byte',
      })
    }
  }
}

function writeAdvice(writer: PlanWriter, { errno, why, hint }: Advice): void {
  writer.i32(errno === null ? 0 : errnoNumber(errno))
  writer.text(words(why ?? ''))
  writer.text(words(hint ?? ''))
}

function fieldsOf(operation: Operation) {
  const kinds: readonly [string, FieldKind][] = Object.entries(OPERATIONS[operation.name])
  const values = operation as unknown as Readonly<Record<string, unknown>>
  return kinds.map(([field, kind]) => ({ field, kind, value: values[field] }))
}

/** The inverse of errnoName (host/errno-name.ts). */
function errnoNumber(errno: Errno): number {
  const number = ERRNOS[errno] ?? Number(/^errno (\d+)$/.exec(errno)?.[1])
  if (Number.isNaN(number)) throw new Error(`no such errno: ${errno}`)
  return number
}

type Writers = { readonly [K in FieldKind]: (writer: PlanWriter, value: ValueOf<K>) => void }

type ValueOf<K extends FieldKind> = {
  number: number | null
  numberOrZero: number | null
  flag: boolean
  decimal: string
  decimalOrZero: string | null
  decimalOrMost: string | null
  hexadecimal: string
  text: string
  bytes: string
  numbers: readonly number[]
  texts: readonly string[]
  byteTexts: readonly string[]
}[K]

const WRITERS: Writers = {
  number: (writer, value) => writer.i64(BigInt(value ?? -1)),
  numberOrZero: (writer, value) => writer.i64(BigInt(value ?? 0)),
  flag: (writer, value) => writer.i64(value ? 1n : 0n),
  decimal: (writer, value) => writer.u64(BigInt(value)),
  decimalOrZero: (writer, value) => writer.u64(BigInt(value ?? 0)),
  decimalOrMost: (writer, value) => writer.u64(value === null ? MOST : BigInt(value)),
  hexadecimal: (writer, value) => writer.u64(BigInt(`0x${value}`)),
  text: (writer, value) => writer.text(utf8(value)),
  bytes: (writer, value) => writer.text(latin1(value)),
  numbers: (writer, value) => {
    writer.u32(value.length)
    for (const number of value) writer.i64(BigInt(number))
  },
  texts: (writer, value) => {
    writer.u32(value.length)
    for (const text of value) writer.text(utf8(text))
  },
  byteTexts: (writer, value) => {
    writer.u32(value.length)
    for (const text of value) writer.text(latin1(text))
  },
}

class NulByte extends Error {}

function utf8(text: string): Buffer {
  if (text.includes('\0')) throw new NulByte()
  return Buffer.from(text, 'utf8')
}

function latin1(text: string): Buffer {
  if (text.includes('\0')) throw new NulByte()
  if (/[^\0-\xff]/.test(text)) throw new Error('a character of a byte string is no byte')
  return Buffer.from(text, 'latin1')
}

/** Words are for reading: what a target's own name has in it must not stop the plan. */
function words(text: string): Buffer {
  return Buffer.from(text.replaceAll('\0', '\ufffd'), 'utf8')
}
