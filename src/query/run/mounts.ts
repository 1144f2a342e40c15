import { isSince } from '../../kernel/kernel-release.ts'
import { isInitialInum } from '../../kernel/namespace-types.ts'
import type { RunFacts } from '../../model/run-facts.ts'
import type { Propagation, RunRequest } from '../../model/run-request.ts'
import { absolute, insideCauses } from './places.ts'
import { type Cause, foretell, ownerCauses, type Steps, step } from './told.ts'

/** mount(2). */
const [MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC] = [0x2, 0x4, 0x8, 0x4000]
const SAFE = MS_NOSUID | MS_NODEV | MS_NOEXEC
const MS_PRIVATE = 1 << 18
const PROPAGATION: Readonly<Record<Propagation, number | null>> = {
  private: MS_PRIVATE,
  slave: 1 << 19,
  shared: 1 << 20,
  unchanged: null,
}

const BINFMT = '/proc/sys/fs/binfmt_misc'

/** To whom mounts in the new mount namespace spread: to nobody, unless said otherwise. */
export function propagationSteps(
  { namespaces, propagation }: RunRequest,
  { caller }: RunFacts,
): Steps {
  const how = propagation ?? 'private'
  const flag = PROPAGATION[how]
  if (!namespaces.has('mnt') || flag === null) return []
  const isMount = caller.rootIsMount !== false
  return [spread('/', flag, `make all mounts ${how}`, isMount)]
}

function spread(target: string, flag: number, what: string, isMount = true) {
  const refusal = {
    errno: 'EINVAL',
    why: `nothing is mounted at ${target}`,
    hint: 'in a chroot, use --propagation unchanged',
  }
  const mount = { source: 'none', target, type: '', flags: MS_REC | flag, data: '' }
  return step(
    { name: 'mount', ...mount },
    what,
    foretell(isMount ? [] : [{ ...refusal, certain: true }], [refusal]),
  )
}

/** An interpreter that is opened at once (flag F) is looked for before the root changes. */
export function earlyInterpreterSteps(request: RunRequest, facts: RunFacts): Steps {
  if (!isEarly(request)) return []
  return [
    ...binfmt(BINFMT, { early: true }, request, facts),
    ...register(BINFMT, request.loadInterpreter),
  ]
}

function isEarly({ root, loadInterpreter }: RunRequest): boolean {
  return root !== null && loadInterpreter !== null && isFixed(loadInterpreter)
}

/** Within the root that the command will have. */
export function fileSystemSteps(request: RunRequest, facts: RunFacts): Steps {
  const { mountProc, mountBinfmt, loadInterpreter, workingDirectory } = request
  return [
    ...(mountProc === null ? [] : procSteps(absolute(mountProc, workingDirectory), request, facts)),
    ...(mountBinfmt === null
      ? []
      : binfmt(absolute(mountBinfmt, workingDirectory), { early: false }, request, facts)),
    ...(mountBinfmt === null || isEarly(request)
      ? []
      : register(absolute(mountBinfmt, workingDirectory), loadInterpreter)),
  ]
}

function procSteps(target: string, request: RunRequest, facts: RunFacts): Steps {
  const { propagation, root } = request
  const spreads = propagation !== null && propagation !== 'private'
  const mounted = facts.places.get(target)?.mounted ?? target === '/proc'
  const told = foretell(procCauses(target, request, facts), [
    { errno: 'EPERM', why: COVERED, hint: UNCOVER },
    { errno: 'ENOENT', why: `there is no directory ${target}`, hint: 'make it first: mkdir' },
  ])
  const mount = { source: 'proc', target, type: 'proc', flags: SAFE, data: '' }
  return [
    // The new one would spread as the old one does.
    ...(spreads && root === null && mounted
      ? [spread(target, MS_PRIVATE, `make ${target} private`)]
      : []),
    step({ name: 'mount', ...mount }, `mount a new proc at ${target}`, told),
  ]
}

const COVERED = 'parts of /proc are covered here, as in most containers: a new one would show them'
const UNCOVER =
  'leave out --mount-proc, or run nsx where /proc is whole (docker: --security-opt systempaths=unconfined)'

/** proc_init_fs_context(), and mount_too_revealing() in fs/namespace.c. */
function procCauses(target: string, request: RunRequest, facts: RunFacts): Cause[] {
  const { namespaces, root } = request
  return [
    ...insideCauses(target, root, facts),
    ...(namespaces.has('pid') ? [] : callersProc(request, facts)),
    ...(isInInitial(request, facts) || facts.procVisible !== false
      ? []
      : [{ errno: 'EPERM', why: COVERED, hint: UNCOVER, certain: true }]),
  ]
}

/** Without a PID namespace of its own, it is that of the caller of which a proc is mounted. */
function callersProc({ namespaces }: RunRequest, facts: RunFacts): Cause[] {
  if (namespaces.has('user')) {
    const why =
      'in a user namespace a proc can be mounted of a PID namespace that it owns, not of the caller’s'
    return [{ errno: 'EPERM', why, hint: 'add --pid', certain: true }]
  }
  return ownerCauses(facts, 'pid', 'CAP_SYS_ADMIN').map((cause) => ({
    ...cause,
    hint: 'add --pid',
  }))
}

/** The mount namespace will belong to the initial user namespace, in which nothing is hidden. */
function isInInitial({ namespaces }: RunRequest, { caller }: RunFacts): boolean {
  return !namespaces.has('user') && isInitialInum(caller.subject.links.user ?? 0)
}

function binfmt(
  target: string,
  { early }: { early: boolean },
  request: RunRequest,
  facts: RunFacts,
): Steps {
  const looked = !early && request.mountProc === null
  const causes = [
    ...(looked ? insideCauses(target, request.root, facts) : []),
    ...binfmtCauses(request, facts),
  ]
  const told = foretell(causes, [
    { errno: 'EPERM', why: OLD_BINFMT, hint: 'use a newer kernel' },
    { errno: 'ENODEV', why: NO_BINFMT, hint: 'as root: modprobe binfmt_misc' },
    {
      errno: 'ENOENT',
      why: `there is no directory ${target}`,
      hint: 'as root: modprobe binfmt_misc',
    },
  ])
  const mount = { source: 'binfmt_misc', target, type: 'binfmt_misc', flags: SAFE, data: '' }
  return [step({ name: 'mount', ...mount }, `mount binfmt_misc at ${target}`, told)]
}

const OLD_BINFMT = 'only since Linux 6.7 user namespaces have a binfmt_misc of their own'
const NO_BINFMT = 'the kernel has no binfmt_misc, or has not loaded it'

function binfmtCauses(request: RunRequest, facts: RunFacts): Cause[] {
  const { release } = facts
  const old = release !== null && !isSince(release, 6, 7) && !isInInitial(request, facts)
  const hint = 'as root: modprobe binfmt_misc'
  return [
    ...(facts.binfmt === false ? [{ errno: 'ENODEV', why: NO_BINFMT, hint, certain: false }] : []),
    ...(old
      ? [{ errno: 'EPERM', why: OLD_BINFMT, hint: 'use a newer kernel', certain: true }]
      : []),
  ]
}

function register(target: string, interpreter: string | null): Steps {
  if (interpreter === null) return []
  const operation = { name: 'write', path: `${target}/register`, text: interpreter } as const
  const others = [
    {
      errno: 'EINVAL',
      why: `the kernel takes no such interpreter: ${interpreter}`,
      hint: 'write it as :NAME:M:OFFSET:MAGIC:MASK:INTERPRETER:FLAGS, or with E and an extension',
    },
    { errno: 'EEXIST', why: 'there is an interpreter of that name', hint: 'give it another name' },
    {
      errno: 'ENOENT',
      why: 'the interpreter is not there (flag F opens it at once)',
      hint: 'name a program that is there, by its absolute path',
    },
  ]
  return [step(operation, 'register the interpreter with binfmt_misc', foretell([], others))]
}

/** As in unshare(1): the flags stand after the last colon. */
function isFixed(interpreter: string): boolean {
  return /:[^:]*F[^:]*$/.test(interpreter)
}
