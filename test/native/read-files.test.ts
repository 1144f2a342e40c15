import { execFileSync, spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fileReader } from '../../src/host/read-files.ts'
import { parseAnswers, requestBytes } from '../../src/host/read-files-protocol.ts'
import type { FileBelow, FileContent } from '../../src/model/inside.ts'
import { addon, isRoot, openDescriptors, temporaryDirectory } from './support.ts'

const PACKAGE = join(import.meta.dirname, '../..')
const PROGRAM = join(PACKAGE, 'native/build/Release/nsx-read')
const UID = 12_345

function readerOf(packageRoot: string) {
  const readFiles = fileReader(addon, packageRoot)
  if (!readFiles) throw new Error('npm run build:native first')
  return readFiles
}

const readFiles = readerOf(PACKAGE)

/** A root that is not ours, with these files in it, and one beside it. */
function foreignRoot(files: Readonly<Record<string, string>>): string {
  const outside = temporaryDirectory()
  fs.mkdirSync(join(outside, 'root'))
  fs.writeFileSync(join(outside, 'secret'), 'secret')
  for (const [path, text] of Object.entries(files)) {
    const whole = join(outside, 'root', path)
    fs.mkdirSync(join(whole, '..'), { recursive: true })
    fs.writeFileSync(whole, text)
  }
  return join(outside, 'root')
}

function link(root: string, path: string, to: string): void {
  fs.mkdirSync(join(root, path, '..'), { recursive: true })
  fs.symlinkSync(to, join(root, path))
}

/** The text of each file, or why there is none. */
async function textsOf(
  root: string,
  paths: readonly string[],
  read: typeof readFiles = readFiles,
): Promise<string[]> {
  const answers = await read(paths.map((path) => ({ root, path, limit: 1000 })))
  return answers.map((answer) =>
    typeof answer === 'string' ? answer : Buffer.from(answer.bytes).toString(),
  )
}

async function readOne(file: FileBelow): Promise<FileContent> {
  const [answer] = await readFiles([file])
  if (typeof answer !== 'object') throw new Error(answer)
  return answer
}

/** A package whose nsx-read is this shell script. */
function packageWith(script: string, mode = 0o755): string {
  const root = temporaryDirectory()
  const folder = join(root, 'native/build/Release')
  fs.mkdirSync(folder, { recursive: true })
  fs.writeFileSync(join(folder, 'nsx-read'), `#!/bin/sh\n${script}\n`, { mode })
  return root
}

describe('a root that is not ours', () => {
  it('is where absolute links start', async () => {
    const root = foreignRoot({ 'run/x/resolv.conf': 'nameserver 192.0.2.1\n' })
    link(root, 'etc/resolv.conf', '/run/x/resolv.conf')
    link(root, 'etc/ours', '/etc/passwd')
    link(root, 'etc/secret', join(root, '../secret'))
    const paths = ['etc/resolv.conf', '/etc/resolv.conf', 'etc/ours', 'etc/secret']
    expect(await textsOf(root, paths)).toEqual([
      'nameserver 192.0.2.1\n',
      'nameserver 192.0.2.1\n',
      ...['ENOENT', 'ENOENT'],
    ])
  })

  it('is left neither by .. nor by a link', async () => {
    const root = foreignRoot({ 'a/b': '', secret: 'inside' })
    link(root, 'a/up', '../../secret')
    link(root, 'a/far', '../../../../../../../../../../etc/passwd')
    link(root, 'loop', 'loop')
    const paths = ['../secret', 'a/../../secret', 'a/up', 'a/far', 'loop']
    expect(await textsOf(root, paths)).toEqual(['inside', 'inside', 'inside', 'ENOENT', 'ELOOP'])
  })

  it('is left by no magic link', async () => {
    const root = foreignRoot({})
    for (const [name, to] of [
      ['self', '/proc/self/root/etc/passwd'],
      ['first', '/proc/1/root/etc/passwd'],
      ['descriptor', '/proc/self/fd/0'],
    ] as const) {
      link(root, name, to)
    }
    expect(await textsOf(root, ['self', 'first', 'descriptor'])).toEqual(Array(3).fill('ENOENT'))
    // With a procfs in it:
    const paths = [
      'proc/self/root/etc/passwd',
      `proc/${process.pid}/root/etc/passwd`,
      'proc/self/exe',
    ]
    expect(await textsOf('/', paths)).toEqual(Array(3).fill('ELOOP'))
  })

  it('may be the magic link of a process', async () => {
    const root = `/proc/${process.pid}/root`
    const text = fs.readFileSync('/etc/passwd', 'latin1').slice(0, 1000)
    expect(await textsOf(root, ['etc/passwd'])).toEqual([text])
  })

  it('must be a directory', async () => {
    const root = foreignRoot({ file: '' })
    expect(await textsOf(join(root, 'file'), ['file'])).toEqual(['ENOTDIR'])
    expect(await textsOf(join(root, 'none'), ['file'])).toEqual(['ENOENT'])
  })
})

describe('only a regular file', () => {
  it('is read', async () => {
    const root = foreignRoot({ file: 'text', 'directory/file': '' })
    execFileSync('mkfifo', [join(root, 'fifo')])
    const server = createServer().listen(join(root, 'socket'))
    onTestFinished(() => void server.close())
    const paths = ['fifo', 'socket', 'directory', 'none', 'file', 'file/below', '', '.']
    expect(await textsOf(root, paths)).toEqual([
      ...['EINVAL', 'EINVAL', 'EISDIR', 'ENOENT', 'text', 'ENOTDIR', 'ENOENT', 'EISDIR'],
    ])
    expect(await textsOf('/', ['dev/null', 'dev/tty', 'dev/ptmx'])).toEqual(Array(3).fill('EINVAL'))
  })

  it('is opened: whoever waits for a reader of a FIFO goes on waiting', async () => {
    const root = foreignRoot({})
    const fifo = join(root, 'fifo')
    execFileSync('mkfifo', [fifo])
    const writer = spawn('sh', ['-c', `echo woken > ${fifo}; echo woken`])
    let woken = ''
    writer.stdout.on('data', (chunk) => {
      woken += chunk
    })
    const paths = Array.from({ length: 2000 }, () => 'fifo')
    expect(new Set(await textsOf(root, paths))).toEqual(new Set(['EINVAL']))
    expect(woken).toBe('')
    writer.kill('SIGKILL')
  })

  it('that is none of the kernel, whose reading may take something away', async () => {
    const paths = [
      'proc/kmsg',
      'proc/self/status',
      'proc/sys/kernel/hostname',
      'sys/kernel/mm/ksm/run',
    ]
    expect(await textsOf('/', paths)).toEqual(Array(4).fill('EINVAL'))
  })
})

describe('an answer', () => {
  it('has as many bytes as were asked for, and says whether there are more', async () => {
    const root = foreignRoot({ file: 'hello', large: 'x'.repeat(300_000) })
    for (const [path, limit, size, cut] of [
      ['file', 4, 4, true],
      ['file', 5, 5, false],
      ['file', 6, 5, false],
      ['file', 0, 0, true],
      ['large', 65_536, 65_536, true],
      ['large', 299_999, 299_999, true],
      ['large', 300_000, 300_000, false],
      ['large', 1_000_000, 300_000, false],
    ] as const) {
      const answer = await readOne({ root, path, limit })
      expect([path, limit, answer.bytes.length, answer.cut]).toEqual([path, limit, size, cut])
    }
  })

  it('tells the owner and the mode', async () => {
    const root = foreignRoot({ file: '' })
    const file = join(root, 'file')
    if (isRoot) fs.chownSync(file, UID, UID + 1)
    fs.chmodSync(file, 0o4640)
    const { uid, gid } = fs.statSync(file)
    expect(await readOne({ root, path: 'file', limit: 1 })).toMatchObject({
      uid,
      gid,
      mode: 0o4640,
    })
  })

  it('comes for each of 1,000 files, in order', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `file-${i}`)
    const root = foreignRoot(
      Object.fromEntries(names.filter((_, i) => i % 3).map((name) => [name, name.repeat(40)])),
    )
    const texts = await textsOf(root, names)
    expect(texts).toEqual(names.map((name, i) => (i % 3 ? name.repeat(40) : 'ENOENT')))
  })

  it('comes also where a name cannot be one', async () => {
    const root = foreignRoot({ file: 'text', ab: 'other' })
    const paths = ['a\0b', 'ab\0', 'n'.repeat(5000), `${'n'.repeat(300)}`, 'file']
    const errors = ['EINVAL', 'EINVAL', 'ENAMETOOLONG', 'ENAMETOOLONG']
    expect(await textsOf(root, paths)).toEqual([...errors, 'text'])
  })

  it('is none where nothing was asked', async () => {
    expect(await readFiles([])).toEqual([])
  })

  it.skipIf(!isRoot)('is EACCES for an ordinary user', async () => {
    const root = foreignRoot({ public: 'text', private: 'secret', 'closed/file': 'secret' })
    fs.chmodSync(join(root, '..'), 0o755)
    fs.chmodSync(join(root, 'private'), 0o600)
    fs.chmodSync(join(root, 'closed'), 0o700)
    const program = join(root, '../nsx-read')
    fs.copyFileSync(PROGRAM, program)
    const files = ['public', 'private', 'closed/file'].map((path) => ({ root, path, limit: 10 }))
    const ofRoot = { root: '/proc/1/root', path: 'etc/passwd', limit: 10 }
    const output = execFileSync(program, {
      ...{ uid: UID, gid: UID, input: requestBytes([...files, ofRoot]) },
    })
    const { answers } = parseAnswers(output)
    expect(answers[0]).toMatchObject({ uid: 0, cut: false })
    expect(answers.slice(1)).toEqual([13, 13, 13])
  })
})

describe('the child', () => {
  it('has no environment, no descriptor and no signal of ours', async () => {
    const held = fs.openSync('/dev/null', 'r')
    onTestFinished(() => fs.closeSync(held))
    const child = spawn('sh', ['-c', `trap '' TERM; exec ${PROGRAM}`], {
      ...{ env: {}, stdio: ['pipe', 'pipe', 'ignore', held, held] },
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    child.stdin?.write(requestBytes([{ root: '/', path: 'none', limit: 1 }]))
    await new Promise((resolve) => child.stdout?.once('data', resolve))
    expect(fs.readdirSync(`/proc/${child.pid}/fd`)).toEqual(['0', '1', '2'])
    const status = fs.readFileSync(`/proc/${child.pid}/status`, 'utf8')
    expect(status).toMatch(/^SigIgn:\t0+$/m)
    expect(fs.readFileSync(`/proc/${child.pid}/limits`, 'utf8')).toMatch(
      /^Max core file size +0 +0 /m,
    )
  })

  it('ends with its parent', async () => {
    const script = `exec 3<&0; (exec ${PROGRAM} <&3) & echo $!; wait`
    const parent = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] })
    const line = await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve))
    const pid = Number(line.toString())
    const state = () => {
      try {
        return fs.readFileSync(`/proc/${pid}/stat`, 'latin1').split(' ').slice(1, 3).join(' ')
      } catch (error) {
        return (error as NodeJS.ErrnoException).code
      }
    }
    await expect.poll(state).toBe('(nsx-read) S')
    parent.kill('SIGKILL')
    // Reaped by somebody else, or not yet.
    await expect.poll(state).toMatch(/^ENOENT$|^\(nsx-read\) Z$/)
  })

  it('may be missing', () => {
    expect(fileReader(addon, temporaryDirectory())).toBeNull()
  })

  it.each([
    ['cannot be run', '', 0o644, 'EACCES'],
    ['ends without an answer', 'exit 0', 0o755, 'EIO'],
    ['is killed', 'kill -9 $$', 0o755, 'EIO'],
  ])('that %s is a reason', async (_, script, mode, errno) => {
    const read = readerOf(packageWith(script, mode))
    expect(await textsOf('/', ['etc/passwd', 'etc/group'], read)).toEqual([errno, errno])
  })

  it('is asked for the next file where it ended on one', async () => {
    const root = foreignRoot({ a: 'a', b: 'b', c: 'c' })
    const script = `mkdir ${root}/once 2>/dev/null && exit 1\nexec ${PROGRAM}`
    expect(await textsOf(root, ['a', 'b', 'c'], readerOf(packageWith(script)))).toEqual([
      ...['EIO', 'b', 'c'],
    ])
  })

  it('that is silent costs three seconds at the most, however many files there are', async () => {
    const read = readerOf(packageWith('exec sleep 60'))
    const begin = performance.now()
    const paths = Array.from({ length: 1000 }, () => 'etc/passwd')
    expect(new Set(await textsOf('/', paths, read))).toEqual(new Set(['ETIMEDOUT']))
    expect(performance.now() - begin).toBeLessThan(4500)
  })

  it('is not taken for silent where it is we who were busy', async () => {
    const root = foreignRoot({ file: 'text' })
    const read = readerOf(packageWith(`sleep 0.3; exec ${PROGRAM}`))
    const reading = textsOf(root, ['file'], read)
    setTimeout(() => {
      for (const end = performance.now() + 1500; performance.now() < end; );
    }, 100)
    expect(await reading).toEqual(['text'])
  })

  it('leaves no descriptor open', async () => {
    await textsOf('/', ['etc/passwd'])
    const before = openDescriptors()
    for (let i = 0; i < 100; i++) await textsOf('/', ['etc/passwd', 'none'])
    await expect.poll(openDescriptors).toBe(before)
  })
})
