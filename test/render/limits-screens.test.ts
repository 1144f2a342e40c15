import { describe, it } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { marksOfLimits } from '../../src/query/limits/limits.ts'
import { renderLimits } from '../../src/render/limits.ts'
import { coverageNote } from '../../src/render/notes.ts'
import { themeOf } from '../../src/render/theme.ts'
import { type FixtureOptions, fixtureHost } from '../support/fixture-host.ts'
import type { Machine } from '../support/fixture-procfs.ts'
import { limitFiles, limitsOfHost } from '../support/limits.ts'
import { expectScreen } from '../support/screens.ts'

const LIMITED: FixtureOptions = { files: limitFiles({ net: 2, user: 1, uts: 0, time: 4194304 }) }

interface Look {
  readonly width: number | null
  readonly unicode?: boolean
  readonly colorLevel?: 0 | 1
  readonly types?: typeof NS_TYPE_NAMES
}

/** What `nsx limits` writes, then the notes that go to standard error. */
async function screen(machine: Machine, target: string | null, look: Look): Promise<string> {
  const { width, unicode = true, colorLevel = 0, types = NS_TYPE_NAMES } = look
  const { facts, view } = await limitsOfHost(fixtureHost(machine, LIMITED), target, { types })
  const text = await renderLimits(view, { width, theme: await themeOf({ colorLevel, unicode }) })
  const note = coverageNote(facts, marksOfLimits(view))
  return note === null ? text : `${text}nsx: ${note}\n`
}

const SUBJECTS = [
  ['bare-host', null, 'self'],
  ['two-containers', '1100', '1100'],
  ['nested-user', '3200', '3200'],
  ['nested-user', 'user:[4026532501]', 'user-01'],
  ['unprivileged', null, 'self'],
] as const

describe.each(SUBJECTS)('the limits of %s, %s', (machine, target, name) => {
  it.each([80, 120, null])('at a width of %s', async (width) => {
    const drawn = await screen(machine, target, { width })
    expectScreen(`${machine}/limits-${name}-${width ?? 'pipe'}`, drawn)
  })
})

describe('the limits', () => {
  it('of hostile names, in ASCII', async () => {
    const drawn = await screen('hostile', '6103', { width: 80, unicode: false })
    expectScreen('hostile/limits-6103-ascii-80', drawn)
  })

  it('of two types, in colour', async () => {
    const look = { width: 80, colorLevel: 1, types: ['net', 'user'] } as const
    expectScreen('bare-host/limits-colour-80', await screen('bare-host', null, look))
  })
})
