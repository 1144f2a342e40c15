import { describe, it } from 'vitest'
import { NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import { renderDiff } from '../../src/render/diff.ts'
import { coverageNote } from '../../src/render/notes.ts'
import { renderShow } from '../../src/render/show.ts'
import { renderNamespace } from '../../src/render/show-namespace.ts'
import { themeOf } from '../../src/render/theme.ts'
import { fixtureHost } from '../support/fixture-host.ts'
import type { Machine } from '../support/fixture-procfs.ts'
import { diffOf, type Named, namespaceOf, showOf } from '../support/inspect.ts'
import { expectScreen } from '../support/screens.ts'

interface Look {
  readonly width: number | null
  readonly unicode?: boolean
  readonly colorLevel?: 0 | 1
  readonly types?: readonly NsType[]
  readonly verbose?: boolean
}

const themeFor = ({ unicode = true, colorLevel = 0 }: Look) => themeOf({ unicode, colorLevel })

/** What `nsx show PID` writes, then the notes that go to standard error. */
async function show(machine: Machine, pid: number, look: Look): Promise<string> {
  const { types = NS_TYPE_NAMES, width, verbose = false } = look
  const { inspection, view } = await showOf(fixtureHost(machine), pid, types)
  const options = { width, theme: await themeFor(look), types: new Set(types), verbose }
  return noted(await renderShow(view, options), inspection)
}

async function namespace(
  machine: Machine,
  named: Exclude<Named, number>,
  look: Look,
): Promise<string> {
  const { inspection, view } = await namespaceOf(fixtureHost(machine), named)
  const options = { width: look.width, theme: await themeFor(look), most: 20 }
  return noted(await renderNamespace(view, options), inspection.snapshot)
}

async function diff(machine: Machine, pair: readonly [Named, Named], look: Look): Promise<string> {
  const { inspection, view } = await diffOf(fixtureHost(machine), pair, look.types)
  const most = look.types ? null : 5
  const options = { width: look.width, theme: await themeFor(look), most }
  return noted(await renderDiff(view, options), inspection)
}

function noted(text: string, inspection: Parameters<typeof coverageNote>[0]): string {
  const note = coverageNote(inspection, { atLeast: false, inferred: false })
  return note === null ? text : `${text}nsx: ${note}\n`
}

const WIDTHS = [80, 120, null] as const
const nameOf = (width: number | null) => width ?? 'pipe'

describe.each<readonly [string, Machine, number]>([
  ['a service', 'bare-host', 610],
  ['a container', 'two-containers', 1100],
  ['a sandbox in a sandbox', 'nested-user', 3200],
  ['an unreadable process', 'unprivileged', 1],
  ['a process among unreadable ones', 'unprivileged', 4950],
  ['a hostile process', 'hostile', 6103],
])('the screen of %s', (_, machine, pid) => {
  it.each(WIDTHS)('at a width of %s', async (width) => {
    expectScreen(`${machine}/show-${pid}-${nameOf(width)}`, await show(machine, pid, { width }))
  })
})

describe('the screen of a task', () => {
  it.each([
    ['a zombie', 777],
    ['a kernel thread', 25],
  ])('that is %s', async (_, pid) => {
    expectScreen(`bare-host/show-${pid}-80`, await show('bare-host', pid, { width: 80 }))
  })

  it('with the evidence of its container', async () => {
    const look = { width: 100, verbose: true }
    expectScreen('two-containers/show-verbose-100', await show('two-containers', 1100, look))
  })

  it('of one type', async () => {
    const look = { width: 80, types: ['net'] as const }
    expectScreen('two-containers/show-net-80', await show('two-containers', 1100, look))
  })

  it('in ASCII', async () => {
    const look = { width: 80, unicode: false }
    expectScreen('hostile/show-6108-ascii-80', await show('hostile', 6108, look))
  })

  it('in ASCII, with our own words in it', async () => {
    const look = { width: 80, unicode: false }
    expectScreen('nested-user/show-3200-ascii-80', await show('nested-user', 3200, look))
  })

  it('in sixteen colours', async () => {
    const look = { width: 80, colorLevel: 1 } as const
    expectScreen('two-containers/show-1100-colour-80', await show('two-containers', 1100, look))
  })
})

describe.each<readonly [Machine, Exclude<Named, number>]>([
  ['two-containers', 'net:[4026532305]'],
  ['two-containers', 'ipc:[4026532303]'],
  ['nested-user', 'user:[4026532501]'],
  ['nested-user', 'user:[4026532510]'],
  ['pinned-net', 'net:[4026532402]'],
  ['unprivileged', 'mnt:[4026532603]'],
  ['hostile', 'uts:[4026532702]'],
])('the screen of %s, %s', (machine, named) => {
  it.each(WIDTHS)('at a width of %s', async (width) => {
    const name = named.replace(/\[\d+(\d\d)\]/, '$1').replace(':', '-')
    expectScreen(
      `${machine}/show-${name}-${nameOf(width)}`,
      await namespace(machine, named, { width }),
    )
  })
})

describe.each<readonly [string, Machine, Named, Named]>([
  ['containers', 'two-containers', 1100, 1300],
  ['container-host', 'two-containers', 2000, 1100],
  ['nested', 'nested-user', 3000, 3200],
  ['same', 'bare-host', 1, 700],
  ['unreadable', 'unprivileged', 1, 4950],
  ['hostile', 'hostile', 6103, 6105],
  ['namespaces', 'two-containers', 'net:[4026531833]', 'net:[4026532305]'],
])('the screen of the comparison %s', (name, machine, a, b) => {
  it.each(WIDTHS)('at a width of %s', async (width) => {
    expectScreen(`${machine}/diff-${name}-${nameOf(width)}`, await diff(machine, [a, b], { width }))
  })
})

describe('the screen of a comparison', () => {
  it('of one type, in whole', async () => {
    const look = { width: 100, types: ['net'] as const }
    expectScreen('two-containers/diff-net-100', await diff('two-containers', [2000, 1100], look))
  })

  it('in ASCII', async () => {
    const look = { width: 80, unicode: false }
    expectScreen('hostile/diff-ascii-80', await diff('hostile', [6103, 6108], look))
  })

  it('in sixteen colours', async () => {
    const look = { width: 80, colorLevel: 1 } as const
    expectScreen('bare-host/diff-colour-80', await diff('bare-host', [1, 610], look))
  })
})
