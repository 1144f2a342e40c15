import { beforeAll, describe, expect, it } from 'vitest'
import { encodePlan } from '../../src/act/encode-plan.ts'
import type { ExecStep, Operation } from '../../src/model/exec-plan.ts'
import { type End, type Handed, runAll } from './hand-plans.ts'
import { isRoot } from './support.ts'

const SEED = 15
const MUTATIONS = 2000

function sealed(bytes: Uint8Array): Handed {
  return { as: 'sealed', bytes: Buffer.from(bytes).toString('base64') }
}

function planOf(...operations: Operation[]): Buffer {
  const steps = operations.map(
    (operation): ExecStep => ({
      operation,
      what: 'do this',
      advice: [{ errno: 'EPERM', why: 'it is forbidden', hint: 'do not' }],
    }),
  )
  return Buffer.from(encodePlan({ steps }))
}

const EXEC: Operation = {
  name: 'exec',
  file: '/bin/true',
  args: ['true', 'x'],
  environment: ['A=1'],
}

const GOOD = planOf(
  { name: 'openDirectory', slot: 3, path: '/' },
  { name: 'umask', mask: 0o22 },
  { name: 'groups', ids: [1, 2, 3], lenient: true },
  { name: 'chdir', slot: 3 },
  { name: 'noNewPrivs' },
  { name: 'seal', keep: [] },
  EXEC,
)

/** As of a linear congruential generator: the same numbers each time. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function mutations(count: number): Buffer[] {
  const any = numbersFrom(SEED)
  const edges = [0, 1, 0x7f, 0x80, 0xff]
  return Array.from({ length: count }, () => {
    const bytes = Buffer.from(GOOD)
    for (let i = any(3); i >= 0; i--) {
      bytes[any(bytes.length)] = any(2) === 0 ? (edges[any(edges.length)] as number) : any(256)
    }
    if (any(4) !== 0) return bytes
    const [from, to] = [any(bytes.length), any(bytes.length)]
    return any(2) === 0
      ? Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
      : Buffer.concat([bytes.subarray(0, from), bytes.subarray(to, to + 16), bytes.subarray(from)])
  })
}

function refused({ status, stderr }: End, why: string): void {
  expect({ status, stderr }).toEqual({
    status: 125,
    stderr: `nsx: cannot carry out the plan: ${why}\n  nsx-exec is started by nsx alone\n`,
  })
}

describe.runIf(isRoot)('nsx-exec', () => {
  let good: End | undefined
  beforeAll(() => {
    good = runAll([sealed(GOOD)])[0]
  })

  it('carries out a good plan', () => {
    expect(good).toEqual({ status: 0, stderr: '' })
  })

  it.each([
    ['in memory that is not sealed', 'unsealed'],
    ['in memory that can still be written', 'writable'],
    ['in memory that can still grow', 'growing'],
    ['in an ordinary file', 'file'],
    ['in a pipe', 'pipe'],
    ['on a descriptor that is not open', 'nothing'],
  ] as const)('refuses a plan %s', (_, as) => {
    const [end] = runAll([{ ...sealed(GOOD), as }])
    refused(end as End, 'it is not a sealed memfd')
  })

  it('refuses a plan that ends early, wherever', () => {
    const cuts = Array.from({ length: GOOD.length }, (_, size) => GOOD.subarray(0, size))
    const ends = runAll(cuts.map(sealed))
    expect(ends).toHaveLength(GOOD.length)
    for (const [size, { status, stderr }] of ends.entries()) {
      expect({ size, status, stderr }).toEqual({
        ...{ size, status: 125 },
        stderr: expect.stringMatching(/^nsx: cannot carry out the plan: it (is|cannot) /),
      })
    }
  })

  it.each([
    ['has something behind its end', Buffer.concat([GOOD, Buffer.of(0)]), 'it is broken'],
    [
      'is of another version',
      Buffer.concat([Buffer.from('NSXPLAN2'), GOOD.subarray(8)]),
      'it is of another version',
    ],
    ['has no steps', planOf(), 'it is empty'],
    ['ends without a command', planOf({ name: 'umask', mask: 0 }), 'its last step is no exec'],
    ['goes on after the command', planOf(EXEC, EXEC), 'its last step is no exec'],
    ['has an empty command', planOf({ ...EXEC, args: [] }), 'the command is empty'],
    ['has a slot too high', planOf({ name: 'chroot', slot: 64 }, EXEC), 'a slot is out of range'],
    ['has a slot too low', planOf({ name: 'chroot', slot: -1 }, EXEC), 'a slot is out of range'],
    [
      'has too many steps',
      planOf(...Array.from({ length: 1024 }, (): Operation => ({ name: 'noNewPrivs' })), EXEC),
      'it has too many steps',
    ],
  ])('refuses a plan that %s', (_, bytes, why) => {
    refused(runAll([sealed(bytes)])[0] as End, why)
  })

  it(`neither crashes nor hangs at ${MUTATIONS} broken plans (seed ${SEED})`, () => {
    const plans = mutations(MUTATIONS)
    const ends = runAll(plans.map(sealed))
    const odd = ends.flatMap(({ status, stderr }, i) =>
      status !== null && [0, 125, 126, 127].includes(status)
        ? []
        : [{ i, status, stderr, plan: plans[i]?.toString('latin1') }],
    )
    expect(odd).toEqual([])
    const broken = ends.filter(({ stderr }) => stderr.includes('cannot carry out the plan'))
    expect(broken.length).toBeGreaterThan(MUTATIONS / 4)
    expect(broken.filter(({ status }) => status !== 125)).toEqual([])
  })
})
