import type { ContainerRow } from '../query/container-row.ts'
import type { ShowView } from '../query/show.ts'
import { cleanerOf } from './safe-text.ts'
import { measureOf, shorten } from './text-width.ts'
import type { Theme } from './theme.ts'
import { stateText, whoText } from './who.ts'

interface HeadOptions {
  readonly width: number | null
  readonly theme: Theme
  /** The command line in full. */
  readonly verbose: boolean
}

/** Who a task is, and in what state. */
export async function headLines(
  { subject }: ShowView,
  { theme, width, verbose }: HeadOptions,
): Promise<string[]> {
  const clean = cleanerOf(theme)
  const room = width === null || verbose ? Number.POSITIVE_INFINITY : COMMAND_LINES * width - 2
  const { ppid, state, threadCount, kernelThread, args } = subject
  const facts = [
    stateText(subject),
    ...(ppid === null ? [] : [`child of ${ppid}`]),
    ...(threadCount > 1 ? [`${threadCount} threads`] : []),
  ]
  return [
    theme.heading(whoText(subject, theme)),
    ...(args.length > 0 ? [`  ${await cut(clean(subject.command), room, theme)}`] : []),
    `  ${facts.join(', ')}`,
    ...(kernelThread ? ['  a kernel thread: it runs no program'] : []),
    ...(state === 'Z' ? [`  ${zombieText(threadCount)}`] : []),
  ]
}

/** Some command lines fill a screen, as those of a Java program. */
const COMMAND_LINES = 2

async function cut(text: string, width: number, { unicode }: Theme): Promise<string> {
  if (width === Number.POSITIVE_INFINITY) return text
  return shorten(text, { width, measure: await measureOf([text]), unicode })
}

/** A zombie gave up its nsproxy (exit_task_namespaces() in kernel/exit.c). */
function zombieText(threadCount: number): string {
  return threadCount > 1
    ? 'the thread that it began with has ended, the others live on: see the threads below'
    : 'it has ended and waits for its parent; only its user and PID namespace are left'
}

/** Who could have said so decides whether it is to be believed. */
export function evidenceLines(container: ContainerRow | null, theme: Theme): string[] {
  if (container === null) return []
  const clean = cleanerOf(theme)
  const { evidence, label, id, image, pod, unknown, outer } = container
  const facts = [
    ...(id === null ? [] : [`id ${id}`]),
    ...(image === null ? [] : [`image ${image}`]),
    ...(pod?.name ? [`pod ${[pod.namespace, pod.name].filter(Boolean).join('/')}`] : []),
    ...(unknown.length > 0 ? [`not readable: ${unknown.join(', ')}`] : []),
  ]
  return [
    `  ${theme.dim('container')} ${clean(label)}${facts.length > 0 ? `, ${clean(facts.join(', '))}` : ''}`,
    ...evidence.map(({ kind, where, uid }) => {
      const owner = uid === null ? 'of an unknown owner' : `of uid ${uid}`
      return `    ${theme.dim('by')} ${kind} ${clean(where)}, ${owner}`
    }),
    ...evidenceLines(outer, theme),
  ]
}
