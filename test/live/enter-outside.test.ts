import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, closeSync, copyFileSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { spawnPlan } from '../../src/act/spawn-plan.ts'
import type { ExecStep, Operation } from '../../src/model/exec-plan.ts'
import { PROJECT, until, watch } from './support/children.ts'
import { familyOf, stateOf } from './support/family.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx, spawnNsx } from './support/nsx.ts'
import { attempt, commOf } from './support/proc.ts'
import { reusePid } from './support/reuse-pid.ts'
import { makeFolder } from './support/rootfs.ts'
import { endUnshared, unshared } from './support/unshared.ts'

const canRun =
  requireRoot() &&
  requireAddon() &&
  ['unshare', 'nsenter', 'mount', 'python3'].map(requireCommand).every((present) => present)

const CONTAINER = ['-Urpmnuif', '--mount-proc']
const O_PATH = 0o10000000

afterEach(endUnshared)

/** A folder of ours, and a process in whose mount namespace something lies over it. */
async function hiddenFolder(): Promise<{ path: string; pid: number }> {
  const folder = makeFolder('outside')
  onTestFinished(() => folder.remove())
  writeFileSync(`${folder.path}/mark`, 'ours')
  const script = `mount -t tmpfs none ${folder.path} && exec "$@"`
  const { pid } = await unshared('--mount', 'sh', '-c', script, 'sh')
  return { path: folder.path, pid }
}

/** What a process of the target's root can do to the program of ours that runs there. */
function overwrite(path: string | number): string {
  const script = `import os, sys
try: os.close(os.open(sys.argv[1], os.O_WRONLY | os.O_TRUNC))
except OSError as error: print(error.strerror)
else: print('overwritten')`
  return execFileSync('python3', ['-c', script, String(path)], { encoding: 'utf8' }).trim()
}

describe.runIf(canRun)('a directory of ours that is out of reach inside', () => {
  test('is refused as a working directory, where nsenter goes there', async () => {
    const { path, pid } = await hiddenFolder()
    const args = ['--target', String(pid), '--mount', `--wd=${path}`, 'cat', 'mark']
    expect(execFileSync('nsenter', args, { encoding: 'utf8' })).toBe('ours')
    const enter = ['enter', String(pid), '--mount', `--wd=${path}`, '--', '/bin/cat', 'mark']
    const { code, stdout, stderr } = await runNsx(enter)
    expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
    expect(stderr).toMatch(/^nsx: cannot .*\(EXDEV\)/)
  })

  test('is no way for a name of inside, which leads to what is there', async () => {
    const { path, pid } = await hiddenFolder()
    const enter = ['enter', String(pid), '--mount', '--wdns', path, '--', '/bin/cat', 'mark']
    const { code, stderr } = await runNsx(enter)
    expect(code).toBe(1)
    expect(stderr).toContain('No such file')
  })
})

describe.runIf(canRun)('our program, where it runs inside,', () => {
  async function started(): Promise<{ init: number; end: () => Promise<unknown> }> {
    const child = spawnNsx(['run', '-pm', '--mount-proc', '--', '/bin/sleep', '100'])
    const watched = watch(child)
    const family = () => familyOf(child.pid as number)
    const end = async () => {
      for (const pid of family()) attempt(() => process.kill(pid, 'SIGKILL'))
      return watched.end
    }
    onTestFinished(async () => void (await end()))
    const find = () => family().find((pid) => commOf(pid) === 'nsx-init') ?? null
    const init = await until('init', find)
    await until('sleep', () => family().find((pid) => commOf(pid) === 'sleep') ?? null)
    return { init, end }
  }

  test('cannot be overwritten, not even after its end', async () => {
    const { init, end } = await started()
    const fd = openSync(`/proc/${init}/exe`, O_PATH)
    expect(overwrite(`/proc/${init}/exe`)).toMatch(/^(Operation not permitted|Text file busy)$/)
    await end()
    await until('its end', () => [null, 'Z'].includes(stateOf(init)) || null)
    expect(overwrite(`/proc/${process.pid}/fd/${fd}`)).toBe('Operation not permitted')
    closeSync(fd)
  })

  test('could be if it were an ordinary file', async () => {
    const folder = makeFolder('outside')
    onTestFinished(() => folder.remove())
    copyFileSync('/bin/sleep', `${folder.path}/sleep`)
    chmodSync(`${folder.path}/sleep`, 0o755)
    const fd = openSync(`${folder.path}/sleep`, O_PATH)
    spawnSync(`${folder.path}/sleep`, ['0'])
    expect(overwrite(`/proc/${process.pid}/fd/${fd}`)).toBe('overwritten')
    closeSync(fd)
  })

  test.each([['enter'], ['run']])(
    'and that is made to %s itself as an interpreter, only says that it has no plan',
    async (command) => {
      const folder = makeFolder('outside')
      onTestFinished(() => folder.remove())
      const script = `${folder.path}/script`
      writeFileSync(script, '#!/proc/self/exe\n', { mode: 0o755 })
      const { pid } = await unshared(...CONTAINER)
      const words = command === 'enter' ? ['enter', String(pid)] : ['run', '-u']
      const { code, stdout, stderr } = await runNsx([...words, '--', script])
      expect({ code, stdout }).toEqual({ code: 125, stdout: '' })
      expect(stderr).toContain('cannot carry out the plan: it is not a sealed memfd')
    },
  )
})

describe.runIf(canRun)('a pid that another process has got meanwhile', () => {
  function stepsFor(pidfd: Operation): ExecStep[] {
    const exec: Operation = { name: 'exec', file: '/bin/true', args: ['true'], environment: [] }
    return [pidfd, exec].map((operation) => ({ operation, what: 'do this', advice: [] }))
  }

  test('is not taken for the one that was looked at', async () => {
    const old = await unshared('--uts')
    const startTicks = ticksOf(old.pid)
    const pidfd = { name: 'pidfd', slot: 0, pid: old.pid, startTicks, inode: null } as const
    const options = { packageRoot: PROJECT }
    expect((await spawnPlan({ steps: stepsFor(pidfd) }, options)).exitCode).toBe(0)
    await old.end()
    await reusePid(old.pid)
    const refused = await spawnPlan(
      { steps: stepsFor(pidfd) },
      { ...options, stdio: ['ignore', 'ignore', 'ignore'] },
    )
    expect(refused).toMatchObject({ exitCode: 125, error: { errno: 'ESRCH' } })
    const again = { ...pidfd, startTicks: ticksOf(old.pid) }
    expect((await spawnPlan({ steps: stepsFor(again) }, options)).exitCode).toBe(0)
  })
})

/** When it started (proc_pid_stat(5), field 22). */
function ticksOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] as string
}
