import { readdirSync } from 'node:fs'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { collectList } from '../../src/collect/list.ts'
import {
  type Host,
  listDocument as makeDocument,
  NEEDS,
  openHost,
  rowsOf,
} from '../../src/index.ts'
import { isInitialInum, NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { HOLDER_KINDS, type NsRef } from '../../src/model/snapshot.ts'
import type { Row } from '../../src/query/rows.ts'
import { compileSchema } from '../support/schemas.ts'
import { PROJECT, until } from './support/children.ts'
import { ENGINES, type ListDocument, listDocument, rowFor } from './support/list.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { hold, releaseAll } from './support/zoo.ts'

const canHold = requireRoot() && requireCommand('cc') && requireAddon()

/** Longer than a test; it ends with the holder. */
const CHURN_MS = '60000'

const validate = compileSchema('list')

afterEach(releaseAll)

describe.runIf(canHold).each(ENGINES)('while processes come and go, with $engine', ({ how }) => {
  let host: Host

  beforeAll(() => {
    host = openHost(PROJECT, how[1]).host
  })

  test('300 documents are consistent', async () => {
    await hold('exec-churn', CHURN_MS)
    const steady = await hold('process', 'uts')
    const denied = deniedPids(readDocument(host))
    const seen = new Set<number>()
    for (let i = 0; i < 300; i++) {
      const document = readDocument(host)
      expectConsistent(document)
      // Whoever has ended was not refused, though the kernel may say so at that moment.
      expect(deniedPids(document)).toEqual(denied)
      expect(rowFor(document, steady)).toMatchObject({
        holderCounts: { process: 1 },
        leader: { pid: steady.pid },
        unknown: [],
      })
      for (const { inum } of document.namespaces) seen.add(inum)
    }
    // The churn was there to be met.
    expect(seen.size).toBeGreaterThan(readDocument(host).namespaces.length)
  })

  test('80 documents of a deep look are consistent', { timeout: 60_000 }, async () => {
    const churns = [hold('exec-churn', CHURN_MS), hold('exec-churn', CHURN_MS)]
    await Promise.all(churns)
    const thread = await hold('stray', 'uts')
    const denied = deniedPids(readDocument(host, true))
    for (let i = 0; i < 80; i++) {
      const document = readDocument(host, true)
      expectConsistent(document)
      expect(deniedPids(document)).toEqual(denied)
      expect(document.coverage.unidentified).toEqual({})
      expect(rowFor(document, thread)).toMatchObject({
        holderCounts: { process: 0, thread: 1, descriptor: 0 },
        unknown: [],
      })
    }
  })

  test('five real runs, and deep ones, are consistent, and hold to the contract', async () => {
    await hold('exec-churn', CHURN_MS)
    for (let i = 0; i < 5; i++) {
      for (const flags of [[], ['--deep']]) {
        const document = await listDocument([...flags, ...how])
        expectConsistent(document)
        expect(validate(document), JSON.stringify(validate.errors)).toBe(true)
      }
    }
  })

  test('500 readings leave no descriptor open', { timeout: 150_000 }, async () => {
    await hold('exec-churn', CHURN_MS)
    await hold('detached', 'uts')
    await hold('socket', 'tcp')
    await hold('tun')
    await hold('elsewhere', 'net')
    await hold('unborn')
    readDocument(host, true)
    const before = openDescriptors()
    for (let i = 0; i < 500; i++) readDocument(host, i % 5 === 0)
    // What a reading holds last is closed on a thread that nobody waits for.
    await until('the descriptors to be closed', () => (openDescriptors() <= before ? true : null))
  })
})

function readDocument(host: Host, deep = false): ListDocument {
  const { snapshot, selection } = collectList(host, {
    selection: { types: new Set(NS_TYPE_NAMES), only: null, persistent: false },
    task: null,
    needs: new Set(NEEDS),
    ...{ deep, descriptors: true, sockets: true },
    cmdlineBytes: 4096,
    uid: process.geteuid?.() ?? 0,
    now: new Date(),
  })
  return JSON.parse(JSON.stringify(makeDocument(snapshot, rowsOf(snapshot, selection))))
}

function deniedPids({ coverage }: ListDocument): readonly number[] {
  return coverage.gaps.flatMap(({ errno, pids }) => (errno === 'EACCES' ? pids : []))
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length
}

function expectConsistent({ namespaces }: ListDocument): void {
  const known = new Map(namespaces.map((row) => [row.inum, row]))
  expect(known.size).toBe(namespaces.length)
  const ids = namespaces.flatMap(({ id }) => id ?? [])
  expect(new Set(ids).size).toBe(ids.length)
  // One message for a document: thousands of expectations would take most of the time.
  expect(namespaces.flatMap((row) => faultsOf(row, known))).toEqual([])
}

function faultsOf(row: Row, known: ReadonlyMap<number, Row>): string[] {
  const faults: string[] = []
  const demand = (what: string, holds: boolean) => {
    if (!holds) faults.push(`${what}: ${JSON.stringify(row)}`)
  }
  const counts = Object.values(row.holderCounts)
  demand(
    'something holds it',
    counts.some((count) => count !== null && count > 0),
  )
  demand('its type exists', NS_TYPE_NAMES.includes(row.type))
  for (const kind of HOLDER_KINDS.slice(1)) {
    const holders = row.holders.filter((holder) => holder.kind === kind)
    demand(`${kind}s are counted`, (row.holderCounts[kind] ?? 0) === holders.length)
  }
  const members = row.holderCounts.process ?? 0
  const led = row.leader !== null || row.unknown.includes('leader')
  demand('members have a leader', led === members > 0)
  demand('it has an id', row.id !== null || row.unknown.includes('id'))
  const root = isInitialInum(row.inum) && row.type === 'user'
  demand('it has an owner', row.owner !== null || root || row.unknown.includes('owner'))
  const holders = row.holders.flatMap(({ namespace, mountNamespace }) => [
    namespace,
    mountNamespace,
  ])
  for (const ref of [row.owner, row.parent, ...holders]) {
    demand('a reference resolves', ref === null || isSame(ref, known.get(ref.inum)))
  }
  return faults
}

function isSame(ref: NsRef, row: Row | undefined): boolean {
  return row !== undefined && row.type === ref.type && row.id === ref.id
}
