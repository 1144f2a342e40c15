import { describe, it } from 'vitest'
import { NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import { chooseColumns } from '../../src/query/choose-columns.ts'
import { columnTable, LIST_COLUMNS, tableOf } from '../../src/query/columns.ts'
import { marksOf } from '../../src/query/held-by.ts'
import { rowsOf } from '../../src/query/rows.ts'
import { coverageNote } from '../../src/render/notes.ts'
import { renderTable } from '../../src/render/table.ts'
import { type Asked, askNamed } from '../support/ask.ts'
import { fixtureHost } from '../support/fixture-host.ts'
import { MACHINES, type Machine } from '../support/fixture-procfs.ts'
import { expectScreen } from '../support/screens.ts'

interface Look extends Asked {
  readonly output?: string
  readonly all?: boolean
  readonly width: number | null
  readonly raw?: boolean
  readonly boxed?: boolean
  readonly unicode?: boolean
}

/** What `nsx list` writes: the listing, then the notes that go to standard error. */
async function screen(machine: Machine, look: Look): Promise<string> {
  const { types = NS_TYPE_NAMES, persistent = false, width, raw = false, boxed = false } = look
  const { snapshot, selection } = await askNamed(fixtureHost(machine), look)
  const columns = chooseColumns({
    output: look.output?.split(','),
    all: look.all ?? false,
    types: new Set<NsType>(types),
    persistent,
  })
  const rows = rowsOf(snapshot, selection)
  const text = await renderTable(
    tableOf(rows, columns, { ...snapshot.host, procfs: '/proc' }),
    { raw, boxed, headings: true, width },
    { colorLevel: 0, unicode: look.unicode ?? true },
  )
  const note = coverageNote(snapshot, marksOf(rows, columns))
  return note === null ? text : `${text}nsx: ${note}\n`
}

describe.each(MACHINES)('the screen of %s', (machine) => {
  it.each([80, 120, null])('at a width of %s', async (width) => {
    expectScreen(`${machine}/list-${width ?? 'pipe'}`, await screen(machine, { width }))
  })

  it('with all columns, raw', async () => {
    const look = { all: true, raw: true, width: null }
    expectScreen(`${machine}/all-raw`, await screen(machine, look))
  })

  it('of what has no processes', async () => {
    expectScreen(`${machine}/persistent-80`, await screen(machine, { persistent: true, width: 80 }))
  })
})

describe('the screen', () => {
  it('of network namespaces shows how they are known to us', async () => {
    const look = { types: ['net'] as const, width: 80 }
    expectScreen('pinned-net/net-80', await screen('pinned-net', look))
  })

  it('of everything that holds them', async () => {
    const look = { output: 'NS,TYPE,NPROCS,HELD-BY', width: 100 }
    expectScreen('pinned-net/held-by-100', await screen('pinned-net', look))
  })

  it.each(['two-containers', 'hostile'] as const)('of %s with containers', async (machine) => {
    const look = { output: '+CONTAINER', width: 80 }
    expectScreen(`${machine}/containers-80`, await screen(machine, look))
  })

  it('in a box', async () => {
    expectScreen(
      'two-containers/boxed-80',
      await screen('two-containers', { boxed: true, width: 80 }),
    )
  })

  it('of hostile names in a box, in ASCII', async () => {
    const look = { boxed: true, width: 80, unicode: false }
    expectScreen('hostile/boxed-ascii-80', await screen('hostile', look))
  })

  it('of the columns there are', async () => {
    const style = { raw: false, boxed: false, headings: true, width: 80 }
    const drawn = await renderTable(columnTable(LIST_COLUMNS), style, {
      colorLevel: 0,
      unicode: true,
    })
    expectScreen('columns-80', drawn)
  })
})
