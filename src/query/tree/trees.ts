import { NS_TYPE_NAMES, type NsType } from '../../kernel/namespace-types.ts'
import type { Need } from '../../model/need.ts'
import type { Population } from '../../model/population.ts'
import type { Selection } from '../../model/selection.ts'
import type { Marks } from '../held-by.ts'
import { rowsOf } from '../rows.ts'
import type { Branch } from './branch.ts'
import { membersByNamespace } from './members.ts'
import { type NamespaceNode, type NamespaceTree, namespaceTree } from './namespace-tree.ts'
import { type ProcessTree, processTree, shownInTree } from './process-tree.ts'
import type { TreeOrder, TreeQuestion } from './tree-question.ts'

export interface BranchQuestion extends TreeQuestion {
  /** Null: all of it. */
  readonly branch: Branch | null
}

/** What a tree has to be told of a machine, and what is made of it. */
export interface TreeKind {
  readonly selection: (question: TreeQuestion) => Omit<Selection, 'ofTask'>
  readonly reading: {
    readonly needs: ReadonlySet<Need>
    readonly descriptors: boolean
    readonly sockets: boolean
  }
  /**
   * Which processes are looked at closely, besides the leaders that the needs ask for; null: none, nor is
   * their place asked for.
   */
  readonly closely: ((population: Population, question: BranchQuestion) => readonly number[]) | null
  readonly view: (population: Population, question: BranchQuestion) => NamespaceTree | ProcessTree
  readonly marks: (view: NamespaceTree | ProcessTree) => Marks
}

/** Of these types, and of all that can stand above them. */
function selectionOf(types: ReadonlySet<NsType>): Omit<Selection, 'ofTask'> {
  return { types: new Set(types), only: null, persistent: false }
}

const NAMESPACES = {
  needs: new Set<Need>([
    ...(['members', 'leader', 'user', 'command', 'relatives'] as const),
    ...(['mounts', 'holders', 'container'] as const),
  ]),
  ...{ descriptors: true, sockets: true },
}

const PROCESSES = {
  needs: new Set<Need>(['members', 'relatives']),
  ...{ descriptors: false, sockets: false },
}

/** One row for each order. */
export const TREES: Readonly<Record<TreeOrder, TreeKind>> = {
  owner: {
    selection: ({ types }) => selectionOf(new Set([...types, 'user'])),
    reading: NAMESPACES,
    closely: null,
    view: (population, question) => namespaces(population, question, 'owner'),
    marks: marksOfTree,
  },
  parent: {
    selection: ({ types }) => selectionOf(types),
    reading: NAMESPACES,
    closely: ({ snapshot }, { types, branch }) =>
      types.has('pid') ? membersShown(snapshot, branch) : [],
    view: (population, question) => namespaces(population, question, 'parent'),
    marks: marksOfTree,
  },
  process: {
    selection: () => selectionOf(new Set(NS_TYPE_NAMES)),
    reading: PROCESSES,
    closely: (population, question) => [...shownInTree(population, question)],
    view: processTree,
    marks: () => ({ atLeast: false, inferred: false }),
  },
}

function namespaces(
  population: Population,
  { types, branch }: BranchQuestion,
  by: NamespaceTree['by'],
): NamespaceTree {
  const rows = rowsOf(population.snapshot, {
    ...selectionOf(new Set(NS_TYPE_NAMES)),
    ofTask: null,
  })
  const membersOf = membersByNamespace(population)
  return namespaceTree(rows, { by, types, branch, membersOf })
}

/** The members of all PID namespaces, or of those of which a branch may show them. */
function membersShown(
  { namespaces }: Population['snapshot'],
  branch: Branch | null,
): readonly number[] {
  const wanted = namespaces.filter(({ type, inum }) => {
    // A task's branch shows no members but of its own namespace.
    return type === 'pid' && (branch === null || branch.pid === null || branch.inums.has(inum))
  })
  return wanted.flatMap(({ members }) => members)
}

function marksOfTree(view: NamespaceTree | ProcessTree): Marks {
  if (view.by === 'process') return { atLeast: false, inferred: false }
  const nodes = [...view.namespaces, ...view.unplaced]
  return {
    atLeast: nodes.some((node) => isMarked(node, 'atLeast')),
    inferred: nodes.some((node) => isMarked(node, 'inferred')),
  }
}

function isMarked(node: NamespaceNode, kind: 'atLeast' | 'inferred'): boolean {
  const below = [...node.owned, ...node.children]
  return node[kind].includes('processCount') || below.some((each) => isMarked(each, kind))
}
