import type { RunFacts } from '../../model/run-facts.ts'
import type { RunRequest } from '../../model/run-request.ts'
import { credentialsOf } from './id-kinds.ts'
import type { IdMaps } from './maps.ts'

interface Noted {
  readonly request: RunRequest
  readonly maps: IdMaps
  readonly facts: RunFacts
}

/** A thing to know, where it is so. */
interface Note {
  readonly when: (noted: Noted) => boolean
  readonly text: string
}

/** What reaches further than one may think, or not at all: it is told at every run. */
const NOTES: readonly Note[] = [
  {
    when: ({ request: { namespaces, mountProc, propagation } }) =>
      namespaces.has('mnt') &&
      !namespaces.has('user') &&
      mountProc !== null &&
      (propagation === 'unchanged' || propagation === 'shared'),
    text: '--propagation: what is mounted may be mounted for the caller, too',
  },
  {
    when: ({ request: { keepCapabilities, namespaces } }) =>
      keepCapabilities && !namespaces.has('user'),
    text: '--keep-caps does nothing without --user',
  },
  {
    when: ({ request: { namespaces, uid, gid }, facts }) =>
      uid !== null &&
      uid !== 0 &&
      gid === null &&
      !namespaces.has('user') &&
      credentialsOf(facts).uid.effective === 0,
    text: '--setuid alone: the command keeps the groups of root, which --setgid gives up',
  },
]

/** What is no surprise to most: a dry run tells it of the command. */
const REMARKS: readonly Note[] = [
  {
    when: ({ request: { namespaces }, maps }) => namespaces.has('user') && maps.user === null,
    text: 'it is uid 65534, for no id is mapped (--map-root-user makes it root inside)',
  },
  {
    when: ({ request: { namespaces, init } }) => namespaces.has('pid') && !init,
    text: 'it is pid 1: signals that it does not handle are ignored, and nobody else reaps orphans',
  },
  {
    when: ({ request: { namespaces, mountProc } }) => namespaces.has('pid') && mountProc === null,
    text: 'it sees the /proc of the caller (--mount-proc mounts its own)',
  },
]

export function notesOf(noted: Noted): string[] {
  return NOTES.filter(({ when }) => when(noted)).map(({ text }) => text)
}

/** @returns null where there is nothing to say */
export function remarksOf(noted: Noted): string | null {
  const texts = REMARKS.filter(({ when }) => when(noted)).map(({ text }) => text)
  return texts.length === 0 ? null : texts.join('; ')
}
