import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Assault, assail } from './support/assail.ts'
import type { RuntimeContainer } from './support/daemons.ts'
import { type Docker, startDocker } from './support/docker.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { endUnshared, unshared } from './support/unshared.ts'

const UID = 12_345
const canRun =
  requireRoot() &&
  requireAddon() &&
  ['cc', 'unshare', 'setpriv', 'script'].map(requireCommand).every((present) => present)

/** In all but the time namespace, with a procfs of its own. */
const CONTAINER = ['-Urpmnuif', '--mount-proc']

/** The least that a command is seen: the attacker had many occasions. */
const OFTEN = 10

afterEach(endUnshared)

function withstood({ seen, successes }: Assault): void {
  expect(successes).toEqual([])
  expect(seen).toBeGreaterThan(OFTEN)
}

describe.runIf(canRun)('while its root attacks it at every system call, nsx', () => {
  test('enters a user namespace of our own uid, and shows nothing', async () => {
    const { pid } = await unshared(...CONTAINER)
    withstood(await assail(pid, []))
  })

  test('shows all where its protection is taken away: the attacks are real', async () => {
    const { pid } = await unshared(...CONTAINER)
    const options = { mode: 'dumpable', redirections: '3</' } as const
    const { successes } = await assail(pid, ['--preserve-fds', '1'], options)
    const links = ['exe', 'cwd', 'root', 'fd', 'descriptor', 'beyond']
    expect(successes).toEqual(expect.arrayContaining([...links, 'memory', 'maps']))
  })

  test('shows no directory of ours that it was told to pass on, until the command has it', async () => {
    const { pid } = await unshared(...CONTAINER)
    withstood(await assail(pid, ['--preserve-fds', '1'], { redirections: '3</' }))
  })

  test.each([
    ['with a pty', ['--pty']],
    ['as strong as the container and no stronger', ['--like']],
    ['in a directory of its own', ['--root', '--wd']],
  ])('enters it %s, and shows nothing', async (_, words) => {
    const { pid } = await unshared(...CONTAINER)
    withstood(await assail(pid, words, { terminal: words.includes('--pty') }))
  })

  test('of an ordinary user enters his own container, and shows nothing', async () => {
    const ids = [`--reuid=${UID}`, `--regid=${UID}`, '--clear-groups']
    const { pid } = await unshared('--mount', 'setpriv', ...ids, 'unshare', ...CONTAINER)
    withstood(await assail(pid, [], { uid: UID }))
    const { successes } = await assail(pid, [], { uid: UID, mode: 'dumpable' })
    expect(successes).toContain('memory')
  })

  test('of root enters the container of an ordinary user, and shows nothing', async () => {
    const ids = [`--reuid=${UID}`, `--regid=${UID}`, '--clear-groups']
    const { pid } = await unshared('--mount', 'setpriv', ...ids, 'unshare', ...CONTAINER)
    withstood(await assail(pid, []))
  })

  test('lets a container that may trace us see standard streams and pipes, and no more', async () => {
    // As with docker run --privileged: nothing that we could do would keep it from looking.
    const { pid } = await unshared('-pmnuif', '--mount-proc')
    const { seen, successes } = await assail(pid, [])
    expect(seen).toBeGreaterThan(OFTEN)
    expect(successes).toContain('descriptor')
    expect(successes).not.toContain('beyond')
  })
})

describe.runIf(canRun && requireCommand('dockerd'))(
  'while the root of docker attacks it, nsx',
  () => {
    let docker: Docker
    let container: RuntimeContainer
    beforeAll(async () => {
      docker = await startDocker()
      container = await docker.run('assailed')
    })
    afterAll(() => docker?.stop())

    test.each([[[]], [['--like']], [['--pty']]])(
      'enters with %j, and shows nothing',
      async (words) => {
        withstood(await assail(container.pid, words, { terminal: words.length > 0 }))
      },
    )
  },
)
