import type { Container } from './container.ts'

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
