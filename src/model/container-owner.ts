import type { Container } from './container.ts'
import type { ContainerCandidate, ContainerTarget } from './target.ts'

/**
 * Whether nobody but root and the caller could have made up what a container is recognised by. Only then
 * may one act on its name. What is not known to be theirs counts as somebody else's.
 *
 * It is about this container alone: the ones around it have evidence of their own. Root within a container
 * that has no user namespace is root here, too.
 */
export function isOwnedEvidence({ evidence }: Container, callerUid: number): boolean {
  return evidence.length > 0 && evidence.every(({ uid }) => uid === 0 || uid === callerUid)
}

/**
 * Whether one may act on a container by the name that it was given: whoever made it up must be the caller or
 * root, and of a container within others these must be named, too, since root within one of them could have.
 */
export function mayActOn(
  { container, label }: ContainerCandidate,
  { text }: ContainerTarget,
  callerUid: number,
): boolean {
  return isOwnedEvidence(container, callerUid) && (text === label || around(container) === null)
}

/** The innermost container around one; that it runs in a unit says nothing: nearly everything does. */
export function around({ outer }: Container): Container | null {
  return outer?.kind === 'unit' ? around(outer) : outer
}
