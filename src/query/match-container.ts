import { EXIT, NsxError } from '../errors.ts'
import { nearest } from '../model/nearest.ts'
import type { ContainerCandidate, ContainerTarget } from '../model/target.ts'
import { FAMILY_WORDS } from './parse-target.ts'

export type ContainerMatch =
  | { readonly kind: 'one'; readonly candidate: ContainerCandidate }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly ContainerCandidate[] }
  | { readonly kind: 'none' }

/** Fewer digits of an id say too little. */
const LEAST_OF_ID = 4

/**
 * Finds the containers that a target names. The first of these ways that finds one decides: its label or
 * its whole id, the end of its label (from the leaf: `docker:web` is also `machine:box/docker:web`), its
 * name, the beginning of its id where that is a long number. A bare name finds a unit only where nothing else has that name.
 */
export function matchContainer(
  target: ContainerTarget,
  candidates: readonly ContainerCandidate[],
): ContainerMatch {
  const whole = candidates.filter(({ container }) => container.kind !== 'unit')
  const units = candidates.filter(({ container }) => container.kind === 'unit')
  const pools = target.family === null ? [whole, units] : [candidates]
  for (const pool of pools) {
    for (const way of WAYS) {
      const found = pool.filter((candidate) => way(target, candidate))
      const [candidate, ...others] = found
      if (candidate && others.length === 0) return { kind: 'one', candidate }
      if (candidate) return { kind: 'ambiguous', candidates: found }
    }
  }
  return { kind: 'none' }
}

/**
 * The one container that a target names.
 *
 * @param isTrusted which to prefer: nobody can take a name from these by making up another one.
 * @throws NsxError (no such target) where none is named, or more than one: of the candidates the hint
 * lists what is like it.
 */
export function pickContainer(
  target: ContainerTarget,
  candidates: readonly ContainerCandidate[],
  isTrusted: (candidate: ContainerCandidate) => boolean = () => true,
): ContainerCandidate {
  const trusted = matchContainer(target, candidates.filter(isTrusted))
  const match = trusted.kind === 'none' ? matchContainer(target, candidates) : trusted
  if (match.kind === 'one') return match.candidate
  const shared = { exitCode: EXIT.noTarget, target: target.text }
  if (match.kind === 'ambiguous') {
    throw new NsxError(`'${target.text}' names ${match.candidates.length} containers`, {
      ...shared,
      code: 'ambiguous-container',
      hint: `one of ${enumerate(match.candidates.map(describe))}`,
    })
  }
  throw new NsxError(`there is no container '${target.text}'`, {
    ...shared,
    code: 'no-such-container',
    hint: hintFor(target, candidates),
  })
}

type Way = (target: ContainerTarget, candidate: ContainerCandidate) => boolean

const WAYS: readonly Way[] = [
  (target, { container, label }) =>
    label === labelOf(target) ||
    (isFamily(target, container.family) && container.id === target.name),
  (target, { label }) => label.endsWith(`/${labelOf(target)}`),
  (target, { container }) => isFamily(target, container.family) && isNamed(target, container.name),
  ({ family, name }, { container: { family: own, id } }) =>
    isFamily({ family }, own) && name.length >= LEAST_OF_ID && id !== null && isBegun(id, name),
]

/** What runtimes make up; what somebody chose is a name, and one that has stopped may begin another's. */
const MADE_UP = /^[0-9a-f]{32,}$/

function isBegun(id: string, name: string): boolean {
  return id.startsWith(name) && MADE_UP.test(id)
}

function labelOf({ family, name }: ContainerTarget): string {
  return family === null ? name : `${family}:${name}`
}

function isFamily({ family }: Pick<ContainerTarget, 'family'>, of: string): boolean {
  return family === null || family === of
}

/** As systemctl(1) has it, `unit:nginx` is nginx.service. */
function isNamed({ family, name }: ContainerTarget, of: string | null): boolean {
  return name === of || (family === 'unit' && !name.includes('.') && of === `${name}.service`)
}

const MOST_SHOWN = 8

function enumerate(texts: readonly string[]): string {
  const shown = texts.slice(0, MOST_SHOWN).join(', ')
  return texts.length > MOST_SHOWN ? `${shown} and ${texts.length - MOST_SHOWN} more` : shown
}

/** Two of one label differ in their id, or else in their processes: each of them is a target. */
function describe({ container, label, pids }: ContainerCandidate): string {
  const id = container.id === null ? [] : [`${container.family}:${container.id.slice(0, 12)}`]
  return `${label} (${[...id, ...pids.slice(0, 1).map((pid) => `pid ${pid}`)].join(', ')})`
}

function hintFor(
  { family, name }: ContainerTarget,
  candidates: readonly ContainerCandidate[],
): string {
  if (family !== null && !FAMILY_WORDS.has(family)) {
    const guess = nearest(family, [...FAMILY_WORDS])
    return `'${family}' is no family of containers${guess ? `: ${guess}:${name}?` : ''}`
  }
  const pool = candidates.filter(({ container }) =>
    family === null ? container.kind !== 'unit' : container.family === family,
  )
  const labels = pool.map(({ label }) => label)
  const guess = nearest(
    name,
    pool.flatMap(({ container }) => container.name ?? []),
  )
  const like = pool.filter(
    ({ container, label }) => container.name === guess || label.includes(name),
  )
  if (like.length > 0) return `did you mean ${enumerate(like.map(({ label }) => label))}?`
  const unnamed = pool.filter(({ container }) => container.unknown.includes('name')).length
  const whose = unnamed === 1 ? 'the name of 1' : `the names of ${unnamed}`
  const dark = unnamed === 0 ? '' : `; ${whose} could not be read`
  if (labels.length > 0) return `there are ${enumerate(labels)}${dark}; or it has stopped`
  return 'nothing runs in a container here that can be told; or name a pid'
}
