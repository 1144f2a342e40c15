import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openHost } from '../../src/host/open.ts'
import { ENGINES } from '../support/fixture-host.ts'
import { machinePath } from '../support/fixture-procfs.ts'

const PACKAGE = join(import.meta.dirname, '../..')
const CALLS = ['inside', 'peerNsids', 'statmount', 'pidIn', 'readFiles'] as const

/** Which of them can be asked. */
function askable(root: string | undefined): string[] {
  const { host } = openHost(PACKAGE, root)
  return CALLS.filter((name) => host[name] !== null)
}

it.runIf(ENGINES.includes('native'))('asks all of its own machine', () => {
  expect(askable(undefined)).toEqual(CALLS)
})

it.runIf(ENGINES.includes('native'))('of another procfs reads files alone', () => {
  expect(askable('/proc')).toEqual(['readFiles'])
})

it('of a saved one asks nothing: its links lead nowhere', () => {
  expect(askable(machinePath('bare-host', 'proc'))).toEqual([])
})
