import type { Errno } from '../kernel/errno.ts'

/**
 * What nsx-exec is to do, in order: plain data. It does nothing of its own accord, so what is not here
 * does not happen; native/exec/plan.h has the same operations by number.
 */
export interface ExecPlan {
  readonly steps: readonly ExecStep[]
}

export interface ExecStep {
  readonly operation: Operation
  /** What it is for, after "cannot": `enter the network namespace of web (pid 812)`. */
  readonly what: string
  /** What a refusal means, by errno; null: any other one. The first that fits is told. */
  readonly advice: readonly Advice[]
  /** A refusal is told, and the next step is taken all the same. */
  readonly optional?: true
  /** Done by the bystander, a child that stays outside of the new namespaces, at this `go`. */
  readonly group?: number
}

export interface Advice {
  readonly errno: Errno | null
  /** Why, as the end of a sentence; null: nothing more is known. */
  readonly why: string | null
  /** What would work. */
  readonly hint: string | null
}

/** Text of which each character is one byte: words of the user's that need not be UTF-8. */
export type ByteString = string

/** Descriptors that steps open for later ones, by a number of the plan's own. */
export type Slot = number

/** `ids` and flags are numbers as the kernel has them; signals too. */
export type Operation =
  /**
   * From here on two processes: the first stays outside, waits, forwards signals, relays the terminal and ends
   * as the command did; the other one goes on. `spawns`: the command will be made by a later `spawn`.
   */
  | {
      readonly name: 'monitor'
      readonly spawns: boolean
      readonly pty: boolean
      /** Where a line of JSON about the end is written; null: nowhere. */
      readonly statusFd: number | null
    }
  /** Forks the bystander, which waits for `go`. */
  | { readonly name: 'beside' }
  /** Lets the bystander do the steps of a group, for the process that has just been made or this one. */
  | { readonly name: 'go'; readonly to: number }
  /** A process, which must still be the one that was looked at. `inode`: of its pidfd (Linux 6.9), else null. */
  | {
      readonly name: 'pidfd'
      readonly slot: Slot
      readonly pid: number
      readonly startTicks: string | null
      readonly inode: string | null
    }
  /** It must not have ended meanwhile: whatever was opened by its pid was its own then. */
  | { readonly name: 'alive'; readonly slot: Slot }
  | { readonly name: 'openDirectory'; readonly slot: Slot; readonly path: string }
  /** A namespace file; `inum` null: whatever is there. `type`: its CLONE_NEW* bit. */
  | {
      readonly name: 'openNamespace'
      readonly slot: Slot
      readonly path: string
      readonly inum: number | null
      readonly type: number
    }
  /** By its handle (Linux 6.18). */
  | {
      readonly name: 'openById'
      readonly slot: Slot
      readonly id: string
      readonly inum: number
      readonly type: number
    }
  /** The network namespace of a socket of another process (pidfd_getfd(2), SIOCGSKNS). */
  | {
      readonly name: 'openBySocket'
      readonly slot: Slot
      readonly process: Slot
      readonly fd: number
    }
  /** The user namespace that owns another namespace (NS_GET_USERNS). */
  | { readonly name: 'openOwner'; readonly slot: Slot; readonly of: Slot }
  | { readonly name: 'write'; readonly path: string; readonly text: string }
  /** A file of /proc/PID of the process itself, or of the one that the bystander is told. */
  | { readonly name: 'writeOwn'; readonly file: string; readonly text: string }
  /** newuidmap(1), newgidmap(1): the pid is the first argument. */
  | { readonly name: 'mapTool'; readonly program: string; readonly args: readonly string[] }
  /** Binds /proc/PID/ns/LINK to a file, which is made where there is none. */
  | { readonly name: 'bindNamespace'; readonly link: string; readonly target: string }
  /** Undumpable, and no descriptor but 0 to 2 and those that were asked for survives an exec. */
  | { readonly name: 'seal'; readonly keep: readonly number[] }
  | { readonly name: 'setns'; readonly slot: Slot; readonly flags: number }
  /** Tried again for so long while the kernel says ENOSPC: it frees namespaces late. */
  | { readonly name: 'unshare'; readonly flags: number; readonly patienceMs: number }
  | { readonly name: 'chroot'; readonly slot: Slot }
  | { readonly name: 'chrootPath'; readonly path: string }
  /** Refused where the directory is out of reach from the root. */
  | { readonly name: 'chdir'; readonly slot: Slot }
  | { readonly name: 'chdirPath'; readonly path: string }
  /** Closes all slots. */
  | { readonly name: 'closeSlots' }
  /**
   * Makes the command's process, a child of the monitor; this one ends once it has let the bystander do the
   * steps of group `go`. `flags`: CLONE_NEW* bits for clone3(2), then `go` is before the child goes on.
   */
  | { readonly name: 'spawn'; readonly flags: number; readonly go: number | null }
  /** Forks: this process stays as pid 1, reaps and forwards signals; its child goes on. */
  | { readonly name: 'init' }
  | {
      readonly name: 'mount'
      readonly source: string
      readonly target: string
      readonly type: string
      readonly flags: number
      readonly data: string
    }
  /** Lays a file with this content over one that is there. */
  | { readonly name: 'fileOver'; readonly target: string; readonly content: string }
  | { readonly name: 'hostname'; readonly text: string }
  | { readonly name: 'loopback' }
  /** On the CPU that it runs on, so that namespace ids ascend (Linux 6.18). */
  | { readonly name: 'pinCpu' }
  /** `lenient`: a user namespace that forbids it is no failure. */
  | { readonly name: 'groups'; readonly ids: readonly number[]; readonly lenient: boolean }
  | { readonly name: 'gid'; readonly id: number }
  /** `keep`: permitted capabilities outlast the change. */
  | { readonly name: 'uid'; readonly id: number; readonly keep: boolean }
  /** What is permitted becomes ambient, so that the command has it. */
  | { readonly name: 'ambient' }
  /** Sets as in status, hexadecimal; what the process has not is not gained. */
  | {
      readonly name: 'capabilities'
      readonly bounding: string
      readonly permitted: string
      readonly effective: string
      readonly inheritable: string
      readonly ambient: string
    }
  | { readonly name: 'noNewPrivs' }
  | { readonly name: 'umask'; readonly mask: number }
  /** Of a resource (setrlimit(2)); null: unlimited. */
  | {
      readonly name: 'limit'
      readonly resource: number
      readonly soft: string | null
      readonly hard: string | null
    }
  /** Sent to the command when the monitor, or whoever started it, ends. */
  | { readonly name: 'deathSignal'; readonly signal: number }
  /** `file` without a slash is looked for in PATH of `environment`. */
  | {
      readonly name: 'exec'
      readonly file: ByteString
      readonly args: readonly ByteString[]
      readonly environment: readonly ByteString[]
    }

export type OperationName = Operation['name']

/** What is known beforehand of one step. */
export interface Forecast {
  readonly outcome: 'works' | 'fails' | 'unknown'
  /** Of a failure. */
  readonly errno: Errno | null
  /** What decides it, in a sentence: the capability, in which user namespace, and whether we have it. */
  readonly why: string | null
  readonly hint: string | null
}

export interface PlannedStep extends ExecStep {
  readonly forecast: Forecast
}

/** What `--dry-run` shows, and what is carried out. */
export interface ActionPlan {
  readonly steps: readonly PlannedStep[]
  /** Told whenever it is carried out: seccomp filters that cannot be copied, and the like. */
  readonly notes: readonly string[]
  /** Told by `--dry-run` alone: what is as anybody would expect. */
  readonly remarks: readonly string[]
  /** Namespaces that were left out, and why (--all). */
  readonly skipped: readonly string[]
}
