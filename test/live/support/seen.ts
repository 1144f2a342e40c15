import { spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { PROJECT, watch } from './children.ts'
import { commandPath } from './needs.ts'
import { type NsxOptions, type NsxResult, runNsx } from './nsx.ts'
import { publicPackage } from './package.ts'

/** What a command sees of the process that it has become, by name. */
export type Seen = Readonly<Record<string, string>>

const TYPES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts']

/** Where a target may have the procfs of this machine: its own does not show who is not in its PID namespace. */
export const OTHER_PROC = '/mnt'

/** Says in lines `name value` what it has got; capabilities are those of the shell itself. */
const LOOK = [
  'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
  `for proc in /proc ${OTHER_PROC}; do test -e $proc/self && break; done`,
  `for type in ${TYPES.join(' ')}; do echo ns.$type "$(readlink $proc/self/ns/$type)"; done`,
  'while read -r name value; do case $name in',
  'Uid:|Gid:|Groups:|Cap*|NoNewPrivs:|Seccomp:|SigIgn:|SigCgt:|SigBlk:) echo "$name $value";;',
  'esac; done < $proc/self/status',
  ...['uid_map', 'gid_map', 'setgroups'].map(
    (file) => `echo ${file} "$(tr '\\n' ';' < $proc/self/${file})"`,
  ),
  // To whom mounts at the root spread, without the numbers of the groups.
  `echo spread "$(sed -n 's#^[^/]* / / \\(.*\\)- .*#\\1#p' $proc/self/mountinfo | tr -d 0-9)"`,
  'echo pid $$',
  'echo cwd "$(pwd -P)"',
  'echo root "$(stat -c %d:%i /)"',
  'echo umask "$(umask)"',
  'echo files "$(ulimit -n)"',
  'echo host "$(cat $proc/sys/kernel/hostname)"',
].join('\n')

export const LOOK_COMMAND: readonly string[] = ['/bin/sh', '-c', LOOK]

export function parseSeen(text: string): Seen {
  const lines = text.trimEnd().split('\n')
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...rest] = line.split(/\s+/)
      return [name, rest.join(' ')]
    }),
  )
}

/** nsx as a command for runTool, which also tells by which signal it ended. */
export function nsxCommand(...args: readonly string[]): string[] {
  return [process.execPath, `${PROJECT}bin/run.js`, ...args]
}

/** The same for those who may not enter the folder of ours. */
export function publicNsxCommand(...args: readonly string[]): string[] {
  const { node, root } = publicPackage()
  return [node, `${root}bin/run.js`, ...args]
}

export type ToolOptions = Pick<NsxOptions, 'uid' | 'gid' | 'env' | 'via'>

/** Runs nsenter(1) or unshare(1), or any other command, as runNsx runs nsx. */
export async function runTool(
  words: readonly string[],
  { uid, gid = uid, env = {}, via = [] }: ToolOptions = {},
): Promise<NsxResult & { readonly signal: NodeJS.Signals | null }> {
  const [tool = '', ...rest] = words
  const [path = '', ...args] = [...via, tool.includes('/') ? tool : commandPath(tool), ...rest]
  const child = spawn(path, args, {
    ...{ cwd: '/', env: { PATH: '/nonexistent', LANG: 'C.UTF-8', ...env } },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  })
  const watched = watch(child)
  const end = await watched.end
  return {
    ...{ stdout: watched.stdout(), stderr: watched.stderr(), timedOut: false },
    ...(typeof end === 'number' ? { code: end, signal: null } : { code: null, signal: end }),
  }
}

/** What the command sees that this tool starts. */
export async function seenWith(words: readonly string[], options?: ToolOptions): Promise<Seen> {
  return seenIn(await runTool([...words, '--', ...LOOK_COMMAND], options))
}

/** What the command sees that nsx starts. */
export async function seenWithNsx(words: readonly string[], options?: NsxOptions): Promise<Seen> {
  return seenIn(await runNsx([...words, '--', ...LOOK_COMMAND], options))
}

/** Its number is of two commands never the same. */
export function withoutPid({ pid: _, ...seen }: Seen): Seen {
  return seen
}

/** Of namespaces, and of its pid, only whether they are those of this process: new ones are never the same. */
export function withoutNumbers(seen: Seen): Seen {
  const told = Object.entries(seen).map(([name, value]) => {
    const [, type] = /^ns\.(\w+)$/.exec(name) ?? []
    if (name === 'pid') return [name, value === '1' ? value : 'new']
    if (type === undefined || value === '') return [name, value]
    return [name, value === readlinkSync(`/proc/self/ns/${type}`) ? 'ours' : 'new']
  })
  return Object.fromEntries(told)
}

function seenIn({ stdout, stderr, code }: NsxResult): Seen {
  if (code !== 0) throw new Error(`it ended with ${code}: ${stderr.trim()}`)
  return parseSeen(stdout)
}
