import { afterEach, describe, expect, test } from 'vitest'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { ask, openShell, PROMPT, type Pty } from './support/pty.ts'
import { endUnshared, unshared } from './support/unshared.ts'

const canRun =
  requireRoot() &&
  requireAddon() &&
  ['python3', 'bash', 'unshare', 'stty'].map(requireCommand).every((present) => present)

interface Way {
  readonly how: string
  readonly words: string
  /** The command has a terminal of its own. */
  readonly pty?: true
}

/** `TARGET` stands for the pid of a container. */
const WAYS: readonly Way[] = [
  { how: 'enter with a pty', words: 'enter TARGET', pty: true },
  { how: 'enter a PID namespace without a pty', words: 'enter TARGET --no-pty' },
  { how: 'enter as a plain command', words: 'enter TARGET -U -u --no-pty' },
  { how: 'run with an init', words: 'run -pm --mount-proc' },
  { how: 'run as process 1', words: 'run -pm --mount-proc --no-init' },
  { how: 'run with an init and a pty', words: 'run -pm --mount-proc --pty', pty: true },
  { how: 'run as a plain command', words: 'run -u' },
]

const CAT = `sh -c 'echo rea""dy; exec cat'`

afterEach(endUnshared)

/** A shell, and what to type before a command. */
async function started({ words }: Way): Promise<{ shell: Pty; nsx: string }> {
  const needsTarget = words.includes('TARGET')
  const target = needsTarget ? (await unshared('-Urpmnuif', '--mount-proc')).pid : 0
  const shell = await openShell({ rows: 33, columns: 101 })
  return { shell, nsx: `$NSX ${words.replace('TARGET', String(target))} --` }
}

async function startCat(shell: Pty, nsx: string): Promise<void> {
  shell.type(`${nsx} ${CAT}\n`)
  await shell.see('ready')
}

describe.runIf(canRun).each(WAYS)('in a shell on a terminal, $how', (way) => {
  test('ends by Ctrl-C, as the command does', async () => {
    const { shell, nsx } = await started(way)
    // Process 1 does not see it otherwise.
    shell.type(`${nsx} sh -c 'trap "exit 130" INT; echo rea""dy; while :; do sleep 0.05; done'\n`)
    await shell.see('ready')
    shell.type('\x03')
    await shell.see(PROMPT)
    expect(await ask(shell, 'echo $?')).toBe('130')
  })

  // A process 1 that has no handler for it cannot be stopped by a key (pid_namespaces(7)).
  test.skipIf(way.words.includes('no-init'))('stops by Ctrl-Z and goes on with fg', async () => {
    const { shell, nsx } = await started(way)
    const before = await ask(shell, 'stty -g')
    await startCat(shell, nsx)
    shell.type('one\n')
    await shell.see('one\r\none')
    shell.type('\x1a')
    await shell.see(/Stopped .*\r\n/)
    await shell.see(PROMPT)
    expect(await ask(shell, 'stty -g')).toBe(before)
    expect(await ask(shell, 'jobs')).toMatch(/^\[1\]\+ +Stopped/)
    shell.type('fg\n')
    await shell.see(CAT)
    shell.type('two\n')
    await shell.see('two\r\ntwo')
    shell.type('\x1a')
    await shell.see(/Stopped .*\r\n/)
    await shell.see(PROMPT)
    shell.type('fg\n')
    await shell.see(CAT)
    shell.type('three\n')
    await shell.see('three\r\nthree\r\n')
    shell.type('\x04')
    await shell.see(PROMPT)
    expect(await ask(shell, 'echo $?; jobs')).toBe('0')
  })

  test.skipIf(way.words.includes('no-init'))('comes from the background with fg', async () => {
    const { shell, nsx } = await started(way)
    shell.type(`${nsx} ${CAT} &\n`)
    await shell.see('ready')
    // The prompt may have come before or after that.
    shell.type('echo prom""pted\n')
    await shell.see(/prompted\r\n.*shell> /s)
    // It stops as soon as it reads; one that has its own terminal can only wait.
    if (!way.pty) {
      for (let i = 0; i < 100 && !/Stopped/.test(await ask(shell, 'jobs; sleep 0.05')); i++);
    }
    shell.type('fg\n')
    await shell.see(CAT)
    shell.type('four\n')
    await shell.see('four\r\nfour\r\n')
    shell.type('\x04')
    await shell.see(PROMPT)
    expect(await ask(shell, 'echo $?')).toBe('0')
  })

  test.skipIf(way.words.includes('no-init'))('stops by a signal, and goes on', async () => {
    const { shell, nsx } = await started(way)
    shell.type(`${nsx} sh -c 'echo rea""dy; exec sleep 100' &\n`)
    await shell.see('ready')
    shell.type('echo prom""pted\n')
    await shell.see(/prompted\r\n.*shell> /s)
    const state = async (signal: string, wanted: RegExp) => {
      await ask(shell, `kill -${signal} $!`)
      for (let i = 0; i < 100 && !wanted.test(await ask(shell, 'jobs; sleep 0.05')); i++);
      return ask(shell, 'jobs')
    }
    expect(await state('TSTP', /Stopped/)).toMatch(/Stopped/)
    expect(await state('CONT', /Running/)).toMatch(/Running/)
    expect(await state('TERM', /Terminated/)).toBe('')
  })

  test('has the size of the window, and its changes', async () => {
    const { shell, nsx } = await started(way)
    const watching = 'trap "stty size" WINCH; stty size; while :; do sleep 0.05; done'
    shell.type(`${nsx} sh -c 'trap "exit 0" INT; ${watching}'\n`)
    await shell.see('33 101')
    shell.resize(40, 123)
    await shell.see('40 123')
    shell.type('\x03')
    await shell.see(PROMPT)
  })

  test('ends with the status of the command, and leaves the terminal as it was', async () => {
    const { shell, nsx } = await started(way)
    const before = await ask(shell, 'stty -g')
    expect(await ask(shell, `${nsx} sh -c 'exit 5'; echo $?`)).toBe('5')
    expect(await ask(shell, `${nsx} sh -c 'kill -KILL $$'; echo $?`)).toMatch(
      way.words.includes('no-init') ? /^0$/ : /137$/,
    )
    expect(await ask(shell, 'stty -g')).toBe(before)
    const changed = await ask(shell, `${nsx} stty -echoctl; stty -g`)
    expect(changed === before).toBe(way.pty === true)
  })
})
