import { NS_TYPE_NAMES, type NsType, nsTypeRow } from '../kernel/namespace-types.ts'
import type { EnterRequest, NamespaceSource } from '../model/enter-request.ts'
import type { ByteString } from '../model/exec-plan.ts'
import type { NsTarget } from '../model/target.ts'
import { misuse } from './misuse.ts'
import { type NamespaceWords, nsFlag, nsWord } from './namespace-words.ts'
import { isNamespace, knownType, readEnterTarget, readSource } from './read-enter-target.ts'
import {
  type DescriptorWords,
  type PlanWords,
  readDescriptors,
  readDryRun,
  readFd,
  readId,
  readWord,
  refuseTogether,
} from './read-value.ts'

/** The flags of an `enter` command line, as they were written. */
export interface EnterWords extends DescriptorWords, PlanWords, NamespaceWords {
  readonly all: boolean
  readonly 'user-parent': boolean
  readonly 'net-socket': string | undefined
  readonly target: string | undefined
  readonly root: boolean
  readonly 'root-from': string | undefined
  readonly wd: boolean
  readonly 'wd-from': string | undefined
  readonly wdns: string | undefined
  readonly setuid: string | undefined
  readonly setgid: string | undefined
  readonly 'preserve-credentials': boolean
  readonly 'keep-caps': boolean
  readonly env: boolean
  readonly 'keep-env': boolean
  readonly 'no-fork': boolean
  readonly 'join-cgroup': boolean
  readonly 'follow-context': boolean
  readonly like: boolean
  readonly dns: boolean
  readonly sys: boolean
  readonly pty: boolean | undefined
}

const CONFLICTS: readonly (readonly [keyof EnterWords, keyof EnterWords])[] = [
  ['wd', 'wdns'],
  ['env', 'keep-env'],
  ['user', 'user-parent'],
  ['net', 'net-socket'],
  ['like', 'setuid'],
  ['like', 'setgid'],
  ['like', 'keep-caps'],
  ['like', 'preserve-credentials'],
  // In the target's mount namespace its own files are seen.
  ['mount', 'dns'],
  ['all', 'dns'],
  ['mount', 'sys'],
  ['all', 'sys'],
]

/** Flags that always take something from the target. */
const TAKERS = [
  'all',
  'net-socket',
  'join-cgroup',
  'follow-context',
  'like',
  'dns',
  'env',
] as const satisfies readonly (keyof EnterWords)[]

/**
 * What an `enter` command line means. A target that is a namespace becomes a named source, so that `target`
 * is a process or a container, or null.
 *
 * @throws NsxError (usage) for the first thing that is wrong
 */
export function readEnterRequest(
  words: EnterWords,
  targetWord: string | undefined,
  command: readonly ByteString[],
): EnterRequest {
  refuseTogether(CONFLICTS, (flag) => isGiven(words[flag as keyof EnterWords]))
  const { target, inode } = readEnterTarget(words.target, targetWord)
  const namespaces = readNamespaces(words)
  const taken = takenFromTarget(words)
  const isPlace = target !== null && isNamespace(target)
  if (isPlace) addPlace(target, namespaces, taken)
  else if (target === null) requireNoTarget(namespaces, taken)
  const { 'net-socket': socket, wdns } = words
  return {
    target: isPlace ? null : target,
    targetInode: inode,
    namespaces,
    all: words.all,
    userParent: words['user-parent'],
    netSocket: socket === undefined ? null : readFd(socket, '--net-socket'),
    root: directory(words.root, words['root-from'], '--root'),
    workingDirectory: directory(words.wd, words['wd-from'], '--wd'),
    innerDirectory: wdns === undefined ? null : readWord(wdns, '--wdns', 'a directory'),
    uid: idOrFollow(words.setuid, '--setuid'),
    gid: idOrFollow(words.setgid, '--setgid'),
    preserveCredentials: words['preserve-credentials'],
    keepCapabilities: words['keep-caps'],
    targetEnvironment: words.env,
    keepEnvironment: words['keep-env'],
    fork: !words['no-fork'],
    joinCgroup: words['join-cgroup'],
    followContext: words['follow-context'],
    like: words.like,
    dns: words.dns,
    sys: words.sys,
    pty: words.pty ?? null,
    ...readDescriptors(words),
    dryRun: readDryRun(words),
    command,
  }
}

function isGiven(value: string | boolean | undefined): boolean {
  return value !== undefined && value !== false
}

function readNamespaces(words: EnterWords): Map<NsType, NamespaceSource> {
  return new Map(
    NS_TYPE_NAMES.flatMap((type): [NsType, NamespaceSource][] => {
      const word = nsWord(words, type)
      if (word === null) return []
      if (word.from === undefined) return [[type, { from: 'target' }]]
      return [[type, { from: 'named', target: readSource(type, word.from) }]]
    }),
  )
}

/** The flags that were given and take something from the target, as a person writes them. */
function takenFromTarget(words: EnterWords): string[] {
  const types = NS_TYPE_NAMES.filter((type) => {
    const word = nsWord(words, type)
    return word !== null && word.from === undefined
  })
  return [
    ...types.map(nsFlag),
    ...TAKERS.filter((flag) => isGiven(words[flag])),
    ...(['root', 'wd'] as const).filter(
      (flag) => words[flag] && words[`${flag}-from`] === undefined,
    ),
    ...(['setuid', 'setgid'] as const).filter((flag) => words[flag] === 'follow'),
  ].map((flag) => `--${flag}`)
}

/** `enter netns:blue`: one namespace alone. */
function addPlace(
  target: NsTarget,
  namespaces: Map<NsType, NamespaceSource>,
  taken: readonly string[],
): void {
  const type = knownType(target)
  if (type === null) {
    throw misuse('bad-target', `${target.text} names a namespace, but not of which type`, {
      target: target.text,
      hint: `name it as such, --net=${target.text} for a network namespace; or name a process`,
    })
  }
  const flag = `--${nsFlag(type)}`
  const other = taken.find((each) => each !== flag)
  if (other !== undefined) {
    const title = nsTypeRow(type).title
    throw misuse('bad-target', `${target.text} is a ${title} namespace: ${other} needs a process`, {
      target: target.text,
      hint: `name a process or a container as the target, and this one by ${flag}=${target.text}`,
    })
  }
  if (namespaces.get(type)?.from === 'named') {
    throw misuse(
      'two-targets',
      `two ${nsTypeRow(type).title} namespaces: ${target.text} and ${flag}=`,
      {
        target: target.text,
        hint: 'leave one of them out',
      },
    )
  }
  namespaces.set(type, { from: 'named', target })
}

/** @throws NsxError (usage) where there is no target, but something needs one. */
function requireNoTarget(namespaces: ReadonlyMap<NsType, unknown>, taken: readonly string[]): void {
  const [flag] = taken
  if (flag === undefined && namespaces.size > 0) return
  const why = flag === undefined ? '' : `, from which ${flag} is to be taken`
  throw misuse('missing-argument', `TARGET is missing${why}`, {
    target: 'TARGET',
    hint: 'write a pid or the name of a container (nsx help targets), or name namespaces, as --net=NS',
  })
}

function directory(
  given: boolean,
  path: string | undefined,
  flag: string,
): 'target' | { readonly path: string } | null {
  if (!given) return null
  return path === undefined ? 'target' : { path: readWord(path, flag, 'a directory') }
}

function idOrFollow(text: string | undefined, flag: string): number | 'follow' | null {
  if (text === undefined || text === 'follow') return text ?? null
  if (/^-?\d+$/.test(text)) return readId(text, flag)
  throw misuse('bad-number', `${flag} ${text}: that is not an id`, {
    target: flag,
    hint: 'write a number, or follow; a name may mean another id inside',
  })
}
