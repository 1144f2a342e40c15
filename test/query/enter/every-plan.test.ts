import { describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES, type NsType, nsTypeRow } from '../../../src/kernel/namespace-types.ts'
import type { Caller } from '../../../src/model/caller.ts'
import type { ActionPlan, PlannedStep } from '../../../src/model/exec-plan.ts'
import type { Kinship } from '../../../src/model/pair.ts'
import { planEnter } from '../../../src/query/plan-enter.ts'
import {
  ALL,
  caller,
  facts,
  INITIAL_PID,
  INITIAL_USER,
  only,
  request,
  target,
  theirs,
} from './facts.ts'
import { anyOrder, carryOut, nsCapable, type Who, type World } from './kernel.ts'

/** Below the initial one: 10, made by uid 1000; the target's below that; and one below the target's. */
const [OUTER, INNER] = [10, 12]
const USERS = new Map([
  [INITIAL_USER, { parent: null, owner: 0 }],
  [OUTER, { parent: INITIAL_USER, owner: 1000 }],
  [theirs('user'), { parent: OUTER, owner: 1000 }],
  [INNER, { parent: theirs('user'), owner: 100_000 }],
])

const CALLERS: readonly (readonly [string, Who])[] = [
  ['root', { uid: 0, user: INITIAL_USER, powerful: true, pid: INITIAL_PID }],
  ['root without capabilities', { uid: 0, user: INITIAL_USER, powerful: false, pid: INITIAL_PID }],
  ['the owner', { uid: 1000, user: INITIAL_USER, powerful: false, pid: INITIAL_PID }],
  ['somebody else', { uid: 2000, user: INITIAL_USER, powerful: false, pid: INITIAL_PID }],
  ['root of the user namespace around it', { uid: 1000, user: OUTER, powerful: true, pid: 50 }],
  ['root elsewhere in the PID tree', { uid: 0, user: INITIAL_USER, powerful: true, pid: 60 }],
]

/** Whose the namespaces of the target are, by type. */
const RELATIONS: readonly (readonly [string, (type: NsType, i: number) => number])[] = [
  ['the initial user namespace', () => INITIAL_USER],
  ['the one around it', () => OUTER],
  ['its own', () => theirs('user')],
  ['one below it', () => INNER],
  ['now the initial one, now its own', (_, i) => (i % 2 ? INITIAL_USER : theirs('user'))],
  ['now the one around it, now one below', (_, i) => (i % 2 ? OUTER : INNER)],
  ['the initial one for net alone', (t) => (t === 'net' ? INITIAL_USER : theirs('user'))],
]

function worldOf(owner: (type: NsType, i: number) => number): World {
  return {
    users: USERS,
    owners: new Map(NS_TYPE_NAMES.map((type, i) => [theirs(type), owner(type, i)])),
    pidParents: new Map([
      ...([
        [INITIAL_PID, null],
        [50, INITIAL_PID],
        [60, INITIAL_PID],
        [theirs('pid'), 50],
      ] as const),
    ]),
    target: Object.fromEntries(NS_TYPE_NAMES.map((type) => [type, theirs(type)])) as never,
  }
}

function isWithin(user: number, of: number): boolean {
  for (let at: number | null = user; at !== null; at = USERS.get(at)?.parent ?? null) {
    if (at === of) return true
  }
  return false
}

/** As nsfs tells it: nothing that is not below of the reader's own namespaces. */
function kinshipSeen(world: World, who: Who): Kinship {
  const seen = (user: number) => isWithin(user, who.user)
  const isPidBelow = (pid: number): boolean => {
    for (let at: number | null = pid; at !== null; at = world.pidParents.get(at) ?? null) {
      if (at === who.pid) return true
    }
    return false
  }
  return {
    users: new Map(
      [...USERS]
        .filter(([inum]) => seen(inum))
        .map(([inum, { parent, owner }]) => [
          inum,
          { inum, parent: inum === who.user ? null : parent, ownerUid: owner },
        ]),
    ),
    pidParents: new Map(
      [who.pid, theirs('pid'), 50].map((pid) => {
        const parent = world.pidParents.get(pid) ?? null
        return [pid, parent !== null && isPidBelow(parent) ? parent : null]
      }),
    ),
    owners: new Map([...world.owners].map(([inum, owner]) => [inum, seen(owner) ? owner : null])),
  }
}

function callerOf(world: World, who: Who): Caller {
  const plain = caller({ uid: who.uid, capabilities: who.powerful ? ALL : 0n })
  const links = { ...plain.subject.links, user: who.user, pid: who.pid, pid_for_children: who.pid }
  const kinship = kinshipSeen(world, who)
  const kernelIds = who.user === INITIAL_USER
  return { ...plain, kinship, kernelIds, subject: { ...plain.subject, links } }
}

/** Whoever may not trace it, reads none of its links. */
function targetOf(world: World, who: Who) {
  if (nsCapable(world, who, theirs('user'))) return target()
  return target({
    inums: {},
    errnos: Object.fromEntries(NS_TYPE_NAMES.map((type) => [type, 'EACCES'])),
  })
}

const SUBSETS: readonly (readonly NsType[])[] = Array.from({ length: 255 }, (_, i) =>
  NS_TYPE_NAMES.filter((_, bit) => ((i + 1) >> bit) % 2 === 1),
)

function setnsOf({ steps }: ActionPlan): PlannedStep[] {
  return steps.filter(({ operation }) => operation.name === 'setns')
}

describe.each(CALLERS)('every plan of %s', (_, who) => {
  describe.each(RELATIONS)('where the namespaces belong to %s', (_, owner) => {
    const world = worldOf(owner)
    const all = facts({ caller: callerOf(world, who), target: targetOf(world, who) })

    it('is one setns(2) of exactly what was asked for, and the forecast is what the kernel says', () => {
      for (const types of SUBSETS) {
        const plan = planEnter(request(types), all)
        const [setns, ...others] = setnsOf(plan)
        expect(others).toEqual([])
        const flags = types.reduce((sum, type) => sum + nsTypeRow(type).bit, 0)
        expect(setns?.operation).toEqual({ name: 'setns', slot: 0, flags })
        const [answer] = carryOut(world, who, plan)
        const { outcome, errno } = setns?.forecast ?? {}
        const told = outcome === 'works' ? 'ok' : `${outcome} ${errno}`
        expect(told, `${types}: ${setns?.forecast.why}`).toBe(
          answer === 'ok' ? 'ok' : `fails ${answer}`,
        )
      }
    })

    it('does one by one whatever can be done one by one, in an order that does it', () => {
      for (const types of SUBSETS) {
        const plan = planEnter(request(types), { ...all, pidfdSetns: false })
        const entered = setnsOf(plan)
        expect(entered).toHaveLength(types.length)
        if (!nsCapable(world, who, theirs('user'))) continue
        const answers = carryOut(world, who, plan)
        const worked = answers.every((answer) => answer === 'ok')
        expect(worked, `${types}`).toBe(anyOrder(world, who, types))
        for (const [i, answer] of answers.entries()) {
          const { outcome, errno, why } = (entered[i] as PlannedStep).forecast
          const told = outcome === 'works' ? 'ok' : `${outcome} ${errno}`
          expect(told, `${types}: ${why}`).toBe(answer === 'ok' ? 'ok' : `fails ${answer}`)
        }
      }
    })

    it('with --all goes as far as it goes, and names what it leaves out', () => {
      const plan = planEnter(request([], { all: true }), all)
      const alone = NS_TYPE_NAMES.some((type) =>
        carryOut(world, who, planEnter(request([type]), all)).includes('ok'),
      )
      if (alone) expect(carryOut(world, who, plan)).toEqual(['ok'])
      const { flags } = only(plan, 'setns').operation
      const count = NS_TYPE_NAMES.filter(
        (type) => Math.floor(flags / nsTypeRow(type).bit) % 2 === 1,
      ).length
      expect(count + plan.skipped.length).toBe(8)
    })
  })
})
