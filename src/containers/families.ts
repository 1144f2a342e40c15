import { bubblewrap } from './bubblewrap.ts'
import { chromium } from './chromium.ts'
import { containerd } from './containerd.ts'
import { cri } from './cri.ts'
import { crio } from './crio.ts'
import { crun } from './crun.ts'
import { docker } from './docker.ts'
import type { Family } from './family.ts'
import { firejail } from './firejail.ts'
import { flatpak } from './flatpak.ts'
import { gvisor } from './gvisor.ts'
import { lxc } from './lxc.ts'
import { machine } from './machine.ts'
import { OTHERS } from './others.ts'
import { podman } from './podman.ts'
import { runc } from './runc.ts'
import { snap } from './snap.ts'
import { unit } from './unit.ts'

/** In the order in which they are asked about one directory or one relative: the first that knows it for sure, wins. */
export const FAMILIES: readonly Family[] = [
  // In a pod's cgroup, the forms of docker mean dockershim's containers.
  cri,
  // These have forms that nobody else has.
  crio,
  podman,
  lxc,
  // ecs/TASK/ID and docker/buildkit/ID hold what would also be docker's or containerd's form.
  ...OTHERS,
  docker,
  // Any name below any name, where the shim says so: whatever has a form of its own comes before.
  containerd,
  // Any name at all, but none that is a unit's, and only on proof.
  runc,
  crun,
  // Units by their form.
  machine,
  flatpak,
  snap,
  unit,
  // Without a cgroup of their own, told by a relative; no two of them know the same program.
  firejail,
  bubblewrap,
  gvisor,
  chromium,
]
