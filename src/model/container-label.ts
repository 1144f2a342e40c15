import type { Container } from './container.ts'

/** Numbers that nobody types in full. */
const LONG = /^[0-9a-f]{32,}$/
const SHORT = 12

/**
 * A container in one word, `docker:web`, after those that it runs in: `machine:box/docker:web`. Without a
 * name the first digits of its id; without either the family alone. A systemd unit is named only where it
 * is the innermost, for nearly everything runs in one.
 *
 * Names are what somebody chose: nothing keeps a slash or a colon out of them.
 */
export function containerLabel(container: Container): string {
  const labels = [ownLabel(container)]
  for (let { outer } = container; outer !== null; outer = outer.outer) {
    if (outer.kind !== 'unit') labels.unshift(ownLabel(outer))
  }
  return labels.join('/')
}

function ownLabel({ family, id, name, pod }: Container): string {
  const own = name ?? (id === null ? null : shortId(id))
  const shown = pod?.namespace ? [pod.name, own] : [own]
  const text = shown.filter((part) => part !== null).join('/')
  return text === '' ? family : `${family}:${text}`
}

/** The first 12 digits of a long id; any other id as it is. */
function shortId(id: string): string {
  return LONG.test(id) ? id.slice(0, SHORT) : id
}
