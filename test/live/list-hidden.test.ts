import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { parseSocketInodes, UNIX_TABLE } from '../../src/kernel/socket-tables.ts'
import { ENGINES, holdersOf, listDocument, rowFor, stateOf } from './support/list.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { inumOf } from './support/proc.ts'
import { type Held, hold, holdAs, releaseAll } from './support/zoo.ts'

const UID = 12_345
const FAMILIES = ['tcp', 'udp', 'netlink', 'unix']
const canHold = requireRoot() && requireCommand('cc') && requireAddon()

afterEach(releaseAll)

describe.runIf(canHold).each(ENGINES)('list with $engine finds', ({ how }) => {
  test('a namespace of each type that only a descriptor holds', async () => {
    const zoo = await Promise.all(NS_TYPE_NAMES.map((type) => holdAs(UID, 'descriptor', type)))
    const document = await listDocument(how)
    for (const held of zoo) {
      expect(holdersOf(rowFor(document, held))).toEqual([`descriptor ${held.fd} of ${held.pid}`])
      expectNoMember(rowFor(document, held))
      expect(await heldBy(how, held)).toBe(`fd ${held.fd} of zoo(${held.pid})`)
    }
  })

  test('a namespace of each type that only a bind mount holds', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nsx-mount-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = (type: string) => `${folder}/a ${type}\nb\\c`
    const zoo = await Promise.all(NS_TYPE_NAMES.map((type) => hold('mount', type, path(type))))
    const document = await listDocument(how)
    for (const held of zoo) {
      const row = rowFor(document, held)
      expect(holdersOf(row)).toEqual([`mount ${path(held.type as string)}`])
      expect(row.holders[0]?.mountNamespace?.inum).toBe(inumOf('self', 'mnt'))
      expectNoMember(row)
      expect(await heldBy(how, held)).toBe(`${folder}/a ${held.type}\\nb\\c`)
    }
  })

  test('a user namespace that only its descendants hold', async () => {
    const held = await holdAs(UID, 'ancestor')
    const row = rowFor(await listDocument(how), held)
    expect(holdersOf(row)).toEqual([`child ${held.inner}`, `owned ${held.inner}`])
    expectNoMember(row)
    expect(row).toMatchObject({ ownerUid: UID, parent: { inum: inumOf('self', 'user') } })
    expect(await heldBy(how, held)).toBe('1 child, 1 owned namespace')
  })

  test.each(['uts', 'net'])('a user namespace that only owns a %s namespace', async (type) => {
    const held = await holdAs(UID, 'owner', type)
    const document = await listDocument(how)
    expect(holdersOf(rowFor(document, held))).toEqual([`owned ${held.owned}`])
    expectNoMember(rowFor(document, held))
    expect(rowFor(document, { type, inum: held.owned })).toMatchObject({
      owner: { inum: held.inum },
      leader: { pid: held.pid },
    })
    expect(await heldBy(how, held)).toBe('1 owned namespace')
  })

  test('nothing in descriptors that hold nothing', async () => {
    const held = await holdAs(UID, 'descriptors', 'mixed', '200')
    const { namespaces } = await listDocument(how)
    const holders = namespaces.flatMap((row) => row.holders)
    expect(holders.filter((holder) => holder.process?.pid === held.pid)).toEqual([])
  })
})

describe.runIf(canHold)('list with the addon finds', () => {
  test('a namespace of each type that only a detached mount holds', async () => {
    const zoo = await Promise.all(NS_TYPE_NAMES.map((type) => holdAs(UID, 'detached', type)))
    const document = await listDocument()
    for (const held of zoo) {
      expect(holdersOf(rowFor(document, held))).toEqual([`descriptor ${held.fd} of ${held.pid}`])
      expectNoMember(rowFor(document, held))
      expect(await heldBy([], held)).toBe(`fd ${held.fd} of zoo(${held.pid})`)
    }
  })

  test.each(FAMILIES)('a network namespace that only a %s socket holds', async (family) => {
    const held = await holdAs(UID, 'socket', family)
    const row = rowFor(await listDocument(), held)
    expect(holdersOf(row)).toEqual([`socket ${held.fd} of ${held.pid}`])
    expectNoMember(row)
    expect(await heldBy([], held)).toBe(`socket ${held.fd} of zoo(${held.pid})`)
  })

  test.each(FAMILIES)('what a %s socket holds, whoever else claims that socket', async (family) => {
    const held = await hold('socket', family)
    await holdAs(UID, 'forge', String(held.socket))
    // The lie is there, for those who believe that table.
    const table = readFileSync(`/proc/net/${UNIX_TABLE.file}`, 'latin1')
    expect(parseSocketInodes(table, UNIX_TABLE.column)).toContain(held.socket)
    const row = rowFor(await listDocument(), held)
    expect(holdersOf(row)).toEqual([`socket ${held.fd} of ${held.pid}`])
  })
})

describe.runIf(canHold)('list with TypeScript', () => {
  test('says that it cannot tell detached mounts and sockets apart', async () => {
    const zoo = [await hold('detached', 'uts'), await hold('socket', 'tcp')]
    const document = await listDocument(['--procfs', '/proc'])
    const found = document.namespaces.map(({ inum }) => inum)
    for (const { inum } of zoo) expect(found).not.toContain(inum)
    expect(stateOf(document, 'descriptors')).toBe('partial')
    expect(stateOf(document, 'sockets')).toBe('partial')
    expect(document.coverage.complete).toBe(false)
    const { stderr, code } = await runNsx(['list', '--strict', '--procfs', '/proc'])
    expect(stderr).toContain('some sockets could not be told apart')
    expect(code).toBe(5)
  })
})

/** The column of the listing that a person reads. */
async function heldBy(how: readonly string[], { type, inum }: Held): Promise<string> {
  const target = `${type}:[${inum}]`
  const { stdout } = await runNsx(['list', '-n', '-o', 'NS,HELD-BY', ...how, target])
  return stdout.replace(String(inum), '').trim()
}

function expectNoMember(row: ReturnType<typeof rowFor>): void {
  expect(row).toMatchObject({ leader: null, holderCounts: { process: 0 } })
}
