import { errnoName } from '../host/errno-name.ts'
import type { NsDescriptor } from '../host/port.ts'
import type { NsType } from '../kernel/namespace-types.ts'
import type { Context } from './context.ts'
import { addGap, addHolder, namespaceOf } from './draft.ts'
import { addFacts } from './facts.ts'

/**
 * Open descriptors that refer to a namespace. Their type is known where another reference to the
 * same inode has told it; for the others nsfs is asked, through the descriptor itself.
 */
export function addDescriptors(context: Context, found: readonly NsDescriptor[]): void {
  const { draft } = context
  const untyped: NsDescriptor[] = []
  for (const descriptor of found) {
    const type = descriptor.type ?? draft.namespaces.get(descriptor.inum)?.type
    if (type) addDescriptor(context, { ...descriptor, type })
    else untyped.push(descriptor)
  }
  if (untyped.length > 0) askTypes(context, untyped)
}

function addDescriptor({ draft }: Context, descriptor: NsDescriptor & { type: NsType }): void {
  const { type, inum, pid, fd } = descriptor
  addHolder(namespaceOf(draft, type, inum), 'descriptor', { pid, fd })
}

function askTypes(context: Context, untyped: readonly NsDescriptor[]): void {
  const { host, draft } = context
  if (!host.describe) {
    draft.sources.set('descriptors', 'partial')
    return
  }
  const handles = untyped.map(
    ({ pid, fd, inum }) => ({ kind: 'descriptor', pid, fd, inum }) as const,
  )
  const answer = host.describe(handles, { nsid: context.request.sources.has('nsids') })
  const types = new Map(answer.facts.map((fact) => [fact.inum, fact.type]))
  for (const [i, descriptor] of untyped.entries()) {
    const type = types.get(answer.inums[i] as number)
    if (type) addDescriptor(context, { ...descriptor, type })
    else {
      const errno = errnoName(answer.errnos[i] as number)
      // ESTALE: the descriptor was closed, or is another one by now.
      if (errno !== 'ESTALE') addGap(draft, 'descriptors', { errno, pid: descriptor.pid })
    }
  }
  addFacts(context, answer.facts)
}
