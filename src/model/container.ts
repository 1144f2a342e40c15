/** The families, one word each: how a container is called, and named on a command line (`docker:web`). */
export const CONTAINER_FAMILIES = [
  ...(['docker', 'podman', 'containerd', 'cri', 'crio', 'runc', 'crun'] as const),
  ...(['machine', 'lxc', 'firejail', 'bwrap', 'flatpak', 'snap', 'gvisor', 'chromium'] as const),
  ...(['unit', 'ecs', 'garden', 'mesos', 'buildkit', 'nomad', 'kata'] as const),
] as const
export type ContainerFamily = (typeof CONTAINER_FAMILIES)[number]

/**
 * What a process is contained in: a container, a pod's sandbox, a virtual machine, an application's
 * sandbox, a systemd unit. It is told from evidence, without asking a daemon, so the evidence and its owner
 * stay with it: anybody can call a process conmon or a cgroup docker-….
 */
export interface Container {
  readonly family: ContainerFamily
  readonly kind: 'container' | 'machine' | 'sandbox' | 'unit'
  /** In full, as the runtime gave it (64 hexadecimal digits for most); null: this family has none. */
  readonly id: string | null
  /** As people call it; null: it has none, or it could not be read (`unknown` names the field then). */
  readonly name: string | null
  readonly image: string | null
  readonly pod: Pod | null
  /** Of a compose project: which service of which. */
  readonly compose: { readonly project: string; readonly service: string } | null
  /** The container that this one runs in; null: none that is known. */
  readonly outer: Container | null
  readonly evidence: readonly Evidence[]
  /** Fields that could not be read, and why is a gap of the coverage. */
  readonly unknown: readonly string[]
}

export interface Pod {
  readonly name: string | null
  readonly namespace: string | null
  readonly uid: string | null
}

export interface Evidence {
  readonly kind: 'cgroup' | 'process' | 'file' | 'mount' | 'socket'
  /** The cgroup's path, `conmon(812)`, the file's path (in the procfs where it begins with a pid) … */
  readonly where: string
  /** The uid that could have forged it; null: not known. */
  readonly uid: number | null
}
