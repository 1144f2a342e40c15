import { describeCapabilities } from '../kernel/capabilities.ts'
import type { ShownThread, ShowView } from '../query/show.ts'
import { cleanerOf } from './safe-text.ts'
import type { Theme } from './theme.ts'
import { refText } from './who.ts'
import { wrapCell } from './wrap.ts'

interface LineOptions {
  readonly width: number | null
  readonly theme: Theme
}

/** What differs among the threads of a task, and what it may do. */
export function tailLines(
  { subject, threads, namespaces }: ShowView,
  { theme, width }: LineOptions,
): string[] {
  const { credentials, threadsUnread } = subject
  const within = namespaces.user ? `, in ${refText(namespaces.user.ns)}` : ''
  return [
    ...threadLines(threads, { theme, width }),
    ...(threadsUnread > 0
      ? [theme.unsure(`${threadsUnread} more threads were not looked at`)]
      : []),
    ...(credentials === null
      ? [theme.unsure('capabilities: not permitted to look')]
      : [
          ...hanging(
            'capabilities',
            `${describeCapabilities(credentials.capabilities.effective)}${within}`,
            width,
          ),
          ...hanging('privileges', privilegeText(credentials), width),
        ]),
    '',
  ]
}

const LABEL = 14

/** A label, and what belongs to it in lines below each other. */
function hanging(label: string, text: string, width: number | null): string[] {
  const room = width === null ? Number.POSITIVE_INFINITY : Math.max(24, width - LABEL)
  const lines = wrapCell(text, room, (any) => any.length)
  return lines.map((line, i) => `${(i === 0 ? label : '').padEnd(LABEL)}${line}`)
}

function privilegeText({
  noNewPrivs,
  seccomp,
  seccompFilters,
}: NonNullable<ShowView['subject']['credentials']>): string {
  const filters = seccompFilters === null ? '' : ` (${seccompFilters})`
  const modes = ['no seccomp', 'seccomp strict', `seccomp filter${filters}`] as const
  return [
    ...(noNewPrivs === null ? [] : [noNewPrivs ? 'no_new_privs' : 'may gain privileges by exec']),
    ...(seccomp === null ? [] : [modes[seccomp]]),
  ].join(', ')
}

function threadLines(threads: readonly ShownThread[], { theme, width }: LineOptions): string[] {
  const clean = cleanerOf(theme)
  return threads.flatMap(({ tid, comm, namespaces, unknown }) => {
    const refs = [
      ...Object.entries(namespaces).map(([link, ref]) => `${link} ${ref.inum}`),
      ...unknown.map((field) => `${field.replace('namespaces.', '')} ?`),
    ]
    const text = `thread ${tid} (${clean(comm)}) is elsewhere: ${refs.join(', ')}`
    const room = width === null ? Number.POSITIVE_INFINITY : width
    return wrapCell(text, room, (any) => any.length).map((line) => theme.bad(line))
  })
}
