import type { NsType } from '../kernel/namespace-types.ts'
import type { ByteString } from '../model/exec-plan.ts'
import { PROPAGATIONS, type RunRequest } from '../model/run-request.ts'
import type { NamespaceWords } from './namespace-words.ts'
import {
  type IdKind,
  type IdLookUp,
  type MapWords,
  readIdMaps,
  readNamedId,
} from './read-id-map.ts'
import { readMounts } from './read-run-mounts.ts'
import { readNamespaces, refuseFrozenOffsets, requireNamespaces } from './read-run-namespaces.ts'
import {
  readCgroup,
  readChoice,
  readHostname,
  readOffset,
  readOwner,
  readSignal,
  readVariable,
} from './read-run-value.ts'
import {
  type DescriptorWords,
  type PlanWords,
  readDescriptors,
  readDryRun,
  readWord,
} from './read-value.ts'

/** The flags of a `run` command line, as they were written. */
export interface RunWords extends DescriptorWords, PlanWords, NamespaceWords, MapWords {
  readonly fork: boolean
  readonly clone: boolean
  readonly 'no-init': boolean
  readonly owner: string | undefined
  readonly setgroups: string | undefined
  readonly propagation: string | undefined
  readonly 'mount-proc': boolean
  readonly 'mount-proc-from': string | undefined
  readonly 'mount-binfmt': boolean
  readonly 'mount-binfmt-from': string | undefined
  readonly 'load-interp': string | undefined
  readonly root: string | undefined
  readonly wd: string | undefined
  readonly setuid: string | undefined
  readonly setgid: string | undefined
  readonly monotonic: string | undefined
  readonly boottime: string | undefined
  readonly 'kill-child': boolean
  readonly 'kill-child-from': string | undefined
  readonly 'forward-signals': boolean
  readonly 'keep-caps': boolean
  readonly 'clear-env': boolean
  readonly 'whitelist-env': readonly string[] | undefined
  readonly hostname: string | undefined
  readonly loopback: boolean
  readonly 'cgroup-path': string | undefined
  readonly pty: boolean | undefined
}

/**
 * What a `run` command line means, with all that one flag implies of others.
 *
 * @throws NsxError (usage) for the first thing that is wrong
 */
export function readRunRequest(
  words: RunWords,
  command: readonly ByteString[],
  lookUp: IdLookUp,
): RunRequest {
  const namespaces = readNamespaces(words)
  requireNamespaces(words, namespaces)
  refuseFrozenOffsets(words)
  const { root, wd, setuid, setgid } = words
  return {
    namespaces,
    fork: isForked(words, namespaces),
    init: namespaces.has('pid') && !words['no-init'],
    clone: words.clone,
    ...readIdMaps(words, lookUp),
    owner: words.owner === undefined ? null : readOwner(words.owner),
    setgroups: readChoice(words.setgroups, '--setgroups', ['allow', 'deny'] as const),
    propagation: readChoice(words.propagation, '--propagation', PROPAGATIONS),
    ...readMounts(words),
    root: root === undefined ? null : readWord(root, '--root', 'a directory'),
    workingDirectory: wd === undefined ? null : readWord(wd, '--wd', 'a directory'),
    uid: idOrNull(setuid, { kind: 'uid', flag: '--setuid' }, lookUp),
    gid: idOrNull(setgid, { kind: 'gid', flag: '--setgid' }, lookUp),
    monotonic: readOffset(words.monotonic, '--monotonic'),
    boottime: readOffset(words.boottime, '--boottime'),
    killChild: words['kill-child'] ? readSignal(words['kill-child-from'] ?? 'KILL') : null,
    keepCapabilities: words['keep-caps'],
    clearEnvironment: words['clear-env'] || words['whitelist-env'] !== undefined,
    environmentKept: (words['whitelist-env'] ?? []).map(readVariable),
    hostname: words.hostname === undefined ? null : readHostname(words.hostname),
    loopback: words.loopback,
    cgroupPath: words['cgroup-path'] === undefined ? null : readCgroup(words['cgroup-path']),
    pty: words.pty ?? null,
    ...readDescriptors(words),
    dryRun: readDryRun(words),
    command,
  }
}

function isForked(words: RunWords, namespaces: ReadonlyMap<NsType, unknown>): boolean {
  const implying = ['fork', 'clone', 'kill-child', 'forward-signals'] as const
  return namespaces.has('pid') || implying.some((flag) => words[flag])
}

function idOrNull(
  text: string | undefined,
  what: { readonly kind: IdKind; readonly flag: string },
  lookUp: IdLookUp,
): number | null {
  return text === undefined ? null : readNamedId(text, what, lookUp)
}
