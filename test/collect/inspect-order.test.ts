import { describe, expect, it } from 'vitest'
import { diffDocument } from '../../src/render/diff-document.ts'
import { namespaceDocument, showDocument } from '../../src/render/show-document.ts'
import { ENGINES, type FixtureHost, fixtureHost } from '../support/fixture-host.ts'
import { FixtureProcfs, MACHINES } from '../support/fixture-procfs.ts'
import { diffOf, namespaceOf, showOf } from '../support/inspect.ts'

/** Lists directories the other way round: no file system promises an order. */
class Reversed extends FixtureProcfs {
  override names(relative: string): string[] {
    return super.names(relative).reverse()
  }
}

async function documents(machine: keyof typeof PLACES, host: FixtureHost): Promise<string> {
  const pids = [...host.listPids()].slice(0, 6)
  const [first = 1] = pids
  const shown = []
  for (const pid of pids) {
    const { inspection, view } = await showOf(host, pid)
    const pair = await diffOf(host, [first, pid])
    shown.push(showDocument(inspection, view), diffDocument(pair.inspection, pair.view))
  }
  const { inspection, view } = await namespaceOf(host, PLACES[machine])
  return JSON.stringify([...shown, namespaceDocument(inspection, view)])
}

const PLACES = {
  'bare-host': 'mnt:[4026532195]',
  'two-containers': 'net:[4026532305]',
  'nested-user': 'user:[4026532501]',
  'pinned-net': 'net:[4026532402]',
  unprivileged: 'net:[4026531833]',
  hostile: 'uts:[4026531838]',
} as const

describe.each(MACHINES)('the documents of %s', (machine) => {
  it('are the same, byte for byte, in whatever order directories are listed', async () => {
    const reversed = fixtureHost(machine, { procfs: new Reversed(machine) })
    expect(await documents(machine, reversed)).toBe(await documents(machine, fixtureHost(machine)))
  })

  // Without the addon a detached mount cannot be told from a folder, and that is said.
  const engines = machine === 'pinned-net' ? [] : ENGINES

  it.each(engines)('are the same over the engine %s', async (engine) => {
    const host = fixtureHost(machine, { engine })
    expect(await documents(machine, host)).toBe(await documents(machine, fixtureHost(machine)))
  })
})
