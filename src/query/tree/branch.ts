import { EXIT, NsxError } from '../../errors.ts'
import { type NsType, nsTypeRow } from '../../kernel/namespace-types.ts'
import { formatNsLink } from '../../kernel/ns-link.ts'
import type { BranchTarget } from '../../model/branch-target.ts'
import type { Snapshot } from '../../model/snapshot.ts'
import { noParents, type TreeQuestion } from './tree-question.ts'

/** Which namespaces, or which process, a branch is about. */
export interface Branch {
  readonly text: string
  readonly inums: ReadonlySet<number>
  /** Null: a namespace was named. */
  readonly pid: number | null
}

/** @throws NsxError where the namespace is not in the Snapshot, or is of a type that was left out. */
export function branchOf(
  target: BranchTarget,
  snapshot: Snapshot,
  { by, types }: TreeQuestion,
): Branch {
  const { text } = target
  if (target.kind === 'task') return { text, inums: target.inums, pid: target.pid }
  const found = snapshot.namespaces.find(({ inum, id }) =>
    target.inum === null ? id !== null && id === target.id : inum === target.inum,
  )
  if (found && target.type !== null && target.type !== found.type) throw mistaken(text, found)
  // Of a type that was left out, nobody looked for it.
  const type = found?.type ?? target.type
  if (type !== null && !types.has(type)) {
    throw by === 'parent' && !nsTypeRow(type).hasParent
      ? noParents(type, text)
      : excluded(text, type)
  }
  if (!found) throw missing(target, snapshot)
  return { text, inums: new Set([found.inum]), pid: null }
}

type Named = Extract<BranchTarget, { kind: 'namespace' }>

function missing({ text, path }: Named, { coverage }: Snapshot): NsxError {
  const gone = coverage.complete
    ? 'nsx list shows those there are; it may have ended'
    : 'it may have ended, or be out of sight: not everything could be read'
  return new NsxError(
    path ? `nothing was found that holds ${text}` : `there is no namespace ${text}`,
    {
      ...{ code: 'no-such-namespace', exitCode: EXIT.noTarget, target: text },
      hint: path
        ? `it is there, but held by what is not looked for; nsx show ${text} looks inside`
        : gone,
    },
  )
}

function mistaken(text: string, { type, inum }: { type: NsType; inum: number }): NsxError {
  return new NsxError(`there is no namespace ${text}`, {
    ...{ code: 'no-such-namespace', exitCode: EXIT.noTarget, target: text },
    hint: `${inum} is ${formatNsLink(type, inum)}`,
  })
}

function excluded(text: string, type: NsType): NsxError {
  return new NsxError(`${text} is a namespace of type ${type}, which --type leaves out`, {
    ...{ code: 'excluded-type', exitCode: EXIT.usage, target: text },
    hint: `leave out --type, or add ${type} to it`,
  })
}
