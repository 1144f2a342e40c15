import type { Errno } from '../kernel/errno.ts'
import { nsTypeOfBit, nsTypeRow } from '../kernel/namespace-types.ts'
import type { FactColumns, NamespaceColumns } from './addon.ts'
import { errnoName } from './errno-name.ts'
import type { Description, NsFacts } from './port.ts'

/** Of a namespace whose type nsfs does not tell, or tells as one that we do not know. */
const ENOTSUP = 95

/** What the addon says of namespaces that it was asked for. */
export function describedOf({ inums, errnos, facts }: NamespaceColumns): Description {
  const known: NsFacts[] = []
  const untyped = new Set<number>()
  for (let i = 0; i < facts.inums.length; i++) {
    const fact = factsOf(facts, i)
    if (fact) known.push(fact)
    else untyped.add(facts.inums[i] as number)
  }
  if (untyped.size > 0) {
    for (const [i, inum] of inums.entries()) {
      if (!untyped.has(inum)) continue
      inums[i] = 0
      errnos[i] = ENOTSUP
    }
  }
  return { inums, errnos, facts: known }
}

/** Those of a type that we know. */
export function allFactsOf(columns: FactColumns): NsFacts[] {
  return Array.from(columns.inums, (_, i) => factsOf(columns, i)).filter((fact) => fact !== null)
}

/** Null for a type that the table does not know: of a later kernel. */
function factsOf(columns: FactColumns, i: number): NsFacts | null {
  const type = nsTypeOfBit(columns.types[i] as number)
  if (!type) return null
  const id = columns.ids[i] as bigint
  const nsid = valueOrErrno(columns.nsids, columns.nsidErrnos, i)
  return {
    inum: columns.inums[i] as number,
    type,
    id: id === 0n ? null : String(id),
    owner: valueOrErrno(columns.owners, columns.ownerErrnos, i),
    parent: nsTypeRow(type).hasParent
      ? valueOrErrno(columns.parents, columns.parentErrnos, i)
      : null,
    ownerUid: type === 'user' ? valueOrErrno(columns.ownerUids, columns.ownerUidErrnos, i) : null,
    nsid: nsid === -1 ? null : nsid,
  }
}

function valueOrErrno(
  values: Uint32Array | Int32Array,
  errnos: Uint8Array,
  i: number,
): number | Errno {
  const errno = errnos[i] as number
  return errno === 0 ? (values[i] as number) : errnoName(errno)
}
