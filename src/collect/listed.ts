import { errnoName } from '../host/errno-name.ts'
import { throwIfOurs } from '../host/system-error.ts'
import { isInitialInum } from '../kernel/namespace-types.ts'
import type { Context } from './context.ts'
import { addGap, namespaceOf } from './draft.ts'
import { addFacts } from './facts.ts'
import { addNewcomers } from './newcomers.ts'

/**
 * What the kernel itself lists (listns(2), Linux 6.19): also what only a message in flight between two processes
 * keeps alive. It leaves out what only a socket does, and to others than root of the initial PID namespace
 * nearly everything.
 */
export function collectListed(context: Context): void {
  const { host, draft, reader, request } = context
  const listed = host.listNamespaces?.() ?? 'ENOSYS'
  if (typeof listed === 'string') {
    throwIfOurs(listed, 'listns')
    if (listed !== 'ENOSYS') addGap(draft, 'listns', { errno: listed })
    draft.sources.set('listns', 'unavailable')
    return
  }
  const whole = isInitialInum(reader.get('pid') ?? 0) && isInitialInum(reader.get('user') ?? 0)
  draft.sources.set('listns', whole ? 'read' : 'partial')
  for (const errno of listed.errnos) {
    const name = errnoName(errno)
    // ESTALE: it has ended meanwhile.
    if (errno !== 0 && name !== 'ESTALE') addGap(draft, 'listns', { errno: name })
  }
  // Owners are told whatever is asked for.
  const wanted = listed.facts.filter(({ type }) => type === 'user' || request.types.includes(type))
  const fresh = wanted.filter(({ inum }) => !draft.namespaces.has(inum))
  const added = fresh.map(({ type, inum }) => namespaceOf(draft, type, inum))
  addFacts(context, wanted)
  addNewcomers(context, added)
}
