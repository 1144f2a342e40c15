import { spawn } from 'node:child_process'
import { endByStdin, until, watch } from './children.ts'

/** A process two levels below us, and what the kernel tells each level of it (SCM_CREDENTIALS, unix(7)). */
export interface Levels {
  /** The worker, as we see it. */
  readonly pid: number
  /** A process of the level between. */
  readonly middle: number
  /** From ours down: its pid, its real uid and gid. */
  readonly seen: readonly { readonly pid: number; readonly uid: number; readonly gid: number }[]
  stop(): Promise<void>
}

/** Maps of the two levels, as lines of uid_map and gid_map. */
const MAPS = ['0 100000 1000\n', '0 10 10\n100 500 1\n'] as const
/** As its own user namespace numbers them. */
export const REAL = 3
export const EFFECTIVE = 100
export const SAVED = 5

const NEW = 0x1000_0000 | 0x2000_0000

const SCRIPT = `
import ctypes, json, os, socket, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
def end_with_parent(): libc.prctl(1, 9, 0, 0, 0)
# Else its maps are for root alone to write.
def be_dumpable(): libc.prctl(4, 1, 0, 0, 0)
def check(result, what):
    if result < 0: raise OSError(ctypes.get_errno(), what)
def receiver():
    receive, send = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    receive.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return receive, send
def told(receive):
    _, ancillary, _, _ = receive.recvmsg(1, socket.CMSG_SPACE(12))
    pid, uid, gid = struct.unpack('3i', ancillary[0][2])
    return {'pid': pid, 'uid': uid, 'gid': gid}
def below(maps, inner):
    """Runs inner in a child in new user and PID namespaces; its line comes back by a pipe."""
    ready, go, line = os.pipe(), os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        end_with_parent()
        check(libc.unshare(${NEW}), 'unshare')
        be_dumpable()
        os.write(ready[1], os.readlink('/proc/self').encode())
        os.read(go[0], 1)
        if os.fork() == 0:
            end_with_parent()
            check(libc.setgroups(0, None), 'setgroups')
            check(libc.setresgid(0, 0, 0), 'setresgid')
            check(libc.setresuid(0, 0, 0), 'setresuid')
            end_with_parent()
            be_dumpable()
            os.write(line[1], json.dumps(inner()).encode())
        while True: libc.pause()
    pid = os.read(ready[0], 16).decode()
    for name in 'uid_map', 'gid_map':
        with open('/proc/%s/%s' % (pid, name), 'w') as file: file.write(maps)
    os.write(go[1], b'x')
    children.append(child)
    return json.loads(os.read(line[0], 4096))
children = []
top = receiver()
# Whoever is left of our children's children becomes ours.
libc.prctl(36, 1, 0, 0, 0)
def middle():
    # Other numbers than those below.
    for _ in range(int(sys.argv[1])):
        if os.fork() == 0: os._exit(0)
        os.wait()
    own = receiver()
    def bottom():
        for _ in range(int(sys.argv[2])):
            if os.fork() == 0: os._exit(0)
            os.wait()
        last = receiver()
        if os.fork() == 0:
            end_with_parent()
            check(libc.setresgid(${REAL}, ${EFFECTIVE}, ${SAVED}), 'setresgid')
            check(libc.setresuid(${REAL}, ${EFFECTIVE}, ${SAVED}), 'setresuid')
            end_with_parent()
            for _, send in top, own, last: send.send(b'x')
            while True: libc.pause()
        return [told(last[0])]
    found = below(sys.argv[4], bottom)
    return {'middle': os.readlink('/proc/self'), 'seen': [told(own[0]), *found]}
found = below(sys.argv[3], middle)
first = told(top[0])
print(json.dumps({'pid': first['pid'], 'middle': int(found['middle']), 'seen': [first, *found['seen']]}), flush=True)
sys.stdin.read()
for child in children: os.kill(child, 9)
try:
    while True: os.wait()
except ChildProcessError: pass
`

/** @param before how many pids are used up in each of the two, before the processes that count */
export async function startLevels(before: readonly [number, number]): Promise<Levels> {
  const child = spawn('python3', ['-c', SCRIPT, ...before.map(String), ...MAPS], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const watched = watch(child)
  const stop = async (): Promise<void> => {
    await endByStdin(child, watched)
  }
  try {
    const line = await until('the levels', () => {
      if (watched.over()) throw new Error(watched.stderr().trim() || 'python3 ended early')
      return watched.stdout().includes('\n') ? watched.stdout() : null
    })
    return { ...JSON.parse(line), stop }
  } catch (error) {
    await stop()
    throw new Error(`${(error as Error).message} ${watched.stderr()}`)
  }
}
