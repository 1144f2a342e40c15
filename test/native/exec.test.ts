import { closeSync, existsSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { type ExecPackage, execPackage, launch, launchToTell } from './exec-package.ts'
import { addon, isRoot, openDescriptors } from './support.ts'

const EVERY_SEAL = 0xf

let standIn: ExecPackage
beforeAll(async () => {
  standIn = await execPackage()
})

describe('nsx-exec has', () => {
  it('the process that was started, its plan as the only argument, and no environment', async () => {
    const { pid, stdout } = await launch(standIn)
    const told = JSON.parse(stdout)
    expect(told).toMatchObject({ pid, name: 'nsx-exec', words: 2, environment: 0 })
    expect(told.plan).toBeGreaterThan(2)
  })

  it('a plan and a program that nobody can change', async () => {
    const told = await launchToTell(standIn)
    expect(told.planSeals & EVERY_SEAL).toBe(EVERY_SEAL)
    expect(told.exeSeals & EVERY_SEAL).toBe(EVERY_SEAL)
    expect(told.exe).toBe('/memfd:nsx-exec (deleted)')
    expect(told.overwriting).toContain('Operation not permitted')
  })

  it('standard input, output and error, the plan, and no other descriptor', async () => {
    // Node itself sees to the first ones only, up to the first hole.
    const wrapper = ['bash', '-c', 'exec 5</dev/null 250</dev/null; exec "$@"', 'bash']
    const told = await launchToTell(standIn, { wrapper })
    expect(told.descriptors.map(({ fd }) => fd)).toEqual([0, 1, 2, told.plan])
    expect(told.descriptors.filter(({ cloexec }) => cloexec)).toEqual([])
  })

  it('those that are asked for', async () => {
    const wrapper = ['bash', '-c', 'exec 3</dev/null 4</dev/null 9</dev/null; exec "$@"', 'bash']
    const told = await launchToTell(standIn, { wrapper, preserveFds: 2, statusFd: 9 })
    const inherited = told.descriptors.filter(({ cloexec }) => !cloexec).map(({ fd }) => fd)
    expect(inherited).toEqual([0, 1, 2, 3, 4, 9, told.plan].sort((a, b) => a - b))
  })

  it('no signal ignored or blocked, whatever Node or its parent did', async () => {
    const wrapper = [standIn.standIn, 'nonblock']
    const { SigIgn, SigBlk } = await launchToTell(standIn, { wrapper })
    expect({ SigIgn, SigBlk }).toEqual({ SigIgn: '0'.repeat(16), SigBlk: '0'.repeat(16) })
  })

  it('pipes that wait again, where streams of Node had them not wait', async () => {
    const told = await launchToTell(standIn, { touch: true })
    expect(told.descriptors.filter(({ nonblock }) => nonblock)).toEqual([])
  })

  it('one that does not wait as it was handed to us: it is its owner who wants that', async () => {
    const told = await launchToTell(standIn, { wrapper: [standIn.standIn, 'nonblock'] })
    expect(told.descriptors.filter(({ nonblock }) => nonblock).map(({ fd }) => fd)).toEqual([0])
  })
})

describe('a descriptor that nsx was started without', () => {
  it.each([
    ['whose number Node took', { preserveFds: 1 }, 3],
    ['that is not open', { statusFd: 900 }, 900],
  ])('%s is refused', async (_, options, fd) => {
    // With 3 free.
    const wrapper = ['bash', '-c', 'exec 3<&- 4<&-; exec "$@"', 'bash']
    const { status, stdout } = await launch(standIn, { wrapper, ...options })
    expect(status).toBe(125)
    expect(JSON.parse(stdout).message).toContain(`cannot pass on descriptor ${fd}`)
  })
})

describe('a program that cannot be run', () => {
  it('leaves Node as it was, so that it can tell', async () => {
    const broken = await execPackage()
    writeFileSync(broken.standIn, 'no program')
    const { status, stdout } = await launch(broken, { touch: true })
    expect(status).toBe(125)
    expect(JSON.parse(stdout)).toMatchObject({
      details: { errno: 'ENOEXEC', exitCode: 125 },
      same: true,
    })
  })

  it('is the error of the system call', () => {
    const plan = addon.sealedMemory('plan', Buffer.from('x'), false, 3)
    const error = { code: 'EACCES', errno: -13, syscall: 'execveat', path: 'nsx-exec' }
    expect(() => addon.exec(plan, plan, Int32Array.of())).toThrow(expect.objectContaining(error))
    closeSync(plan)
  })

  it('is not even tried with a descriptor that is not open', () => {
    const error = { code: 'EBADF', syscall: 'fcntl', path: 'descriptor 900' }
    expect(() => addon.exec(0, 0, Int32Array.of(900))).toThrow(expect.objectContaining(error))
  })
})

describe('a sealed file in memory', () => {
  it('has its number at least where it is asked for, and is read from the beginning', () => {
    const before = openDescriptors()
    const fd = addon.sealedMemory('x', Buffer.from('content'), false, 200)
    expect(fd).toBeGreaterThanOrEqual(200)
    expect(readFileSync(fd, 'utf8')).toBe('content')
    expect(() => writeSync(fd, 'x', 0)).toThrow('EPERM')
    closeSync(fd)
    expect(openDescriptors()).toBe(before)
  })
})

const noexec = '/proc/sys/vm/memfd_noexec'

/** A PID namespace that forbids to run files in memory. */
function whereMemoryIsForbidden(user = ''): readonly string[] {
  const script = `echo 2 > ${noexec}; exec ${user} "$@"`
  return ['unshare', '--pid', '--fork', '--mount-proc', 'sh', '-c', script, 'sh']
}

describe.runIf(isRoot && existsSync(noexec))(
  'where files in memory may not be run (Linux 6.3, root), nsx-exec',
  () => {
    const nobodyHere = [{ inside: 0, outside: 3_000_000_000, count: 10 }]
    const user = 'setpriv --reuid 12345 --regid 12345 --clear-groups'

    it('runs from a mount that cannot be written through', async () => {
      const told = await launchToTell(standIn, { wrapper: whereMemoryIsForbidden() })
      expect(told).toMatchObject({
        exeSeals: -1,
        overwriting: expect.stringContaining('Read-only file system'),
      })
      expect(told.planSeals & EVERY_SEAL).toBe(EVERY_SEAL)
    })

    it('runs from its file, of one who may not mount, where nobody inside could write it', async () => {
      const wrapper = whereMemoryIsForbidden(user)
      const told = await launchToTell(standIn, { wrapper, uidMap: nobodyHere })
      expect(told).toMatchObject({ exe: standIn.standIn, exeSeals: -1 })
    })

    it('is refused where root inside could write its file', async () => {
      const wrapper = whereMemoryIsForbidden(user)
      const { status, stdout } = await launch(standIn, { wrapper })
      expect(status).toBe(125)
      const { message, details } = JSON.parse(stdout)
      expect(message).toContain('a read-only mount: operation not permitted (EPERM)')
      expect(details.code).toBe('unsafe-helper')
    })
  },
)
