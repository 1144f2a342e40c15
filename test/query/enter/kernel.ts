import { NAMESPACE_TYPES, type NsType } from '../../../src/kernel/namespace-types.ts'
import type { ActionPlan } from '../../../src/model/exec-plan.ts'

/**
 * What the kernel says to setns(2), from its sources and not from ours: validate_nsset() and prepare_nsset() in
 * kernel/nsproxy.c, the *_install() of each type, cap_capable() in security/commoncap.c. Everything is known here,
 * nothing out of sight.
 */
export interface World {
  /** User namespaces: the parent (null: the initial one), and who made it. */
  readonly users: ReadonlyMap<number, { readonly parent: number | null; readonly owner: number }>
  /** The owner of each other namespace. */
  readonly owners: ReadonlyMap<number, number>
  readonly pidParents: ReadonlyMap<number, number | null>
  /** The inodes of the target. */
  readonly target: Readonly<Record<NsType, number>>
}

/** The credentials of a moment. */
export interface Who {
  readonly uid: number
  readonly user: number
  /** All capabilities in its user namespace, or none. */
  readonly powerful: boolean
  readonly pid: number
}

type Answer = 'ok' | 'EPERM' | 'EINVAL'

function level(world: World, ns: number): number {
  const { parent } = world.users.get(ns) as { parent: number | null }
  return parent === null ? 0 : 1 + level(world, parent)
}

export function nsCapable(world: World, who: Who, target: number): boolean {
  let ns = target
  for (;;) {
    if (ns === who.user) return who.powerful
    if (level(world, ns) <= level(world, who.user)) return false
    const { parent, owner } = world.users.get(ns) as { parent: number; owner: number }
    if (parent === who.user && owner === who.uid) return true
    ns = parent
  }
}

function usernsInstall(world: World, who: Who, inum: number): Answer {
  if (inum === who.user) return 'EINVAL'
  return nsCapable(world, who, inum) ? 'ok' : 'EPERM'
}

function isBelow(world: World, pid: number, active: number): boolean {
  for (let at: number | null = pid; at !== null; at = world.pidParents.get(at) ?? null) {
    if (at === active) return true
  }
  return false
}

/** @param user of the credentials that are being prepared (nsset->cred->user_ns) */
function install(
  world: World,
  who: Who,
  { type, inum, user }: { type: NsType; inum: number; user: number },
): Answer {
  const owner = world.owners.get(inum) as number
  if (!nsCapable(world, who, owner) || !nsCapable(world, who, user)) return 'EPERM'
  return type !== 'pid' || isBelow(world, inum, who.pid) ? 'ok' : 'EINVAL'
}

const KERNEL_ORDER: readonly NsType[] = ['mnt', 'uts', 'ipc', 'pid', 'cgroup', 'net', 'time']

function entered(who: Who, user: number): Who {
  return { ...who, user, powerful: true }
}

function setnsPidfd(world: World, who: Who, flags: number): { answer: Answer; who: Who } {
  const bits = (type: NsType) => NAMESPACE_TYPES.find(({ name }) => name === type)?.bit as number
  const has = (type: NsType) => Math.floor(flags / bits(type)) % 2 === 1
  // CAP_SYS_PTRACE in its user namespace; nobody in these worlds has its uid.
  if (!nsCapable(world, who, world.target.user)) return { answer: 'EPERM', who }
  let user = who.user
  if (has('user')) {
    const answer = usernsInstall(world, who, world.target.user)
    if (answer !== 'ok') return { answer, who }
    user = world.target.user
  }
  for (const type of KERNEL_ORDER) {
    if (!has(type)) continue
    const answer = install(world, who, { type, inum: world.target[type], user })
    if (answer !== 'ok') return { answer, who }
  }
  return { answer: 'ok', who: has('user') ? entered(who, user) : who }
}

function setnsFile(
  world: World,
  who: Who,
  { type, inum }: { type: NsType; inum: number },
): { answer: Answer; who: Who } {
  if (type !== 'user') return { answer: install(world, who, { type, inum, user: who.user }), who }
  const answer = usernsInstall(world, who, inum)
  return { answer, who: answer === 'ok' ? entered(who, inum) : who }
}

/** What each setns of a plan would return, up to the first that fails. */
export function carryOut(world: World, start: Who, { steps }: ActionPlan): Answer[] {
  const files = new Map<number, { type: NsType; inum: number }>()
  const answers: Answer[] = []
  let who = start
  for (const { operation } of steps) {
    if (operation.name === 'openNamespace') {
      const { name } = NAMESPACE_TYPES.find(({ bit }) => bit === operation.type) as { name: NsType }
      files.set(operation.slot, { type: name, inum: operation.inum as number })
    }
    if (operation.name !== 'setns') continue
    const file = files.get(operation.slot)
    const done = file ? setnsFile(world, who, file) : setnsPidfd(world, who, operation.flags)
    answers.push(done.answer)
    who = done.who
    if (done.answer !== 'ok') break
  }
  return answers
}

/** Whether any order of single calls would do: only before or after the user namespace makes a difference. */
export function anyOrder(world: World, who: Who, types: readonly NsType[]): boolean {
  const others = types.filter((type) => type !== 'user')
  const works = (at: Who, type: NsType) =>
    setnsFile(world, at, { type, inum: world.target[type] }).answer === 'ok'
  if (!types.includes('user')) return others.every((type) => works(who, type))
  if (!works(who, 'user')) return false
  const later = entered(who, world.target.user)
  return others.every((type) => works(who, type) || works(later, type))
}
