import { variableOf } from '../../kernel/environ.ts'
import { OPEN_FILES } from '../../kernel/limits.ts'
import type { ByteString } from '../../model/exec-plan.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import type { RunRequest } from '../../model/run-request.ts'
import { programRefusal } from '../forecast/files.ts'
import { credentialsOf, type IdKind, idKindRow } from './id-kinds.ts'
import { hasId } from './id-ranges.ts'
import type { IdMaps } from './maps.ts'
import { remarksOf } from './notes.ts'
import { type Cause, foretell, ownCapabilityCauses, type Steps, step } from './told.ts'

/** To whom the user namespace will belong: whoever makes it (NS_GET_OWNER_UID). */
export function ownerSteps({ owner }: RunRequest, facts: RunFacts): Steps {
  if (owner === null) return []
  const { uid, gid } = owner
  const [group, user] = [
    foretell(changeCauses('group', gid, facts)),
    foretell(changeCauses('user', uid, facts)),
  ]
  return [
    step({ name: 'groups', ids: [], lenient: false }, GIVE_UP, foretell(groupsCauses(facts))),
    step({ name: 'gid', id: gid }, `become group id ${gid}, the owner`, group),
    step({ name: 'uid', id: uid, keep: false }, `become user id ${uid}, the owner`, user),
  ]
}

const GIVE_UP = 'give up supplementary groups'

function groupsCauses(facts: RunFacts): Cause[] {
  const why = 'setgroups(2) is denied in the user namespace of the caller'
  const denied = { errno: 'EPERM', why, hint: 'leave out --setgid', certain: true } as const
  return [
    ...ownCapabilityCauses(facts, 'CAP_SETGID'),
    ...(facts.setgroups === false || facts.caller.setgroups === false ? [denied] : []),
  ]
}

/** Who the command is, from within: as in unshare(1), a new group gives up all others. */
export function identitySteps(request: RunRequest, maps: IdMaps, facts: RunFacts): Steps {
  const { uid, gid, keepCapabilities: keeps, namespaces, killChild } = request
  const ambient = keeps && namespaces.has('user')
  return [
    ...limitSteps(facts),
    ...(gid === null ? [] : groupSteps(gid, request, maps, facts)),
    ...(uid === null ? [] : userSteps(uid, request, maps, facts)),
    ...(ambient ? [step({ name: 'ambient' }, 'keep the capabilities over exec')] : []),
    // A change of credentials takes it away (prctl(2)).
    ...(killChild === null ? [] : [deathStep(killChild)]),
  ]
}

function limitSteps({ caller }: RunFacts): Steps {
  const { openFiles } = caller
  if (openFiles === null) return []
  const operation = { name: 'limit', resource: OPEN_FILES, ...openFiles } as const
  return [step(operation, 'put back the limit of open files')]
}

function groupSteps(gid: number, request: RunRequest, maps: IdMaps, facts: RunFacts): Steps {
  const told = foretell(idCauses('group', gid, request, maps, facts))
  // Where the new user namespace denies setgroups(2), the groups of the caller stay.
  const lenient = request.namespaces.has('user')
  const rights = foretell(lenient ? [] : groupsCauses(facts))
  return [
    step({ name: 'groups', ids: [], lenient }, GIVE_UP, rights),
    step({ name: 'gid', id: gid }, `become group id ${gid}`, told),
  ]
}

function userSteps(uid: number, request: RunRequest, maps: IdMaps, facts: RunFacts): Steps {
  const keep = request.keepCapabilities && request.namespaces.has('user')
  const told = foretell(idCauses('user', uid, request, maps, facts))
  return [step({ name: 'uid', id: uid, keep }, `become user id ${uid}`, told)]
}

/** setresuid(2), setresgid(2). */
function idCauses(
  kind: IdKind,
  id: number,
  request: RunRequest,
  maps: IdMaps,
  facts: RunFacts,
): Cause[] {
  const { title } = idKindRow(kind)
  const inNew = request.namespaces.has('user')
  const callers = kind === 'user' ? facts.caller.uidMap : facts.caller.gidMap
  const lines = inNew ? (maps[kind]?.lines ?? []) : callers
  const where = inNew ? 'new user namespace' : 'user namespace of the caller'
  const why = `${title} id ${id} has no number in the ${where}`
  const hint = inNew ? `map it: --map-${kind} ${id}, or --map-${kind}s` : 'name an id that it has'
  const unmapped: Cause[] =
    lines === null || hasId(id, lines) ? [] : [{ errno: 'EINVAL', why, hint, certain: true }]
  return [...unmapped, ...(inNew ? [] : changeCauses(kind, id, facts))]
}

/** An id that one has already is free (setresuid(2)). */
function changeCauses(kind: IdKind, id: number, facts: RunFacts): Cause[] {
  const ids = kind === 'user' ? credentialsOf(facts).uid : credentialsOf(facts).gid
  const own = [ids.real, ids.effective, ids.saved].includes(id)
  return own ? [] : ownCapabilityCauses(facts, idKindRow(kind).capability)
}

function deathStep(signal: number) {
  const told = foretell([], [{ errno: 'EINVAL', why: 'there is no such signal', hint: null }])
  return step({ name: 'deathSignal', signal }, 'have the command end when nsx does', told)
}

const SHELL = '/bin/sh'

/** The last step. */
export function execStep(request: RunRequest, maps: IdMaps, facts: RunFacts) {
  const { command, root } = request
  const { caller } = facts
  const args = command.length > 0 ? command : [caller.shell ?? SHELL]
  const file = args[0] as ByteString
  const environment = environmentOf(request, caller.environment)
  const shown = Buffer.from(file, 'latin1').toString('utf8')
  const where = root === null ? '' : ` below ${root}`
  const why = file.includes('/')
    ? `there is no such program${where}`
    : `there is no such program${where} in the directories of PATH`
  const hint = root === null ? 'name a program that is there' : 'it is looked for in the new root'
  const denied = 'it is no program, or may not be executed'
  const refusal = programRefusal(file, variableOf(environment, 'PATH'), facts.files)
  const told = foretell(
    refusal === null
      ? []
      : [
          refusal.errno === 'ENOENT'
            ? { ...refusal, why, hint }
            : { ...refusal, why: denied, hint: null },
        ],
    [
      { errno: 'ENOENT', why, hint },
      { errno: 'EACCES', why: denied, hint: null },
      { errno: 'ENOEXEC', why: 'it is no program for this machine', hint: null },
    ],
    remarksOf({ request, maps, facts }),
  )
  return step({ name: 'exec', file, args, environment }, `run ${shown}`, told)
}

function environmentOf(
  { clearEnvironment, environmentKept }: RunRequest,
  environment: readonly ByteString[],
): readonly ByteString[] {
  // As in unshare(1), a list of what is kept alone clears all else.
  if (!clearEnvironment && environmentKept.length === 0) return environment
  const names = environmentKept.map((name) => Buffer.from(name, 'utf8').toString('latin1'))
  return environment.filter((entry) => names.some((name) => entry.startsWith(`${name}=`)))
}
