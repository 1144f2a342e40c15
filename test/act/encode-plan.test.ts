import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodePlan } from '../../src/act/encode-plan.ts'
import type { ExecStep, Operation, OperationName } from '../../src/model/exec-plan.ts'
import { type Decoded, decodePlan } from './decode-plan.ts'
import { LAYOUT, layoutOf } from './plan-layout.ts'

const NAMES = Object.keys(LAYOUT) as OperationName[]

function stepOf(operation: Operation, more: Partial<ExecStep> = {}): ExecStep {
  return { operation, what: 'do it', advice: [], ...more }
}

function encoded(...steps: ExecStep[]): string {
  return Buffer.from(encodePlan({ steps })).toString('latin1')
}

describe('the bytes of a plan', () => {
  it('of no step are the header alone', () => {
    expect(encoded()).toBe('NSXPLAN1\0\0\0\0')
  })

  it('are these, for one with everything', () => {
    const step: ExecStep = {
      operation: { name: 'openDirectory', slot: 2, path: '/é' },
      what: 'go',
      advice: [
        { errno: 'EPERM', why: 'no', hint: null },
        { errno: null, why: null, hint: 'sudo' },
      ],
      optional: true,
      group: 3,
    }
    expect(encoded(step)).toBe(
      [
        'NSXPLAN1\x01\0\0\0',
        '\x06\0\0\0\x01\0\0\0\x03\0\0\0',
        '\x02\0\0\0go\0',
        '\x02\0\0\0',
        '\x01\0\0\0\x02\0\0\0no\0\0\0\0\0\0',
        '\0\0\0\0\0\0\0\0\0\x04\0\0\0sudo\0',
        '\x02\0\0\0\0\0\0\0',
        '\x03\0\0\0/\xc3\xa9\0',
      ].join(''),
    )
  })

  it.each<[string, Operation, Record<string, Decoded>]>([
    [
      'no status descriptor is -1',
      { name: 'monitor', spawns: true, pty: false, statusFd: null },
      { spawns: 1n, pty: 0n, statusFd: -1n },
    ],
    [
      'any process is one that started at 0',
      { name: 'pidfd', slot: 0, pid: 7, startTicks: null, inode: null },
      { slot: 0n, pid: 7n, startTicks: 0n, inode: 0n },
    ],
    [
      'any namespace is inode 0',
      { name: 'openNamespace', slot: 1, path: '/x', inum: null, type: 0x4000_0000 },
      { slot: 1n, path: '/x', inum: 0n, type: 0x4000_0000n },
    ],
    [
      'no limit is RLIM_INFINITY',
      { name: 'limit', resource: 7, soft: '1024', hard: null },
      { resource: 7n, soft: 1024n, hard: 0xffff_ffff_ffff_ffffn },
    ],
    [
      'capability sets are hexadecimal, as in status',
      {
        name: 'capabilities',
        ...{ bounding: '000001ffffffffff', permitted: '10', effective: '0', inheritable: 'ff' },
        ambient: 'ffffffffffffffff',
      },
      {
        ...{ bounding: 0x1ff_ffff_ffffn, permitted: 16n, effective: 0n, inheritable: 255n },
        ambient: 0xffff_ffff_ffff_ffffn,
      },
    ],
    [
      'words of the command line are bytes',
      { name: 'exec', file: 'b\xff', args: ['', 'é'], environment: [] },
      { file: 'b\xff', args: ['', '\xe9'], environment: [] },
    ],
  ])('%s', (_, operation, fields) => {
    const [step] = decodePlan(encodePlan({ steps: [stepOf(operation)] }))
    expect(step?.fields).toEqual(fields)
  })

  it('are read again as they were meant, whatever the plan', () => {
    fc.assert(
      fc.property(fc.array(anyStep(), { maxLength: 5 }), (steps) => {
        const decoded = decodePlan(encodePlan({ steps: steps.map(({ step }) => step) }))
        expect(decoded.map(({ name, fields }) => ({ name, fields }))).toEqual(
          steps.map(({ step, fields }) => ({ name: step.operation.name, fields })),
        )
      }),
    )
  })
})

describe('what cannot be written', () => {
  it.each<[string, Operation]>([
    ['the path', { name: 'chdirPath', path: '/a\0b' }],
    ['the args', { name: 'exec', file: 'a', args: ['a', '\0'], environment: [] }],
    ['the content', { name: 'fileOver', target: '/etc/resolv.conf', content: 'a\0' }],
  ])('is a NUL byte in %s: the kernel would take it for a shorter one', (field, operation) => {
    expect(() => encoded(stepOf(operation))).toThrow(
      `cannot do it: there is a NUL byte in ${field} of ${operation.name}`,
    )
  })

  it('is a character beyond a byte, or an errno that there is none of', () => {
    const exec: Operation = { name: 'exec', file: 'ā', args: [], environment: [] }
    expect(() => encoded(stepOf(exec))).toThrow('no byte')
    const advice = [{ errno: 'EWHAT', why: null, hint: null }]
    expect(() => encoded(stepOf({ name: 'init' }, { advice }))).toThrow('EWHAT')
  })
})

it('a NUL byte in what a step is called does not stop the plan', () => {
  const [step] = decodePlan(encodePlan({ steps: [stepOf({ name: 'init' }, { what: 'a\0b' })] }))
  expect(Buffer.from(step?.what ?? '', 'latin1').toString()).toBe('a\ufffdb')
})

it('an errno that Node has no name for is its number', () => {
  const advice = [{ errno: 'errno 524', why: null, hint: null }]
  const [step] = decodePlan(encodePlan({ steps: [stepOf({ name: 'init' }, { advice })] }))
  expect(step?.advice[0]?.errno).toBe(524)
})

describe('nsx-exec', () => {
  const source = (file: string) =>
    readFileSync(join(import.meta.dirname, '../../native/exec', file), 'utf8')
  const inC = (name: string) => `k${name.charAt(0).toUpperCase()}${name.slice(1)}`

  it('numbers the operations as they are numbered here', () => {
    const body = /enum operation \{([^}]*)\}/.exec(source('plan.h'))?.[1] as string
    const names = [...body.matchAll(/\b(k\w+)/g)].map(([, name]) => name)
    expect(names).toEqual([...NAMES.map(inC), 'kOperations'])
    expect(body).toContain('kMonitor = 1,')
    for (const [i, name] of NAMES.entries()) {
      expect(encodedNumber(name), name).toBe(i + 1)
    }
  })

  it('reads fields of the kinds that are written here', () => {
    const rows = [...source('plan.c').matchAll(/\[(k\w+)\] = "(\w*)"/g)]
    const kinds = Object.fromEntries(rows.map(([, name, letters]) => [name, letters]))
    const expected = NAMES.map((name) => [inC(name), layoutOf(name).map(letterInC).join('')])
    expect(kinds).toEqual(Object.fromEntries(expected))
  })
})

function letterInC([letter]: readonly [string, string]): string {
  if (letter === 'b') return 't'
  if (letter === 'B') return 'T'
  return /[tTN]/.test(letter) ? letter : 'n'
}

function encodedNumber(name: OperationName): number {
  const fields = layoutOf(name).map(([letter, key]) => [key, SAMPLES[letter]])
  const operation = { name, ...Object.fromEntries(fields) } as Operation
  return Buffer.from(encodePlan({ steps: [stepOf(operation)] })).readUInt32LE(12)
}

const SAMPLES: Readonly<Record<string, unknown>> = {
  ...{ n: 1, z: 1, f: true, d: '1', e: '1', m: '1', h: '1', t: '', b: '', N: [], T: [], B: [] },
}

/** A value of a field, and what is to be read again. */
interface Sample {
  readonly value: unknown
  readonly read: Decoded
}

function anyStep(): fc.Arbitrary<{ step: ExecStep; fields: Record<string, Decoded> }> {
  return fc.constantFrom(...NAMES).chain((name) => {
    const layout = layoutOf(name)
    const samples = fc.tuple(...layout.map(([letter]) => FIELDS[letter] as fc.Arbitrary<Sample>))
    return samples.map((values) => {
      const by = (pick: (sample: Sample) => unknown) =>
        Object.fromEntries(layout.map(([, key], i) => [key, pick(values[i] as Sample)]))
      const operation = { name, ...by(({ value }) => value) } as Operation
      return { step: stepOf(operation), fields: by(({ read }) => read) as Record<string, Decoded> }
    })
  })
}

const numbers = fc.maxSafeInteger()
const words = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'))
const byteWords = fc
  .array(fc.integer({ min: 1, max: 255 }))
  .map((codes) => String.fromCharCode(...codes))
const decimals = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const utf8 = (text: string) => Buffer.from(text).toString('latin1')

function orNull<T>(some: fc.Arbitrary<T>, read: (value: T) => Decoded, none: bigint) {
  return fc.option(some).map((value) => ({ value, read: value === null ? none : read(value) }))
}

const FIELDS: Readonly<Record<string, fc.Arbitrary<Sample>>> = {
  n: numbers.map((value) => ({ value, read: BigInt(value) })),
  z: orNull(numbers, BigInt, 0n),
  f: fc.boolean().map((value) => ({ value, read: value ? 1n : 0n })),
  d: decimals.map((value) => ({ value: String(value), read: value })),
  e: orNull(decimals.map(String), BigInt, 0n),
  m: orNull(decimals.map(String), BigInt, 2n ** 64n - 1n),
  h: decimals.map((value) => ({ value: value.toString(16), read: value })),
  t: words.map((value) => ({ value, read: utf8(value) })),
  b: byteWords.map((value) => ({ value, read: value })),
  N: fc.array(numbers).map((value) => ({ value, read: value.map(BigInt) })),
  T: fc.array(words).map((value) => ({ value, read: value.map(utf8) })),
  B: fc.array(byteWords).map((value) => ({ value, read: value })),
}
