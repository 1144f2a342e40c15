import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

const HELPER = join(import.meta.dirname, '../../native/build/Release/nsx-exec')

export interface End {
  /** Negative: by a signal; null: it had to be killed. */
  readonly status: number | null
  readonly stderr: string
}

/** How a plan comes to the helper: python3's name for the way, and the bytes. */
export interface Handed {
  readonly as: 'sealed' | 'unsealed' | 'writable' | 'growing' | 'file' | 'pipe' | 'nothing'
  readonly bytes: string
}

/**
 * Runs the helper with each plan, as nobody and in a PID namespace that ends with it: a plan may come
 * out as another one that is good.
 */
export function runAll(plans: readonly Handed[]): End[] {
  const command = ['setpriv', '--no-new-privs', 'python3', '-c', RUN_ALL, HELPER]
  const input = JSON.stringify(plans)
  const options = {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    cwd: '/',
    timeout: 50_000,
  } as const
  return JSON.parse(
    execFileSync('unshare', ['--pid', '--fork', '--kill-child', ...command], options),
  )
}

const RUN_ALL = `
import base64, fcntl, json, os, signal, sys, tempfile
program = os.open(sys.argv[1], os.O_RDONLY)
def hand(plan):
    how, data = plan['as'], base64.b64decode(plan['bytes'])
    if how == 'nothing': return None
    if how == 'file': fd = os.open(tempfile.gettempdir(), os.O_TMPFILE | os.O_RDWR)
    elif how == 'pipe':
        fd, end = os.pipe()
        os.write(end, data)
        os.close(end)
        return fd
    else: fd = os.memfd_create('plan', os.MFD_ALLOW_SEALING)
    os.write(fd, data)
    seals = {'sealed': 15, 'writable': 7, 'growing': 11}.get(how, 0)
    if seals: fcntl.fcntl(fd, fcntl.F_ADD_SEALS, seals)
    return fd
def run(plan):
    fd = hand(plan)
    heard, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        null = os.open('/dev/null', os.O_RDWR)
        for to, of in ((0, null), (1, null), (2, told)): os.dup2(of, to)
        if fd is not None: os.set_inheritable(fd, True)
        signal.alarm(10)
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
        os.execve(program, ['nsx-exec', str(900 if fd is None else fd)], {})
    os.close(told)
    if fd is not None: os.close(fd)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    stderr = b''
    os.set_blocking(heard, False)
    try: stderr = os.read(heard, 65536)
    except BlockingIOError: pass
    os.close(heard)
    return {'status': None if status == -signal.SIGALRM else status, 'stderr': stderr.decode('utf8', 'replace')}
print(json.dumps([run(plan) for plan in json.load(sys.stdin)]))
`
