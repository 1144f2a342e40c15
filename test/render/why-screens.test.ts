import { describe, it } from 'vitest'
import { whyMarks } from '../../src/query/why.ts'
import { renderDoctor } from '../../src/render/doctor.ts'
import { coverageNote } from '../../src/render/notes.ts'
import { themeOf } from '../../src/render/theme.ts'
import { renderWhy } from '../../src/render/why.ts'
import { fixtureHost } from '../support/fixture-host.ts'
import { MACHINES, type Machine } from '../support/fixture-procfs.ts'
import { expectScreen } from '../support/screens.ts'
import { doctorOf, whyOf } from '../support/why.ts'

interface Look {
  readonly width: number | null
  readonly unicode?: boolean
  readonly colorLevel?: 0 | 1
}

const themeFor = ({ unicode = true, colorLevel = 0 }: Look) => themeOf({ unicode, colorLevel })

/** What `nsx why NS` writes, then the notes that go to standard error. */
async function why(machine: Machine, named: string, look: Look): Promise<string> {
  const { inspection, view } = await whyOf(fixtureHost(machine), named)
  const most = look.width === null ? null : 12
  const text = await renderWhy(view, { width: look.width, theme: await themeFor(look), most })
  const note = coverageNote(inspection.snapshot, whyMarks(view))
  return note === null ? text : `${text}nsx: ${note}\n`
}

async function doctor(machine: Machine, look: Look): Promise<string> {
  const { checkup, diagnosis } = await doctorOf(fixtureHost(machine))
  const { takenAt } = checkup.population.snapshot.host
  const most = look.width === null ? null : 5
  return renderDoctor(diagnosis, { ...look, theme: await themeFor(look), takenAt, most })
}

const WIDTHS = [80, 120, null] as const
const nameOf = (width: number | null) => width ?? 'pipe'

describe.each<readonly [string, Machine, string]>([
  ['of the boot', 'bare-host', 'mnt:[4026531832]'],
  ['of two containers', 'two-containers', 'net:[4026532305]'],
  ['held by a mount', 'pinned-net', 'net:[4026532401]'],
  ['held by a descriptor', 'pinned-net', 'net:[4026532403]'],
  ['with others below it', 'nested-user', 'user:[4026532501]'],
  ['among unreadable processes', 'unprivileged', 'mnt:[4026532603]'],
  ['with a hostile mount', 'hostile', 'net:[4026532721]'],
])('why, of a namespace %s', (_, machine, named) => {
  const file = named.replace(/:\[\d+(\d\d)\]$/, '-$1')

  it.each(WIDTHS)('at a width of %s', async (width) => {
    expectScreen(`${machine}/why-${file}-${nameOf(width)}`, await why(machine, named, { width }))
  })
})

describe.each(MACHINES)('doctor, of %s', (machine) => {
  it.each(WIDTHS)('at a width of %s', async (width) => {
    expectScreen(`${machine}/doctor-${nameOf(width)}`, await doctor(machine, { width }))
  })
})

describe('in another terminal', () => {
  it('with sixteen colours', async () => {
    const look = { width: 80, colorLevel: 1 } as const
    expectScreen('pinned-net/why-colour-80', await why('pinned-net', 'net:[4026532401]', look))
    expectScreen('pinned-net/doctor-colour-80', await doctor('pinned-net', look))
  })

  it('in ASCII', async () => {
    const look = { width: 80, unicode: false }
    expectScreen('hostile/why-ascii-80', await why('hostile', 'net:[4026532721]', look))
    expectScreen('hostile/doctor-ascii-80', await doctor('hostile', look))
  })
})
