import { spawn } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { PROJECT, until, watch } from './children.ts'
import { commandPath } from './needs.ts'

export interface Pty {
  /** Of what was started, the leader of a session on the pty. */
  readonly pid: number
  type(text: string): void
  resize(rows: number, columns: number): void
  /** As when the window of a terminal is closed. */
  hangUp(): void
  /** Waits until this has been written since the last time; resolves to all that came before it. */
  see(text: string | RegExp): Promise<string>
  /** All that was written since the last `see`. */
  rest(): string
  /** Resolves once it has ended, by itself, to its wait status (waitpid(2)). */
  readonly end: Promise<number>
}

export interface PtyOptions {
  readonly rows?: number
  readonly columns?: number
  readonly env?: Readonly<Record<string, string>>
}

/** The command line of nsx. */
export const NSX = [process.execPath, `${PROJECT}bin/run.js`]

/** The pty is hung up, and what was started is killed, at the end of the test. */
export async function openPty(
  command: readonly string[],
  { rows = 24, columns = 80, env = {} }: PtyOptions = {},
): Promise<Pty> {
  const set = { PATH: process.env.PATH, LANG: 'C.UTF-8', TERM: 'dumb', ...env }
  const words = ['-c', DRIVER, String(rows), String(columns), ...command]
  const child = spawn(commandPath('python3'), words, { stdio: ['pipe', 'pipe', 'pipe'], env: set })
  const watched = watch(child)
  const say = (line: object) => child.stdin.write(`${JSON.stringify(line)}\n`)
  onTestFinished(async () => {
    child.stdin.end()
    await watched.end
  })
  const told = (name: string) =>
    until(`the ${name} on a pty`, () => {
      const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(watched.stderr())
      if (found === null && watched.over()) throw new Error(watched.stderr())
      return found === null ? null : Number(found[1])
    })
  let seen = 0
  return {
    pid: await told('pid'),
    get end() {
      return told('status')
    },
    type: (text) => void say({ text }),
    resize: (lines, width) => void say({ size: [lines, width] }),
    hangUp: () => void say({ hang: true }),
    rest: () => watched.stdout().slice(seen),
    async see(text) {
      const find = () => {
        const rest = watched.stdout().slice(seen)
        const match = typeof text === 'string' ? null : text.exec(rest)
        const at = typeof text === 'string' ? rest.indexOf(text) : (match?.index ?? -1)
        const size = typeof text === 'string' ? text.length : (match?.[0].length ?? 0)
        return at < 0 ? null : { before: rest.slice(0, at + size), size: at + size }
      }
      const { before, size } = await until(`${text} on a pty`, find).catch((error: Error) => {
        throw new Error(
          `${error.message}; there is ${JSON.stringify(watched.stdout().slice(seen))}`,
        )
      })
      seen += size
      return before
    },
  }
}

/** What the shell writes when it waits for a command; nothing that is typed has it. */
export const PROMPT = 'shell> '

/** A shell with job control on a pty, at its first prompt; `$NSX` is nsx. */
export async function openShell(options: PtyOptions = {}): Promise<Pty> {
  const command = [commandPath('bash'), '--norc', '--noprofile', '--noediting', '-i']
  const env = { NSX: NSX.join(' '), ...options.env }
  const pty = await openPty(command, { ...options, env })
  await pty.see(/[#$] $/)
  pty.type("PS1='she''ll> '\n")
  await pty.see(PROMPT)
  return pty
}

/** Types a line, and waits for the prompt; what was written between. */
export async function ask(shell: Pty, line: string): Promise<string> {
  shell.type(`${line}\n`)
  const [echoed = '', ...lines] = (await shell.see(PROMPT)).split('\r\n')
  return lines.length === 0 ? echoed : lines.slice(0, -1).join('\n')
}

/** Lines on its standard input are what to do; at their end it hangs up. */
const DRIVER = `
import fcntl, json, os, pty, select, signal, struct, sys, termios
def resize(rows, columns):
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
rows, columns, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
go, gone = os.pipe()
pid, master = pty.fork()
if pid == 0:
    os.close(gone)
    os.read(go, 1)
    os.close(go)
    os.execv(command[0], command)
resize(rows, columns)
os.close(gone)
print('pid', pid, file=sys.stderr, flush=True)
lines, watched = b'', [0, master]
pidfd = os.pidfd_open(pid)
watched.append(pidfd)
while 0 in watched:
    for fd in select.select(watched, [], [])[0]:
        if fd == master:
            try: data = os.read(master, 65536)
            except OSError: data = b''
            if data: os.write(1, data)
            else: watched.remove(master)
        elif fd == pidfd:
            print('status', os.waitpid(pid, 0)[1], file=sys.stderr, flush=True)
            watched.remove(pidfd)
        else:
            data = os.read(0, 65536)
            if not data: watched.remove(0)
            *whole, lines = (lines + data).split(b'\\n')
            for line in map(json.loads, whole):
                if 'size' in line: resize(*line['size'])
                elif 'hang' in line:
                    os.close(master)
                    watched.remove(master)
                    master = -1
                else: os.write(master, line['text'].encode())
if master >= 0: os.close(master)
if pidfd in watched:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
`
