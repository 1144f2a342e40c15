import { describe, it } from 'vitest'
import type { NsType } from '../../src/kernel/namespace-types.ts'
import { renderCaps } from '../../src/render/caps.ts'
import { themeOf } from '../../src/render/theme.ts'
import { renderIds } from '../../src/render/translate-id.ts'
import { renderPids } from '../../src/render/translate-pid.ts'
import type { Machine } from '../support/fixture-procfs.ts'
import { expectScreen } from '../support/screens.ts'
import { capsOf, hostWithFiles, idsOf, pidsOf } from '../support/translations.ts'

interface Look {
  readonly width: number | null
  readonly unicode?: boolean
  readonly colorLevel?: 0 | 1
}

const optionsOf = async ({ width, unicode = true, colorLevel = 0 }: Look) => ({
  width,
  theme: await themeOf({ unicode, colorLevel }),
})

const FILES = {
  '/etc/passwd': 'root:x:0:0::/:/bin/sh\nann:x:1000:1000::/:/bin/sh\n',
  '/etc/group': 'root:x:0:\nstaff:x:1000:ann\n',
  '/etc/subuid': 'ann:100000:65536\n',
  '/etc/subgid': 'ann:100000:65536\n',
  '3200/root/etc/passwd': 'root:x:0:0::/:/bin/sh\nbad\u001b[2J:x:5:5::/:/bin/sh\n',
}

async function pid(machine: Machine, words: readonly string[], within: string | null, look: Look) {
  const { view } = await pidsOf(hostWithFiles(machine), words, within)
  return renderPids(view, await optionsOf(look))
}

async function uid(machine: Machine, words: readonly string[], within: string | null, look: Look) {
  const { view } = await idsOf(hostWithFiles(machine, FILES), words, { within })
  return renderIds(view, await optionsOf(look))
}

async function caps(
  machine: Machine,
  pair: readonly [string, string],
  types: readonly NsType[] | null,
  look: Look,
) {
  const { facts, view } = await capsOf(hostWithFiles(machine), pair, types)
  const { lastCapability } = facts
  return renderCaps(view, { ...(await optionsOf(look)), lastCapability })
}

const WIDTHS = [80, 120, null] as const
const nameOf = (width: number | null) => width ?? 'pipe'

describe.each<readonly [string, Machine, readonly string[], string | null]>([
  ['two', 'two-containers', ['1100', '2000'], null],
  ['nested', 'nested-user', ['3200'], null],
  ['asked', 'nested-user', ['3200', '1'], '3000'],
  ['unreadable', 'unprivileged', ['1'], '4950'],
  ['hostile', 'hostile', ['6103'], null],
])('the screen of pids, %s', (name, machine, words, within) => {
  it.each(WIDTHS)('at a width of %s', async (width) => {
    const screen = await pid(machine, words, within, { width })
    expectScreen(`${machine}/pid-${name}-${nameOf(width)}`, screen)
  })
})

describe.each<readonly [string, Machine, readonly string[], string | null]>([
  ['process', 'nested-user', ['3200'], null],
  ['given', 'nested-user', ['0@3200', '70000@3200', '0@self'], null],
  ['asked', 'nested-user', ['100005', 'ann', '0@3000'], '3200'],
  ['unreadable', 'unprivileged', ['1', '0@1'], null],
  ['hostile', 'hostile', ['6103'], null],
])('the screen of uids, %s', (name, machine, words, within) => {
  it.each(WIDTHS)('at a width of %s', async (width) => {
    const screen = await uid(machine, words, within, { width })
    expectScreen(`${machine}/uid-${name}-${nameOf(width)}`, screen)
  })
})

describe.each<readonly [string, Machine, readonly [string, string], readonly NsType[] | null]>([
  ['host', 'nested-user', ['1', '3200'], null],
  ['sandbox', 'nested-user', ['3200', '1'], null],
  ['creator', 'nested-user', ['2900', '3000'], null],
  ['types', 'nested-user', ['3000', '3200'], ['net', 'uts', 'pid']],
  ['namespace', 'nested-user', ['2900', 'net:[4026532522]'], null],
  ['container', 'two-containers', ['1100', '2000'], null],
  ['unreadable', 'unprivileged', ['4950', '1'], null],
])('the screen of capabilities, %s', (name, machine, pair, types) => {
  it.each(WIDTHS)('at a width of %s', async (width) => {
    const screen = await caps(machine, pair, types, { width })
    expectScreen(`${machine}/caps-${name}-${nameOf(width)}`, screen)
  })
})

describe('in another look', () => {
  it('pids in ASCII', async () => {
    const screen = await pid('hostile', ['6108'], null, { width: 80, unicode: false })
    expectScreen('hostile/pid-ascii-80', screen)
  })

  it('capabilities in ASCII', async () => {
    const look = { width: 80, unicode: false }
    expectScreen('nested-user/caps-ascii-80', await caps('nested-user', ['1', '3200'], null, look))
  })

  it('capabilities in sixteen colours', async () => {
    const look = { width: 80, colorLevel: 1 } as const
    const screen = await caps('nested-user', ['2900', '3200'], null, look)
    expectScreen('nested-user/caps-colour-80', screen)
  })

  it('uids in sixteen colours', async () => {
    const look = { width: 80, colorLevel: 1 } as const
    const screen = await uid('nested-user', ['5@3200', '1'], '3000', look)
    expectScreen('nested-user/uid-colour-80', screen)
  })
})
