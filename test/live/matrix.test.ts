import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import type { Matrix, MatrixRow } from '../../src/query/matrix/matrix.ts'
import { faultsOf } from '../support/schemas.ts'
import { withDocker } from './support/docker.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { publicPackage } from './support/package.ts'
import { withPodman } from './support/podman.ts'
import { attempt, inumOf } from './support/proc.ts'
import { runOnTerminal } from './support/terminal.ts'
import { endUnshared, unshared } from './support/unshared.ts'

const able = requireRoot() && requireAddon()
const withTerminal = ['script', 'stty', 'env'].map(requireCommand).every(Boolean)

async function matrixOf(...words: readonly string[]): Promise<Matrix> {
  const { stdout, stderr, code } = await runNsx(['matrix', '--json', ...words])
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  const document = JSON.parse(stdout)
  expect(faultsOf('matrix', document)).toEqual([])
  return document
}

function rowOf({ rows }: Matrix, label: string): MatrixRow {
  const found = rows.filter((row) => row.label === label)
  expect(found, label).toHaveLength(1)
  return found[0] as MatrixRow
}

/** The oracle: with how many processes outside of its cgroup a process shares a namespace, by /proc alone. */
function sharersOf(pid: number, type: NsType): number[] {
  const inum = inumOf(pid, type)
  const own = cgroupOf(pid)
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((each) => attempt(() => inumOf(each, type)) === inum && cgroupOf(each) !== own)
}

function cgroupOf(pid: number): string | null {
  return attempt(() => readFileSync(`/proc/${pid}/cgroup`, 'utf8'))
}

/** What a cell has to say of a process, told from /proc. */
function expectCell(row: MatrixRow, type: NsType): void {
  const { pid } = row.subject
  const cell = row.cells[type]
  expect(cell?.ns?.inum, `${row.label} ${type}`).toBe(inumOf(pid, type))
  const initial = readlinkSync(`/proc/2/ns/${type}`) === readlinkSync(`/proc/${pid}/ns/${type}`)
  const sharing = initial ? 'initial' : sharersOf(pid, type).length > 0 ? 'shared' : 'private'
  expect(cell?.sharing, `${row.label} ${type}`).toBe(sharing)
}

const withOf = (row: MatrixRow, type: NsType) => row.cells[type]?.with.map(({ label }) => label)
const riskTypes = ({ risks }: MatrixRow) => risks.map(({ type }) => type)

describe.runIf(able && ['dockerd', 'docker'].every(requireCommand))('matrix, of docker', () => {
  it('tells who shares what with whom', { timeout: 120_000 }, () =>
    withDocker(async (docker) => {
      await docker.run('web', { options: ['--network', 'none', '--ipc', 'shareable'] })
      await docker.run('side', { options: ['--network', 'container:web'] })
      await docker.run('deep', { options: ['--network', 'none', '--ipc', 'container:web'] })
      await docker.run('spy', { options: ['--network', 'none', '--pid', 'host'] })
      await docker.run('open', { options: ['--network', 'none', '--ipc', 'host', '--uts', 'host'] })
      await docker.docker('exec', '--detach', 'web', '/bin/busybox', 'sleep', '300')
      const matrix = await matrixOf()
      const names = ['web', 'side', 'deep', 'spy', 'open']
      const rows = Object.fromEntries(
        names.map((name) => [name, rowOf(matrix, `docker:${name}`)]),
      ) as Record<string, MatrixRow>
      for (const row of Object.values(rows)) {
        expect(row).toMatchObject({ kind: 'container', pod: null, pause: false, targeted: false })
        for (const type of NS_TYPE_NAMES) expectCell(row, type)
      }
      const { web, side, deep, spy, open } = rows as Record<string, MatrixRow>
      if (!web || !side || !deep || !spy || !open) throw new Error('a row is missing')
      expect(web.processCount).toBe(2)
      expect(withOf(web, 'net')).toEqual(['docker:side'])
      expect(withOf(side, 'net')).toEqual(['docker:web'])
      expect(side.cells.net?.letter).toBe(web.cells.net?.letter)
      expect(withOf(web, 'ipc')).toEqual(['docker:deep'])
      expect(deep.cells.ipc?.letter).toBe(web.cells.ipc?.letter)
      expect(withOf(web, 'mnt')).toEqual([])
      expect(riskTypes(web)).toEqual(['user'])
      expect(riskTypes(spy)).toEqual(['pid', 'user'])
      expect(riskTypes(open)).toEqual(['ipc', 'user'])

      const some = await matrixOf('docker:web')
      const labels = some.rows.map(({ label, targeted }) => [label, targeted])
      expect(labels.sort()).toEqual([
        ['docker:deep', false],
        ['docker:side', false],
        ['docker:web', true],
      ])
      const net = `net:[${web.cells.net?.ns?.inum}]`
      const both = await matrixOf('-t', 'net', net)
      expect(both.rows.map(({ label, targeted }) => [label, targeted]).sort()).toEqual([
        ['docker:side', true],
        ['docker:web', true],
      ])
      expect(Object.keys(both.rows[0]?.cells ?? {})).toEqual(['net'])

      const { stdout } = await runNsx(['matrix'])
      const line = (name: string) =>
        stdout.split('\n').find((each) => each.startsWith(`docker:${name} `)) ?? ''
      expect(line('spy').split(/ +/)).toEqual(
        ...[[...['docker:spy', '-', String(spy.subject.pid), '1'], ...signs(spy)]],
      )
      if (!withTerminal) return
      for (const columns of [80, 120]) {
        const { lines, code } = await runOnTerminal(['matrix'], { columns })
        expect(code).toBe(0)
        const plain = lines.map((each) => each.replace(/\u001b\[[0-9;]*m/g, ''))
        for (const each of plain) expect(each.length, each).toBeLessThanOrEqual(columns)
        expect(plain.find((each) => each.includes('docker:spy'))).toContain('·!')
        expect(plain.join('\n')).toContain('pid: it sees all processes of the host')
      }
    }),
  )
})

function signs({ cells, risks }: MatrixRow): string[] {
  return NS_TYPE_NAMES.map((type) => {
    const { sharing, letter } = cells[type] ?? {}
    const loud = risks.some((risk) => risk.type === type && !risk.usual)
    const sign = sharing === 'private' ? 'own' : (letter ?? '·')
    return loud ? `${sign}!` : sign
  })
}

describe.runIf(able && ['podman', 'runc'].every(requireCommand))('matrix, of podman', () => {
  it('puts the containers of a pod together', { timeout: 120_000 }, () =>
    withPodman({}, async ({ podman, run }) => {
      const create = ['--infra-image', 'nsx-test', '--infra-command', '/bin/busybox sleep 3600']
      await podman('pod', 'create', '--name', 'shop', '--network', 'none', ...create)
      const a = await run('front', { options: ['--pod', 'shop'] })
      const b = await run('back', { options: ['--pod', 'shop'] })
      const alone = await run('alone')
      const matrix = await matrixOf()
      const pod = matrix.rows.filter((row) => row.pod === 'shop')
      expect(pod.map(({ pause }) => pause)).toEqual([true, false, false])
      expect(
        pod
          .slice(1)
          .map(({ subject }) => subject.pid)
          .sort(),
      ).toEqual([a.pid, b.pid].sort())
      for (const row of pod) for (const type of NS_TYPE_NAMES) expectCell(row, type)
      for (const type of ['net', 'ipc', 'uts'] as const) {
        const letters = pod.map(({ cells }) => cells[type]?.letter)
        expect(new Set(letters).size, type).toBe(1)
        expect(letters[0], type).toMatch(/^[A-Z]$/)
      }
      const other = matrix.rows.find(({ subject }) => subject.pid === alone.pid)
      expect(other).toMatchObject({ pod: null, pause: false, label: 'podman:alone' })
      for (const type of NS_TYPE_NAMES) expectCell(other as MatrixRow, type)
    }),
  )
})

describe.runIf(able && requireCommand('unshare'))('matrix, of an ordinary user', () => {
  afterEach(endUnshared)

  it('shows what could not be read as such, and is as the schema has it', async () => {
    const { pid } = await unshared('-n', '-u')
    const options = { uid: 1000, root: publicPackage().root }
    const { stdout, stderr, code } = await runNsx(['matrix', '--json'], options)
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    const document: Matrix = JSON.parse(stdout)
    expect(faultsOf('matrix', document)).toEqual([])
    const unread = document.rows.filter(({ cells }) => cells.uts?.sharing === null)
    expect(unread.length).toBeGreaterThan(0)
    const text = await runNsx(['matrix'], options)
    expect(text.stdout).toMatch(/ \? /)
    expect(text.stderr).toMatch(/^nsx: .*could not be read.*\n$/)
    const refused = await runNsx(['matrix', String(pid)], options)
    expect(refused).toMatchObject({ code: 4, stdout: '' })
    expect((await runNsx(['matrix', '--strict'], options)).code).toBe(5)
  })
})
