import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import type { Consequence } from '../../../src/query/consequences.ts'
import { PROJECT } from './children.ts'
import { publicPackage } from './package.ts'

/** What follows for two probers, by their indexes. */
export interface PairTold {
  readonly a: number
  readonly b: number
  readonly told: readonly Consequence[]
}

/**
 * Tells what follows for each two of the processes, as another reader than ourselves does.
 *
 * @param via a command, and its arguments, that becomes that reader and runs what follows
 */
export function tellPairs(pids: readonly number[], via: readonly string[]): readonly PairTold[] {
  const { root, node } = publicPackage()
  cpSync(`${PROJECT}dist`, `${root}dist`, { recursive: true })
  execFileSync('chmod', ['-R', 'a+rX', root])
  const [command = '', ...args] = [...via, node, '--input-type=module', '-e', SCRIPT]
  const answer = execFileSync(command, args, {
    env: { PATH: process.env.PATH, PACKAGE: root, PIDS: JSON.stringify(pids) },
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  })
  return JSON.parse(answer)
}

const SCRIPT = `
const { PACKAGE, PIDS } = process.env
const { openHost } = await import(PACKAGE + 'dist/host/open.js')
const { readSubject } = await import(PACKAGE + 'dist/collect/subject.js')
const { readPair } = await import(PACKAGE + 'dist/collect/relations.js')
const { consequencesOf } = await import(PACKAGE + 'dist/query/consequences.js')
const { host } = openHost(PACKAGE, undefined)
const subjects = JSON.parse(PIDS).map((pid) => readSubject(host, pid))
const all = subjects.flatMap((a, i) => subjects.flatMap((b, j) =>
  i === j ? [] : { a: i, b: j, told: consequencesOf(readPair(host, [a, b]).pair) }))
process.stdout.write(JSON.stringify(all))
`
