import { type SpawnOptions, spawnPlan } from '../act/spawn-plan.ts'
import type { Outcome } from '../act/status.ts'
import { collectEnter } from '../collect/enter.ts'
import { openHost } from '../host/open.ts'
import { commandUidMap } from '../query/enter/command-map.ts'
import { pickContainer } from '../query/match-container.ts'
import { planEnter } from '../query/plan-enter.ts'
import { type EnterWords, readEnterRequest } from '../query/read-enter-request.ts'

export interface EnterOptions extends Pick<SpawnOptions, 'packageRoot' | 'stdio' | 'onStart'> {
  /** As on the command line of `nsx enter`: `{ net: true }`, `{ 'net-from': 'netns:blue' }`. */
  readonly flags?: Partial<EnterWords>
}

/** What an empty command line says; a terminal of its own is for whoever sits at one. */
const NO_FLAGS = { pty: false } as unknown as EnterWords

/**
 * Runs a command in the namespaces of a target, in a process of its own, and waits for its end: what
 * `nsx enter TARGET` does, without taking the place of this process.
 *
 * @param target as on the command line; null: every namespace is named by a flag
 * @returns exit code or signal of the command, or the error of the step that failed
 * @throws {NsxError} the target is not there, the flags contradict each other, or nsx-exec cannot be started
 */
export async function enter(
  target: string | null,
  command: readonly string[],
  { packageRoot, flags = {}, ...spawning }: EnterOptions,
): Promise<Outcome> {
  const words = command.map((word) => Buffer.from(word, 'utf8').toString('latin1'))
  const request = readEnterRequest({ ...NO_FLAGS, ...flags }, target ?? undefined, words)
  const { host } = openHost(packageRoot, undefined)
  const facts = await collectEnter(host, request, pickContainer)
  const uidMap = commandUidMap(facts)
  return spawnPlan(planEnter(request, facts), { ...spawning, packageRoot, uidMap })
}
