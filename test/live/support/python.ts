import { spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { endByStdin, until, watch } from './children.ts'

/**
 * Starts a process that makes system calls for which there is no command; when it is ready it waits for
 * the end of the test. `libc` calls them (ctypes), `wait()` waits in a child.
 *
 * @param script of Python.
 * @returns its pid.
 */
export async function startPython(script: string, ...args: readonly string[]): Promise<number> {
  const child = spawn('python3', ['-c', `${PRELUDE}${script}\n${END}`, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const watched = watch(child)
  onTestFinished(async () => {
    await endByStdin(child, watched)
  })
  await until('the script', () => {
    if (watched.over()) throw new Error(watched.stderr().trim() || 'python3 ended early')
    return watched.stdout().includes('ready') || null
  })
  return child.pid as number
}

/** From here to the end nothing but read(2) and write(2) is called: seccomp permits no more. */
const PRELUDE = `
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
buffer = ctypes.create_string_buffer(1)
def call(name, *args):
    result = getattr(libc, name)(*args)
    if result < 0: raise OSError(ctypes.get_errno(), name)
    return result
def wait():
    while libc.read(0, buffer, 1) > 0: pass
def enter(path, flag=0):
    call('setns', os.open(path, os.O_RDONLY), flag)
`

const END = `
os.write(1, b'ready')
wait()
`
