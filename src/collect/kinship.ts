import type { Host, NsFacts, NsHandle } from '../host/port.ts'
import type { Errno } from '../kernel/errno.ts'
import type { Kinship } from '../model/pair.ts'
import { orExplain } from './host-failure.ts'

/**
 * How namespaces are related: those that the handles lead to, their ancestors and owners.
 *
 * @param told what nsfs has said of others already
 */
export function readKinship(
  host: Host,
  handles: readonly NsHandle[],
  told: readonly NsFacts[] = [],
): Kinship {
  const { describe } = host
  const read = describe ? orExplain(host, () => describe(handles, { nsid: false }).facts) : []
  const facts = [...told, ...read]
  return {
    users: new Map(
      facts
        .filter(({ type }) => type === 'user')
        .map(({ inum, parent, ownerUid }) => [
          ...([inum, { inum, parent: known(parent), ownerUid: known(ownerUid) }] as const),
        ]),
    ),
    pidParents: columnOf(
      facts.filter(({ type }) => type === 'pid'),
      'parent',
    ),
    owners: columnOf(
      facts.filter(({ type }) => type !== 'user'),
      'owner',
    ),
  }
}

function columnOf(
  facts: readonly NsFacts[],
  column: 'parent' | 'owner',
): Map<number, number | null> {
  return new Map(facts.map((fact) => [fact.inum, known(fact[column])]))
}

/** An errno (EPERM): there is none, or it is out of sight. */
function known(answer: number | Errno | null): number | null {
  return typeof answer === 'number' ? answer : null
}
