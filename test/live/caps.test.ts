import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { collectCaps } from '../../src/collect/caps.ts'
import { containersOnce } from '../../src/collect/named-subject.ts'
import { openHost } from '../../src/host/open.ts'
import type { NsType } from '../../src/kernel/namespace-types.ts'
import { type CapsView, capsView } from '../../src/query/caps.ts'
import { parseTarget } from '../../src/query/parse-target.ts'
import { faultsOf } from '../support/schemas.ts'
import { UID_A, UID_B } from './support/callers.ts'
import { type Actors, type Allowed, startActors } from './support/capable.ts'
import { PROJECT } from './support/children.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { inumOf } from './support/proc.ts'

const canAsk = requireRoot() && requireCommand('cc') && requireAddon()

/** Numbered from 1; 0 is the initial one. */
const NAMESPACES = [
  '0:0',
  `0:${UID_A}`,
  `1:${UID_A}`,
  `2:${UID_B}`,
  `4:${UID_A}`,
  '2:0',
  `0:${UID_B}`,
]

const USERS = [
  ['0', '0'],
  [`${UID_A}`, `${UID_A}`],
  [`${UID_B}`, `${UID_B}`],
  ['0', `${UID_A}`],
  [`${UID_A}`, '0'],
]

/** Every kind in the initial namespace, some in those below. */
const ACTORS = [
  ...['all', 'none', 'net', 'but', 'admin', 'lowered'].map((caps) => `0:0:0:${caps}`),
  ...USERS.slice(1).map((ids) => `0:${ids.join(':')}:none`),
  ...['net', 'lowered', 'admin'].map((caps) => `0:${UID_A}:${UID_A}:${caps}`),
  ...[1, 2, 4, 5].flatMap((space) => [
    ...USERS.map((ids) => `${space}:${ids.join(':')}:none`),
    `${space}:0:0:all`,
    `${space}:${UID_B}:${UID_B}:admin`,
    `${space}:${UID_A}:${UID_A}:net`,
  ]),
]

const { host } = openHost(PROJECT, undefined)

async function view(a: string, b: string, types: ReadonlySet<NsType> | null): Promise<CapsView> {
  const facts = await collectCaps(host, {
    a: { text: a, target: parseTarget(a) },
    b: { text: b, target: parseTarget(b) },
    containers: containersOnce(host, () => {
      throw new Error('no container was named')
    }),
    request: { contents: [], uid: 0, now: new Date() },
  })
  return capsView(facts, types)
}

describe.runIf(canAsk)('what a process may do in a namespace', () => {
  let actors: Actors
  beforeAll(async () => {
    actors = await startActors(NAMESPACES, ACTORS)
  })
  afterAll(() => actors?.stop())

  const ruleOf = ({ consequences }: CapsView, rule: string, type: NsType) =>
    consequences.find((each) => each.rule === rule && each.ns?.type === type)

  const describeCase = ({ actor, namespace }: Allowed) =>
    `${ACTORS[actor]} in ${namespace === 0 ? 'the initial one' : NAMESPACES[namespace - 1]}`

  test('is what the kernel says, of every credential in every user namespace', async () => {
    const wrong: string[] = []
    let yes = 0
    for (const allowed of actors.allowed) {
      const { pid, namespace, socket } = allowed
      const told = await view(String(pid), String(actors.holders[namespace]), null)
      const [row] = told.capabilities
      const configure = ruleOf(told, 'net-admin', 'net')
      yes += socket
      if (row?.names?.includes('CAP_NET_ADMIN') !== (socket === 1)) {
        wrong.push(`${describeCase(allowed)}: ${socket}, but ${JSON.stringify(row)}`)
      }
      if (configure?.holds !== (socket === 1)) {
        wrong.push(`${describeCase(allowed)}: ${socket}, but ${configure?.text}`)
      }
    }
    expect(wrong).toEqual([])
    expect(actors.allowed.length).toBe(ACTORS.length * (NAMESPACES.length + 1))
    expect(actors.allowed.length).toBeGreaterThan(50)
    expect(yes).toBeGreaterThan(50)
    expect(actors.allowed.length - yes).toBeGreaterThan(50)
  })

  test('is entering as the kernel lets it', async () => {
    const wrong: string[] = []
    let together = 0
    for (const allowed of actors.allowed) {
      const { pid, namespace } = allowed
      const told = await view(String(pid), String(actors.holders[namespace]), null)
      const [net, user] = [ruleOf(told, 'enter', 'net'), ruleOf(told, 'enter', 'user')]
      const isIn = (rule: typeof net) => rule?.text.endsWith(' already.')
      const expectAs = (rule: typeof net, done: number, what: string) => {
        if (!isIn(rule) && rule?.holds !== (done === 1)) {
          wrong.push(`${describeCase(allowed)}, ${what}: ${done}, but ${rule?.text}`)
        }
      }
      expectAs(user, allowed.user, 'user')
      if (net?.together) {
        together++
        if (allowed.net === 1) wrong.push(`${describeCase(allowed)}: net alone is enough`)
      }
      expectAs(net, net?.together ? allowed.both : allowed.net, 'net')
    }
    expect(wrong).toEqual([])
    expect(together).toBeGreaterThan(5)
  })

  test('is the same for a namespace that is named itself', async () => {
    const some = actors.allowed.filter((_, i) => i % 29 === 0)
    for (const { pid, namespace, socket } of some) {
      const net = inumOf(actors.holders[namespace] as number, 'net')
      const { stdout, code } = await runNsx(['caps', String(pid), `net:[${net}]`, '--json'])
      expect(code).toBe(0)
      const document = JSON.parse(stdout)
      expect(faultsOf('caps', document)).toEqual([])
      const [row] = document.capabilities
      expect(row.names.includes('CAP_NET_ADMIN')).toBe(socket === 1)
      expect(row.namespaces).toMatchObject([{ type: 'net', inum: net }])
    }
  })

  test('is never wrong for an ordinary user, who cannot see all of it', async () => {
    let told = 0
    const own = actors.allowed.filter(({ actor }, i) => actor > 5 && i % 5 === 0)
    for (const { pid, namespace, socket } of own) {
      const words = ['caps', String(pid), String(actors.holders[namespace]), '--json']
      const { stdout } = await runNsx(words, { uid: UID_A })
      const document = JSON.parse(stdout)
      expect(faultsOf('caps', document)).toEqual([])
      const names: readonly string[] | null = document.capabilities[0]?.names ?? null
      if (names === null) continue
      told++
      expect(names.includes('CAP_NET_ADMIN')).toBe(socket === 1)
    }
    expect(told).toBeGreaterThan(0)
  })
})
