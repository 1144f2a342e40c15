import { describe, expect, it } from 'vitest'
import type { ActionPlan, Forecast, PlannedStep } from '../../src/model/exec-plan.ts'
import { isDoomed, renderPlan } from '../../src/render/plan.ts'
import { planDocument } from '../../src/render/plan-document.ts'
import { themeOf } from '../../src/render/theme.ts'
import { OPERATIONS, stepOf } from '../contract/plans.ts'

const WORKS: Forecast = { outcome: 'works', errno: null, why: null, hint: null }
const FAILS: Forecast = {
  outcome: 'fails',
  errno: 'EPERM',
  why: 'it needs CAP_SYS_ADMIN in the initial user namespace, which uid 1000 does not have',
  hint: 'run it as root: sudo nsx enter web; or enter its user namespace, too: --user',
}
const UNKNOWN: Forecast = {
  ...{ outcome: 'unknown', errno: null, hint: null },
  why: 'a seccomp filter of the caller may forbid it',
}

function step(what: string, forecast: Forecast, rest: Partial<PlannedStep> = {}): PlannedStep {
  return stepOf(OPERATIONS.init, { what, forecast, ...rest })
}

const PLAN: ActionPlan = {
  steps: [
    step('open a handle of web (pid 812)', WORKS),
    step('enter the network namespace of web (pid 812)', FAILS),
    step('mount a /proc that fits the PID namespace', UNKNOWN, { optional: true }),
    step('map the ids of the new user namespace', WORKS, { group: 1 }),
  ],
  notes: [
    'web (pid 812) has 2 seccomp filters, which cannot be copied: the command is not held by them',
  ],
  remarks: [],
  skipped: ['the time namespace: it is our own'],
}

const plain = await themeOf({ colorLevel: 0, unicode: true })
const render = (plan: Partial<ActionPlan>, width: number | null = 80, theme = plain) =>
  renderPlan(
    { steps: [], notes: [], remarks: [], skipped: [], ...plan },
    { command: 'enter', width, theme },
  )

describe('a plan', () => {
  it('has its steps, what decides them, what was left out and what is to be known', async () => {
    expect(await render(PLAN)).toBe(`nsx enter would fail: 1 of 4 steps

1  ✓ open a handle of web (pid 812)
2  ✗ enter the network namespace of web (pid 812)
     why: it needs CAP_SYS_ADMIN in the initial user namespace, which uid 1000
          does not have: operation not permitted (EPERM)
     try: run it as root: sudo nsx enter web; or enter its user namespace, too:
          --user
3  ? mount a /proc that fits the PID namespace (optional)
     why: a seccomp filter of the caller may forbid it
4  ✓ map the ids of the new user namespace (from outside)

Left out
  the time namespace: it is our own

To know
  web (pid 812) has 2 seccomp filters, which cannot be copied: the command is
  not held by them
`)
  })

  it.each([40, 60, 80, 120])('fits into %i columns', async (width) => {
    const text = await render(PLAN, width)
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width)
  })

  it('is not broken on a pipe', async () => {
    expect(await render(PLAN, null)).toContain(
      `     why: ${FAILS.why}: operation not permitted (EPERM)\n`,
    )
  })

  it.each([
    ['would work: 1 step', [step('a', WORKS)]],
    ['may work: 2 steps, of which 1 cannot be foreseen', [step('a', WORKS), step('b', UNKNOWN)]],
    ['would fail: 1 of 2 steps', [step('a', UNKNOWN), step('b', FAILS)]],
    ['would work: 1 step', [step('a', FAILS, { optional: true })]],
  ])('%s', async (headline, steps) => {
    expect(await render({ steps })).toMatch(new RegExp(`^nsx enter ${headline}\n`))
  })

  it('is doomed where a step fails that is not optional', () => {
    const doomed = (...steps: PlannedStep[]) =>
      isDoomed({ steps, notes: [], remarks: [], skipped: [] })
    expect(doomed(step('a', WORKS), step('b', UNKNOWN))).toBe(false)
    expect(doomed(step('a', FAILS, { optional: true }))).toBe(false)
    expect(doomed(step('a', WORKS), step('b', FAILS))).toBe(true)
  })

  it('aligns the numbers of more than nine steps', async () => {
    const text = await render({ steps: Array.from({ length: 10 }, () => step('a', WORKS)) })
    expect(text).toContain('\n 1  ✓ a\n')
    expect(text).toContain('\n10  ✓ a\n')
  })

  it('is ASCII where the locale is', async () => {
    const theme = await themeOf({ colorLevel: 0, unicode: false })
    const text = await render({ ...PLAN, notes: ['é'] }, 80, theme)
    expect(text).toMatch(/\n1 {2}\+ open.*\n2 {2}- enter/)
    expect(text).toContain('\\xe9')
    expect(text).toMatch(/^[\n\u0020-\u007e]*$/)
  })

  it('shows what could act on a terminal, wherever it is', async () => {
    const evil = 'a\x1b[2J\n\u202eb'
    const forecast = { ...FAILS, why: evil, hint: evil }
    const text = await render({ steps: [step(evil, forecast)], notes: [evil], skipped: [evil] })
    expect(text.match(/a\\x1b\[2J\\n\\u\{202e\}b/g)).toHaveLength(5)
    expect(text).not.toMatch(/[\x1b\u202e]/)
  })

  it('has colour by its theme', async () => {
    const theme = await themeOf({ colorLevel: 1, unicode: true })
    expect(await render(PLAN, 80, theme)).toContain('\x1b[32m✓')
  })
})

describe('the document of a plan', () => {
  const host = {} as Parameters<typeof planDocument>[1]['host']
  const details = (operation: PlannedStep['operation']) => {
    const plan = { steps: [stepOf(operation)], notes: [], remarks: [], skipped: [] }
    const { steps } = planDocument(plan, { command: 'run', host }) as {
      steps: { details: object }[]
    }
    return steps[0]?.details
  }

  it('reads the words of the command as text, and keeps values of variables to itself', () => {
    const operation = {
      ...OPERATIONS.exec,
      ...{ file: 'caf\xc3\xa9', args: ['\xff'], environment: ['KEY=secret', 'B'] },
    }
    expect(details(operation)).toEqual({
      file: 'café',
      args: ['\ufffd'],
      environment: ['KEY', 'B'],
    })
  })

  it('has the fields of an operation without its name', () => {
    expect(details(OPERATIONS.umask)).toEqual({ mask: 0o22 })
  })
})
