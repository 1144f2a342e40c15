import { UID_A, UID_B } from './callers.ts'
import { startPython } from './python.ts'
import { unshared } from './unshared.ts'
import { hold, holdAs } from './zoo.ts'

/** What is entered, by what it is; pids, and files that are namespaces. */
export interface Targets {
  readonly pids: readonly string[]
  readonly files: readonly (readonly [type: string, path: string])[]
}

function as(uid: number): string[] {
  return ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups']
}

const CONTAINER = ['unshare', '-UrmuinpC', '--fork', '--mount-proc']

/** Started for a test, until its end. */
export async function startTargets(): Promise<Targets> {
  const started = [
    await unshared(),
    await unshared('-m', '-u', '-i', '-n', '-p', '-C', '-T', '--fork'),
    await unshared('-n', '-u', ...as(UID_A)),
    await unshared(...as(UID_A)),
    await unshared(...as(UID_A), ...CONTAINER),
    await unshared(...as(UID_B), ...CONTAINER),
    await unshared(...as(UID_A), 'unshare', '-U', '-n'),
    await unshared(...CONTAINER, 'unshare', '-Ur', '-u', '-i'),
    await unshared(...as(UID_A), ...CONTAINER, ...CONTAINER),
    await unshared(
      'setpriv',
      `--reuid=${UID_A}`,
      `--regid=${UID_A}`,
      '--clear-groups',
      '--inh-caps=+net_raw',
      '--ambient-caps=+net_raw',
    ),
    await unshared(
      'setpriv',
      '--bounding-set=-sys_admin',
      '--no-new-privs',
      '--inh-caps=-sys_admin',
    ),
    await unshared('-m', 'chroot', '/', 'prlimit', '--nofile=64', '--nproc=5000'),
  ]
  const held = [
    await hold('zombie'),
    await hold('zombie', 'user'),
    await hold('headless', 'net'),
    await hold('stray', 'uts'),
    await holdAs(UID_A, 'nondumpable'),
  ]
  const dead = await startPython(DEAD)
  const mapped = await startPython(MAPPED)
  const pids = [...[...started, ...held].map(({ pid }) => pid), mapped]
  const files = pids.flatMap((pid) =>
    TYPES.map((type) => [type, `/proc/${pid}/ns/${type === 'mount' ? 'mnt' : type}`] as const),
  )
  return {
    pids: [...pids.map(String), '2', '1', 'self', '@child', '@inner'],
    files: [...files, ['pid', `/proc/${dead}/ns/pid_for_children`]],
  }
}

export const TYPES = ['mount', 'uts', 'ipc', 'net', 'pid', 'user', 'cgroup', 'time'] as const

/** Whose children would be in a PID namespace of which the first process has ended. */
const DEAD = `
call('unshare', 0x20000000)
child = os.fork()
if child == 0: os._exit(0)
os.waitpid(child, 0)
`

/** In a user namespace with ids that are nobody's; uid 5, gid 6 and some groups there. */
const MAPPED = `
helped, help = os.pipe()
child = os.fork()
if child == 0:
    os.read(helped, 1)
    for kind in 'uid', 'gid':
        with open(f'/proc/{os.getppid()}/{kind}_map', 'w') as file: file.write('0 100000 1000')
    os._exit(0)
call('unshare', 0x10000000)
os.write(help, b'.')
os.waitpid(child, 0)
os.setgroups([7, 8])
os.setresgid(6, 6, 6)
os.setresuid(5, 5, 5)
`
