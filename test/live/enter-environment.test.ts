import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { command, type RuntimeContainer } from './support/daemons.ts'
import { type Docker, startDocker } from './support/docker.ts'
import { requireAddon, requireCommand, requireFile, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { attempt } from './support/proc.ts'

const PASSWD = 'root:x:0:0::/home/boss:/bin/hush\nwww:x:1234:1234::/srv/www:/bin/cat\n'
const ENV = ['--', '/bin/busybox', 'env']
/** Of the caller: of it only the terminal and the language are true inside. */
const CALLER = { TERM: 'vt100', LC_ALL: 'C.UTF-8', SECRET: 'of-the-host', HOME: '/caller' }
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const ready =
  requireRoot() && requireAddon() && requireFile('/bin/busybox') && requireCommand('dockerd')

describe.runIf(ready)('in a container of docker', () => {
  let docker: Docker
  let web: RuntimeContainer
  let etc: string

  beforeAll(async () => {
    docker = await startDocker()
    const options = ['--network', 'none', '--env', 'OF=the-image', '--hostname', 'inner']
    web = await docker.run('web', { options })
    etc = `/proc/${web.pid}/root/etc`
    copyFileSync('/bin/busybox', `/proc/${web.pid}/root/bin/hush`)
  })
  afterAll(() => docker?.stop())

  async function environment(...words: readonly string[]): Promise<Record<string, string>> {
    const { stdout, stderr, code } = await runNsx(['enter', String(web.pid), ...words, ...ENV], {
      env: CALLER,
    })
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    const lines = stdout.trimEnd().split('\n')
    return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)))
  }

  /** Exchanges its passwd file for the time of a test. */
  function passwd(make: (path: string) => void): void {
    rmSync(`${etc}/passwd`, { force: true })
    make(`${etc}/passwd`)
    onTestFinished(() => rmSync(`${etc}/passwd`, { force: true }))
  }

  test('a command has the terminal and language of the caller, and who it is there', async () => {
    passwd((path) => writeFileSync(path, PASSWD))
    expect(await environment()).toEqual({
      ...{ TERM: 'vt100', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', PATH: DEFAULT_PATH },
      ...{ HOME: '/home/boss', SHELL: '/bin/hush', USER: 'root', LOGNAME: 'root' },
    })
    expect(await environment('--setuid', '1234')).toMatchObject({
      ...{ HOME: '/srv/www', SHELL: '/bin/cat', USER: 'www', LOGNAME: 'www' },
    })
  })

  test('a command of a user whom nobody knows has no name', async () => {
    passwd((path) => writeFileSync(path, PASSWD))
    const unknown = await environment('--setuid', '77')
    expect(unknown).toMatchObject({ HOME: '/', SHELL: '/bin/sh' })
    expect(Object.keys(unknown)).not.toContain('USER')
  })

  test('a command has the environment of the caller by --keep-env', async () => {
    expect(await environment('--keep-env')).toEqual({
      ...{ PATH: '/nonexistent', LANG: 'C.UTF-8', ...CALLER },
    })
  })

  test('a command has the environment of the target by --env', async () => {
    const text = readFileSync(`/proc/${web.pid}/environ`, 'utf8').split('\0').slice(0, -1)
    expect(text).toContain('OF=the-image')
    const lines = text.map((line) => line.split(/=(.*)/s).slice(0, 2))
    expect(await environment('--env')).toEqual(Object.fromEntries(lines))
  })

  test('a command with files of the host inherits all', async () => {
    const words = ['enter', 'web', '--net', '--uts', ...ENV]
    const { stdout } = await runNsx(words, { env: CALLER })
    expect(stdout).toContain('SECRET=of-the-host\n')
    expect(stdout).toContain('HOME=/caller\n')
  })

  test('without a command it is the shell of the user there, else /bin/sh', async () => {
    const input = 'hostname; echo $0; exit 4'
    passwd((path) => writeFileSync(path, PASSWD))
    const cat = await runNsx(['enter', 'web', '-S', '1234'], { input })
    expect(cat).toMatchObject({ code: 0, stdout: input, stderr: '' })
    rmSync(`${etc}/passwd`)
    const sh = await runNsx(['enter', 'web'], { input })
    expect(sh).toMatchObject({ code: 4, stdout: 'inner\n/bin/sh\n', stderr: '' })
  })

  describe('a passwd file that is made up', () => {
    const UNTOLD = { HOME: '/root', SHELL: '/bin/sh', PATH: DEFAULT_PATH }

    test('as a pipe that nobody writes to is passed over', async () => {
      const path = `${etc}/passwd`
      rmSync(path, { force: true })
      await command('mkfifo', [path])
      onTestFinished(() => rmSync(path))
      expect(await environment()).toMatchObject(UNTOLD)
    })

    test.each([
      ['device without an end', ['c', '1', '5']],
      ['terminal', ['c', '5', '0']],
    ])('as a %s is passed over', async (_, device) => {
      const path = `${etc}/passwd`
      rmSync(path, { force: true })
      await command('mknod', [path, ...device])
      onTestFinished(() => rmSync(path))
      expect(await environment()).toMatchObject(UNTOLD)
    })

    test('as a file of a terabyte is read in parts only', async () => {
      passwd((path) => {
        writeFileSync(path, PASSWD)
        const file = openSync(path, 'r+')
        try {
          ftruncateSync(file, 2 ** 40)
        } finally {
          closeSync(file)
        }
      })
      const { HOME } = await environment()
      expect(['/root', '/home/boss']).toContain(HOME)
    })

    test('as a link does not lead to a file of the host', async () => {
      const host = mkdtempSync(`${tmpdir()}/nsx-host-`)
      onTestFinished(() => rmSync(host, { recursive: true }))
      writeFileSync(`${host}/passwd`, 'root:x:0:0::/of-the-host:/bin/of-the-host\n')
      for (const to of [`${host}/passwd`, `../../../../../..${host}/passwd`]) {
        passwd((path) => symlinkSync(to, path))
        expect(await environment()).toMatchObject(UNTOLD)
      }
      // Whoever opens the path as it is, is led there.
      rmSync(`${etc}/passwd`)
      symlinkSync(`${host}/passwd`, `${etc}/passwd`)
      expect(attempt(() => readFileSync(`${etc}/passwd`, 'utf8'))).toMatch('of-the-host')
    })

    test('with what is no text in it gives no more than its line says', async () => {
      const line = 'root:x:0:0::/home/\u00e9\x1b[31m:/bin/sh\n'
      passwd((path) =>
        writeFileSync(path, `${':'.repeat(5000)}\n:::\nx\0y\n${line}root:x:0:0::/b:/b\n`),
      )
      expect(await environment()).toMatchObject({ HOME: '/home/\u00e9\x1b[31m', USER: 'root' })
    })

    test.each([
      ['a NUL byte', '/a\0b'],
      ['a path that is longer than any', `/${'a'.repeat(2 ** 20)}`],
    ])('with %s, which no program can be given, hinders no command', async (_, home) => {
      passwd((path) => writeFileSync(path, `root:x:0:0::${home}:/bin/sh\n`))
      expect(await environment()).toMatchObject(UNTOLD)
    })
  })
})
