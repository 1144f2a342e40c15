import type { RunFacts } from '../../model/run-facts.ts'
import type { AskedRange } from '../../model/run-request.ts'
import {
  credentialsOf,
  howToGrant,
  type IdKind,
  idKindRow,
  rangeName,
  whoseIds,
} from './id-kinds.ts'
import type { Cause } from './told.ts'

interface Wanted {
  readonly kind: IdKind
  readonly lines: readonly AskedRange[]
}

/** Why newuidmap(1) or newgidmap(1) would not write a map. */
export function toolCauses(wanted: Wanted, facts: RunFacts): Cause[] {
  return [
    ...missingCauses(wanted.kind, facts),
    ...rightCauses(wanted.kind, facts),
    ...rangeCauses(wanted, facts),
  ]
}

function missingCauses(kind: IdKind, facts: RunFacts): Cause[] {
  if (whoseIds(facts, kind).own.tool !== null) return []
  const { tool, capability } = idKindRow(kind)
  const why = `without ${capability}, ${tool} is needed, and it is not installed`
  const hint =
    'install it (package uidmap or shadow-utils), map one id with --map-root-user, or use sudo'
  return [{ errno: 'ENOENT', why, hint, certain: true }]
}

function rightCauses(kind: IdKind, facts: RunFacts): Cause[] {
  const { tool } = whoseIds(facts, kind).own
  if (tool === null) return []
  const { noNewPrivs } = credentialsOf(facts)
  const hint = 'map one id with --map-root-user, or run it as root: sudo nsx run …'
  if (noNewPrivs) {
    const why = `the caller has no_new_privs set, so ${tool.path} gets no rights`
    return [{ errno: 'EPERM', why, hint, certain: true }]
  }
  if (facts.userName === null) {
    const { real } = credentialsOf(facts).uid
    const why = `uid ${real} has no name in /etc/passwd, and ${tool.path} wants one`
    return [{ errno: 'EPERM', why, hint, certain: true }]
  }
  if (tool.setuid) return []
  const why = `${tool.path} is not set-user-ID root: it works only with file capabilities`
  return [{ errno: 'EPERM', why, hint, certain: false }]
}

function rangeCauses({ kind, lines }: Wanted, facts: RunFacts): Cause[] {
  const { own, user, effective } = whoseIds(facts, kind)
  const { short, file } = idKindRow(kind)
  const allowed = own.subids ?? []
  const refused = lines.find(
    (line) => !(line.count === 1 && line.outside === effective) && !isAllowed(line, allowed),
  )
  if (!refused) return []
  const { outside, count } = refused
  const why = `${file} does not give ${short}s ${rangeName(outside, count)} to ${user.name ?? user.uid}`
  const hint = 'use what it gives: --map-auto, or run it as root: sudo nsx run …'
  return [
    {
      errno: 'EPERM',
      why,
      hint: own.subids?.length ? hint : howToGrant(kind, user),
      certain: true,
    },
  ]
}

/** Ranges of the file may lie side by side. */
function isAllowed(
  { outside, count }: AskedRange,
  allowed: readonly { readonly first: number; readonly count: number }[],
): boolean {
  const end = outside + count
  let at = outside
  while (at < end) {
    const range = allowed.find(({ first, count }) => at >= first && at < first + count)
    if (!range) return false
    at = range.first + range.count
  }
  return true
}
