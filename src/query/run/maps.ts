import { isSince } from '../../kernel/kernel-release.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import type { AskedRange, RunRequest } from '../../model/run-request.ts'
import { misuse } from '../misuse.ts'
import { appArmorCauses } from './create.ts'
import { type IdKind, idKindRow, rangeName, whoseIds } from './id-kinds.ts'
import { formatMap, hasId, resolveMap, shownMap } from './id-ranges.ts'
import { toolCauses } from './map-tool.ts'
import { givenTo, strangerCauses } from './stranger.ts'
import { type Cause, foretell, ownCapabilityCauses, type Steps, step } from './told.ts'

/**
 * Who writes a map: the process itself, as anybody may of its own id; from outside, with CAP_SETUID or
 * CAP_SETGID; or from outside newuidmap(1), for whoever has neither.
 */
type Writer = 'own' | 'outside' | 'tool'

interface IdMap {
  readonly kind: IdKind
  readonly lines: readonly AskedRange[]
  readonly writer: Writer
  readonly owner: RunRequest['owner']
}

export interface IdMaps {
  /** Null: it was not asked for, so that the namespace has no such ids. */
  readonly user: IdMap | null
  readonly group: IdMap | null
  /** What is written to /proc/PID/setgroups, and by whom. */
  readonly setgroups: SetGroups | null
}

interface SetGroups {
  readonly word: 'allow' | 'deny'
  readonly outside: boolean
  readonly owner: RunRequest['owner']
}

/**
 * The maps of the new user namespace.
 *
 * @throws NsxError where no kernel would take them
 */
export function idMapsOf(request: RunRequest, facts: RunFacts): IdMaps {
  const [user, group] = [mapOf('user', request, facts), mapOf('group', request, facts)]
  const { setgroups } = request
  const owner = givenTo(request, facts)
  // Without that, anybody could leave a group by which a file is forbidden to him (user_namespaces(7)).
  const word = group?.writer === 'own' ? 'deny' : setgroups
  const outside = owner !== null || (group !== null && group.writer !== 'own')
  return { user, group, setgroups: word === null ? null : { word, outside, owner } }
}

function mapOf(kind: IdKind, request: RunRequest, facts: RunFacts): IdMap | null {
  const whose = whoseIds(facts, kind)
  const asked = kind === 'user' ? request.uidMap : request.gidMap
  const owner = givenTo(request, facts)
  const lines = resolveMap(asked, kind, whose)
  if (lines.length === 0) return null
  const [line] = lines
  const single = lines.length === 1 && line?.count === 1 && line.outside === whose.effective
  const keepsGroups = kind === 'group' && request.setgroups === 'allow'
  const privileged = ownCapabilityCauses(facts, idKindRow(kind).capability).length === 0
  if (owner !== null || (privileged && !(single && !keepsGroups))) {
    return { kind, lines, owner, writer: 'outside' }
  }
  if (!single) return { kind, lines, owner, writer: 'tool' }
  if (keepsGroups) throw groupsAlone()
  return { kind, lines, owner, writer: 'own' }
}

function groupsAlone() {
  const message =
    'the group id of an ordinary user can only be mapped where setgroups(2) is denied: ' +
    'else a group could be left by which a file is forbidden'
  return misuse('setgroups', `--setgroups=allow cannot be: ${message}`, {
    target: '--setgroups',
    hint: 'leave out --setgroups, map a range with --map-groups, or run it as root',
  })
}

/** What the process writes itself, once it is in its user namespace. */
export function ownMapSteps(maps: IdMaps, facts: RunFacts): Steps {
  return [
    ...writeMap(maps.user, 'own', facts),
    ...(maps.setgroups?.outside === false ? setgroupsStep(maps.setgroups, facts) : []),
    ...writeMap(maps.group, 'own', facts),
  ]
}

/** What is written from outside. */
export function outerMapSteps(maps: IdMaps, facts: RunFacts): Steps {
  return [
    ...outer(maps.user, facts),
    ...(maps.setgroups?.outside ? setgroupsStep(maps.setgroups, facts) : []),
    ...outer(maps.group, facts),
  ]
}

function outer(map: IdMap | null, facts: RunFacts): Steps {
  if (map?.writer === 'tool') return [toolStep(map, facts)]
  return writeMap(map, 'outside', facts)
}

function writeMap(map: IdMap | null, writer: Writer, facts: RunFacts): Steps {
  if (map?.writer !== writer) return []
  const { mapFile } = idKindRow(map.kind)
  const told = foretell(mapCauses(map, facts), [
    { errno: 'EPERM', why: 'the kernel does not let the caller map these ids', hint: null },
    { errno: 'EINVAL', why: `the kernel takes no such map: ${shownMap(map.lines)}`, hint: null },
  ])
  return [step({ name: 'writeOwn', file: mapFile, text: formatMap(map.lines) }, nameMap(map), told)]
}

function nameMap({ kind, lines }: IdMap): string {
  return `map ${idKindRow(kind).title} ids (${shownMap(lines)})`
}

function toolStep(map: IdMap, facts: RunFacts) {
  const { tool } = whoseIds(facts, map.kind).own
  const program = tool?.path ?? `/usr/bin/${idKindRow(map.kind).tool}`
  const args = map.lines.flatMap(({ inside, outside, count }) =>
    [inside, outside, count].map(String),
  )
  const told = foretell(
    [...foreignCauses(map, facts), ...toolCauses(map, facts)],
    [{ errno: 'EPERM', why: `${program} refused it and said why`, hint: null }],
  )
  return step({ name: 'mapTool', program, args }, `${nameMap(map)} with ${program}`, told)
}

/** new_idmap_permitted() and map_write() in kernel/user_namespace.c. */
function mapCauses(map: IdMap, facts: RunFacts): Cause[] {
  const { kind, writer } = map
  const { capability } = idKindRow(kind)
  return [
    ...strangerCauses(map.owner, facts),
    ...rootCauses(map, facts),
    ...(writer === 'outside' ? ownCapabilityCauses(facts, capability) : appArmorCauses(facts)),
    ...foreignCauses(map, facts),
  ]
}

function rootCauses({ kind, lines }: IdMap, facts: RunFacts): Cause[] {
  const old = facts.release !== null && !isSince(facts.release, 5, 12)
  if (kind === 'group' || old || !lines.some(({ outside }) => outside === 0)) return []
  return ownCapabilityCauses(facts, 'CAP_SETFCAP').map((cause) => ({
    ...cause,
    why: `to map user id 0, ${cause.why}`,
  }))
}

function foreignCauses({ kind, lines }: IdMap, facts: RunFacts): Cause[] {
  const { map } = whoseIds(facts, kind)
  const foreign = map && lines.find((line) => !isMapped(line, map))
  if (!foreign) return []
  const { outside, count } = foreign
  const { title, mapFile } = idKindRow(kind)
  const why = `the user namespace of the caller does not have all ${title} ids ${rangeName(outside, count)}`
  const hint = `map only ids that are in /proc/self/${mapFile}`
  return [{ errno: 'EPERM', why, hint, certain: true }]
}

/** The whole range, in one line of the map (map_id_range_down()). */
function isMapped(
  { outside, count }: AskedRange,
  map: readonly { readonly inside: number; readonly count: number }[],
): boolean {
  return map.some((line) => hasId(outside, [line]) && hasId(outside + count - 1, [line]))
}

function setgroupsStep({ word, owner }: SetGroups, facts: RunFacts): Steps {
  const causes: Cause[] =
    word === 'deny' || facts.setgroups !== false
      ? []
      : [
          {
            errno: 'EPERM',
            why: 'setgroups(2) is denied in the user namespace of the caller, and so in those below',
            hint: 'leave out --setgroups',
            certain: true,
          },
        ]
  const what = word === 'deny' ? 'forbid setgroups(2)' : 'allow setgroups(2)'
  return [
    step(
      { name: 'writeOwn', file: 'setgroups', text: word },
      what,
      foretell([...strangerCauses(owner, facts, { errno: 'EACCES' }), ...causes]),
    ),
  ]
}
