import { execFileSync } from 'node:child_process'
import { expect } from 'vitest'
import type { NsType } from '../../../src/kernel/namespace-types.ts'
import { type ContentsOf, insideOf, showNamespace, shownOf, showTask } from './documents.ts'
import type { Within } from './inside.ts'
import { inumOf, type Unshared, unshared } from './unshared.ts'

export const UID = 12_345
/** A command that runs another one as that user. */
export const AS_USER = ['setpriv', `--reuid=${UID}`, `--regid=${UID}`, '--clear-groups']

/** A process of another user in new namespaces. */
export function foreign(...flags: readonly string[]): Promise<Unshared> {
  return unshared(...flags, ...AS_USER)
}

/** Commands in namespaces of it, with the files of this machine unless `-m` is among these. */
export function inside({ pid }: Pick<Unshared, 'pid'>, ...namespaces: readonly string[]): Within {
  return (...command) => enter([`--target=${pid}`, ...namespaces], command)
}

/** Runs a command in the namespaces that these options of nsenter(1) name. */
export function enter(how: readonly string[], command: readonly string[]): string {
  return execFileSync('nsenter', [...how, '--', ...command], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
  })
}

/** What is inside of its namespace, by either way to name it; these must agree. */
export async function contentsOf<T extends NsType>(
  { pid }: Unshared,
  type: T,
): Promise<ContentsOf<T>> {
  const shown = shownOf(await showTask(pid, ['--type', type]), type)
  expect(shown.ns.inum).toBe(inumOf(pid, type))
  const { namespace } = await showNamespace(shown.ns.inum)
  expect(namespace.members.map((member) => member.pid)).toContain(pid)
  expect(namespace.summary).toBe(shown.summary)
  const [contents, again] = [insideOf(shown, type), insideOf(namespace, type)]
  expect(again).toEqual(contents)
  return again
}
