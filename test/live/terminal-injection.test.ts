import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { ask, openShell, PROMPT } from './support/pty.ts'
import { endUnshared, unshared } from './support/unshared.ts'

const canRun =
  requireRoot() &&
  requireAddon() &&
  ['python3', 'bash', 'unshare', 'setpriv'].map(requireCommand).every((present) => present)

/** Types a command at whoever reads the terminal (TIOCSTI, 0x5412), as a keyboard would. */
const INJECT = `python3 -c 'import fcntl
for c in b"echo inj\\"\\"ected\\n": fcntl.ioctl(0, 0x5412, bytes([c]))'`

/** Linux 6.2: without it only CAP_SYS_ADMIN of the first user namespace may. */
const MAY_INJECT = (() => {
  try {
    return readFileSync('/proc/sys/dev/tty/legacy_tiocsti', 'utf8').trim() === '1'
  } catch {
    return true
  }
})()

afterEach(endUnshared)

describe.runIf(canRun)('what a command inside types at its terminal', () => {
  const container = () => unshared('-Urpmnuif', '--mount-proc')

  test.each([
    ['enter', (pid: number) => `enter ${pid}`],
    ['run --pty', () => 'run -Urpm --mount-proc --pty'],
  ])('with %s does not reach the shell outside', async (_, words) => {
    const { pid } = await container()
    const shell = await openShell()
    shell.type(`$NSX ${words(pid)} -- ${INJECT}; echo st""atus $?\n`)
    const written = await shell.see(/status 0\r\n/)
    // It did type: this is the echo of the terminal inside.
    expect(written).toMatch(/^(> )?echo inj""ected\r\n/m)
    await shell.see(PROMPT)
    expect(await ask(shell, 'echo then')).toBe('then')
    expect(shell.rest()).toBe('')
  })

  test.runIf(MAY_INJECT)('with --no-pty does: it is the pty that keeps it in', async () => {
    const { pid } = await container()
    const shell = await openShell()
    shell.type(`$NSX enter ${pid} --no-pty -- ${INJECT}; echo st""atus $?\n`)
    await shell.see(/status 0\r\n/)
    await shell.see(/> injected\r\n/)
  })

  test('stays with the session inside, whose terminal is another one', async () => {
    const { pid } = await container()
    const shell = await openShell()
    const outer = await ask(shell, 'tty')
    const look = 'readlink /proc/self/fd/0; ps -o sid= -p $$; echo $$'
    const [inner, session, own] = (await ask(shell, `$NSX enter ${pid} -- sh -c '${look}'`)).split(
      '\n',
    )
    expect(inner).toMatch(/\/pts\/|\/dev\//)
    expect(inner).not.toBe(outer)
    expect(session?.trim()).toBe(own)
  })

  test('is only where there is a terminal: pipes and files pass untouched', async () => {
    const { pid } = await container()
    const shell = await openShell()
    const links = [0, 1, 2].map((fd) => `/proc/self/fd/${fd}`).join(' ')
    const line = `: | $NSX enter ${pid} -- readlink ${links} 2>/dev/null | cat`
    expect((await ask(shell, line)).replace(/\d+/g, 'N').split('\n')).toEqual([
      ...['pipe:[N]', 'pipe:[N]', '/dev/null'],
    ])
  })
})
