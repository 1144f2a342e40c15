import type { TypeDiff } from '../query/diff.ts'

/** How the namespaces of a type stand to each other, in a few words. */
export function relationText({ same, relation }: TypeDiff): string {
  if (same) return 'same'
  if (relation === null || relation.kind === 'unknown') return ''
  const { of, kind, distance } = relation
  const steps = distance === 1 ? '' : ` (${distance} levels)`
  if (of === 'namespace') {
    if (kind === 'ancestor') return `B below A${steps}`
    if (kind === 'descendant') return `A below B${steps}`
    return `both below ${relation.common?.inum}`
  }
  if (kind === 'same') return 'same owner'
  if (kind === 'ancestor') return `B's owner below${steps}`
  if (kind === 'descendant') return `A's owner below${steps}`
  return 'unrelated owners'
}
