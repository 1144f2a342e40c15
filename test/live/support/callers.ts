/** Users that are nobody else's, of whom each has a target. */
export const [UID_A, UID_B] = [23_451, 23_452]

/** Whoever starts nsx: what it is started by. */
export interface CallerKind {
  readonly name: string
  readonly via: readonly string[]
  /** It may bind namespaces to files in a folder, in a mount namespace that ends with it. */
  readonly binds?: true
}

/** By name, what has to be done before, in a shell of root. */
type Setup = readonly [name: string, script: string]

/** The rest of the command line is run in the end. */
function shell(script: string): string[] {
  return ['sh', '-c', `set -e; ${script}; exec "$@"`, 'sh']
}

function as(uid: number, ...more: readonly string[]): string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', ...more]
}

function without(...names: readonly string[]): string[] {
  const list = names.map((name) => `-${name}`).join()
  return ['setpriv', `--bounding-set=${list}`, `--inh-caps=${list}`]
}

function ambient(uid: number, ...names: readonly string[]): string[] {
  const list = names.map((name) => `+${name}`).join()
  return as(uid, `--inh-caps=${list}`, `--ambient-caps=${list}`)
}

const OWN_MOUNTS = ['unshare', '-m', '--propagation', 'private']
const ROOT_OF_ITS_OWN = ['unshare', '-Ur']

/** A root that is a mount, and one that is a mere directory of one. */
const CHROOTS: readonly Setup[] = [
  ['a mount', 'mount --rbind / "$NSX_PREDICT_FOLDER"; set -- chroot "$NSX_PREDICT_FOLDER" "$@"'],
  [
    'a directory',
    [
      'mount -t tmpfs tmpfs "$NSX_PREDICT_FOLDER"',
      'root=$NSX_PREDICT_FOLDER/root; mkdir "$root"',
      'for each in /*; do if [ -L "$each" ]; then cp -P "$each" "$root$each"; ' +
        'elif [ -d "$each" ]; then mkdir "$root$each"; mount --rbind "$each" "$root$each"; fi; done',
      'set -- chroot "$root" "$@"',
    ].join('; '),
  ],
]

const LIMITS: readonly Setup[] = [
  ['no uts', 'echo 0 > /proc/sys/user/max_uts_namespaces'],
  ['no user', 'echo 0 > /proc/sys/user/max_user_namespaces'],
  [
    'no net, mnt, pid, ipc',
    'for type in net mnt pid ipc; do echo 0 > "/proc/sys/user/max_"$type"_namespaces"; done',
  ],
]

export const CALLERS: readonly CallerKind[] = [
  { name: 'root', via: [] },
  ...[
    ['sys_admin'],
    ['sys_chroot'],
    ['sys_ptrace'],
    ['setuid'],
    ['setgid'],
    ['setfcap'],
    ['net_admin'],
    ['sys_time'],
    ['dac_override', 'dac_read_search'],
    ['sys_admin', 'sys_ptrace', 'setgid'],
  ].map((names) => ({ name: `root without ${names.join()}`, via: without(...names) })),
  { name: 'root with its own mounts', via: OWN_MOUNTS, binds: true },
  {
    name: 'root with shared mounts',
    via: ['unshare', '-m', '--propagation', 'shared'],
    binds: true,
  },
  { name: 'root with no_new_privs', via: ['setpriv', '--no-new-privs'] },
  { name: 'root with a low limit of files', via: ['prlimit', '--nofile=256:4096'] },
  { name: 'root with groups', via: ['setpriv', '--groups', '4,27'] },
  { name: 'a', via: as(UID_A) },
  { name: 'b', via: as(UID_B) },
  { name: 'a with groups', via: ['setpriv', `--reuid=${UID_A}`, `--regid=${UID_A}`, '--groups=4'] },
  { name: 'a with no_new_privs', via: as(UID_A, '--no-new-privs') },
  { name: 'a with sys_admin', via: ambient(UID_A, 'sys_admin') },
  { name: 'a with sys_ptrace', via: ambient(UID_A, 'sys_ptrace') },
  { name: 'a with setuid, setgid', via: ambient(UID_A, 'setuid', 'setgid') },
  { name: 'b with sys_admin, sys_chroot', via: ambient(UID_B, 'sys_admin', 'sys_chroot') },
  { name: 'root within', via: ROOT_OF_ITS_OWN },
  { name: 'root within with its own mounts', via: ['unshare', '-Urm'], binds: true },
  { name: 'root within all', via: ['unshare', '-UrmuinpC', '--fork', '--mount-proc'] },
  { name: 'a as root within', via: [...as(UID_A), ...ROOT_OF_ITS_OWN] },
  { name: 'a without a number within', via: [...as(UID_A), 'unshare', '-U'] },
  { name: 'a within two', via: [...as(UID_A), ...ROOT_OF_ITS_OWN, 'unshare', '-U', '-c'] },
  { name: 'a as root within all', via: [...as(UID_A), 'unshare', '-UrmuinpC', '--fork'] },
  { name: 'root in a PID namespace', via: ['unshare', '-p', '--fork', '--mount-proc'] },
  { name: 'root in a PID namespace, with the /proc of others', via: ['unshare', '-p', '--fork'] },
  {
    name: 'a in a PID namespace',
    via: ['unshare', '-p', '--fork', '--mount-proc', ...as(UID_A)],
  },
  ...CHROOTS.flatMap(([what, script]) => [
    { name: `root in ${what}`, via: [...OWN_MOUNTS, ...shell(script)] },
    { name: `a in ${what}`, via: [...OWN_MOUNTS, ...shell(script), ...as(UID_A)] },
  ]),
  ...LIMITS.map(([what, script]) => ({
    name: `root within, ${what}`,
    via: [...ROOT_OF_ITS_OWN, ...shell(script)],
  })),
]
