import type { NsType } from '../../kernel/namespace-types.ts'
import type { Container } from '../../model/container.ts'

/** What a container may do to the host because it is in one of the host's namespaces. */
export interface Risk {
  readonly type: NsType
  /** Most runtimes do so unless told otherwise. */
  readonly usual: boolean
  readonly text: string
}

/** Types of which a container in the initial namespace is worth a word. */
const RISKS: readonly Risk[] = [
  {
    type: 'mnt',
    usual: false,
    text: 'it sees the mounts and files of the host, as far as its ids allow',
  },
  {
    type: 'net',
    usual: false,
    text: 'it uses the network of the host: its addresses, its ports, its abstract sockets',
  },
  {
    type: 'pid',
    usual: false,
    text: 'it sees all processes of the host, and can signal those that its ids allow',
  },
  {
    type: 'ipc',
    usual: false,
    text: 'it shares System V memory, semaphores and POSIX message queues with the host',
  },
  {
    type: 'user',
    usual: true,
    text: 'root in it is root of the host, held back by capabilities and filters alone',
  },
]

/**
 * The risks of a container that is in these initial namespaces. A systemd unit is part of the host, and an
 * application's sandbox is meant to be in some of its namespaces: of these nothing is said.
 */
export function risksOf(
  container: Container | null,
  isInitial: (type: NsType) => boolean,
): readonly Risk[] {
  if (container === null || !isApart(container)) return []
  return RISKS.filter(({ type }) => isInitial(type))
}

function isApart({ kind, pod }: Container): boolean {
  return kind === 'container' || kind === 'machine' || (kind === 'sandbox' && pod !== null)
}
