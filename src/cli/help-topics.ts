import { EXIT } from '../errors.ts'
import { NAMESPACE_TYPES } from '../kernel/namespace-types.ts'
import { COMMAND_STATUS } from './command-status.ts'
import { definitions, type Page, section, wrap } from './help-text.ts'

export interface Topic {
  readonly name: string
  readonly summary: string
  /** The whole page, with a newline at the end. */
  readonly render: (page: Page) => string
}

/** Pages that belong to no command. */
export const TOPICS: readonly Topic[] = [
  { name: 'namespaces', summary: 'the eight types and what each of them isolates', render: types },
  {
    name: 'targets',
    summary: 'how processes, namespaces and containers are named',
    render: targets,
  },
  { name: 'exit-codes', summary: 'what the exit code says', render: exitCodes },
]

const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'fine; of a comparison: no difference',
  findings: 'there is a difference, or something was found; never an error',
  usage: 'the command line was wrong',
  noTarget: 'there is no such process, namespace or container',
  permission: 'the kernel did not permit it',
  incomplete: 'something could not be read (with --strict), compared or written',
  unsupported: 'the running kernel cannot do it',
  bug: 'a bug in nsx',
}

/** As env(1) and a shell have them. */
const STARTED: readonly (readonly [code: number | string, meaning: string])[] = [
  ['0 to 255', "the command's own"],
  ['128+n', 'signal n ended the command; nsx ends by it, too, where a process of it stayed'],
  [COMMAND_STATUS.failed, 'nsx failed, for whatever reason; with --dry-run: a step would fail'],
  [COMMAND_STATUS.notExecutable, 'the command was found, but could not be started'],
  [COMMAND_STATUS.notFound, 'the command was not found'],
]

function types(page: Page): string {
  const width = (column: (row: (typeof NAMESPACE_TYPES)[number]) => string) =>
    Math.max(...NAMESPACE_TYPES.map((row) => column(row).length)) + 2
  const name = width((row) => row.name) + 2
  const flag = width((row) => row.flag)
  const since = width((row) => `Linux ${row.since}`)
  const intro =
    'A namespace gives the processes in it a view of their own of one thing that the kernel ' +
    'otherwise shares between all of them. Every process is in one namespace of each type.'
  return [
    ...wrap(intro, page.width),
    '',
    ...NAMESPACE_TYPES.flatMap((row) => [
      '  ' +
        page.theme.heading(row.name.padEnd(name - 2)) +
        row.flag.padEnd(flag) +
        `Linux ${row.since}`.padEnd(since) +
        row.manual,
      ...wrap(row.isolates, page.width - name).map((line) => ' '.repeat(name) + line),
    ]),
    '',
    'See also namespaces(7).\n',
  ].join('\n')
}

const TARGETS: readonly (readonly [target: string, meaning: string])[] = [
  ['1234', 'the process or thread of that id'],
  ['self', 'nsx itself, which is where you are'],
  ['web', 'the container of that name, or with an id that begins so'],
  ['docker:web', 'the same, of that family: docker, podman, cri, lxc, machine, bwrap, …'],
  ['unit:nginx', 'the systemd unit nginx.service'],
  ['7@web', 'the process that is pid 7 in the container web'],
  ['net:[4026532281]', 'the namespace of that inode; also net:4026532281 or the number alone'],
  ['id:7353', 'the namespace with that id, which is never used again'],
  ['netns:blue', 'the network namespace /run/netns/blue'],
  ['/proc/1/ns/net', 'the namespace that a path leads to: anything with a slash'],
]

function targets(page: Page): string {
  const intro =
    'A container is told from its cgroup, its parents and the files of its runtime, never by asking a daemon. ' +
    'One in another is machine:box/docker:web; its last part alone will do where no other has it.'
  return `${section(page, 'Targets', definitions(page, TARGETS))}\n\n${wrap(intro, page.width).join('\n')}\n`
}

function exitCodes(page: Page): string {
  const codes = Object.entries(EXIT_MEANINGS).map(
    ([name, meaning]) => [String(EXIT[name as keyof typeof EXIT]), meaning] as const,
  )
  const started = STARTED.map(([code, meaning]) => [String(code), meaning] as const)
  return `${[
    section(page, 'Exit codes', definitions(page, codes)),
    section(page, 'Of nsx enter and nsx run instead', definitions(page, started)),
  ].join('\n\n')}\n`
}
