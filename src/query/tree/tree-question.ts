import { EXIT, NsxError } from '../../errors.ts'
import { NS_TYPE_NAMES, type NsType, nsTypeRow } from '../../kernel/namespace-types.ts'
import { nearest } from '../../model/nearest.ts'
import { parseTypes } from '../list-question.ts'

/** What hangs below what: namespaces below their owner or their parent, processes below theirs. */
export const TREE_ORDERS = ['owner', 'parent', 'process'] as const
export type TreeOrder = (typeof TREE_ORDERS)[number]

export interface TreeQuestion {
  readonly by: TreeOrder
  readonly types: ReadonlySet<NsType>
}

/** @throws NsxError (usage) for an order or a type that there is not, or that do not go together. */
export function treeQuestion(words: {
  readonly by: string | undefined
  readonly type: readonly string[]
}): TreeQuestion {
  const by = parseOrder(words.by ?? 'owner')
  const types = parseTypes(words.type)
  if (by !== 'parent') return { by, types }
  const orphan = words.type.length === 0 ? undefined : [...types].find((type) => !hasParent(type))
  if (orphan !== undefined) throw noParents(orphan, '--by parent')
  return { by, types: new Set([...types].filter(hasParent)) }
}

function parseOrder(text: string): TreeOrder {
  const order = TREE_ORDERS.find((each) => each === text)
  if (order !== undefined) return order
  const guess = nearest(text, TREE_ORDERS)
  throw new NsxError(`there is no tree by '${text}'`, {
    code: 'unknown-order',
    exitCode: EXIT.usage,
    target: text,
    hint: `--by ${TREE_ORDERS.join(', ')}${guess === undefined ? '' : `; did you mean ${guess}?`}`,
  })
}

/** @param target what asks for the parents of such a namespace. */
export function noParents(type: NsType, target: string): NsxError {
  const able = NS_TYPE_NAMES.filter(hasParent).join(' and ')
  return new NsxError(`${target}: ${type} namespaces have no parents, only ${able} namespaces do`, {
    code: 'no-parents',
    exitCode: EXIT.usage,
    target,
    hint: 'nsx tree --by owner shows who owns them',
  })
}

function hasParent(type: NsType): boolean {
  return nsTypeRow(type).hasParent
}
