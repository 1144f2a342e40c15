import { collectCaps } from '../../src/collect/caps.ts'
import { containersOnce } from '../../src/collect/named-subject.ts'
import { collectIds } from '../../src/collect/translate-id.ts'
import { collectPids } from '../../src/collect/translate-pid.ts'
import type { NsType } from '../../src/kernel/namespace-types.ts'
import type { CapsFacts } from '../../src/model/caps-facts.ts'
import type { IdFacts, IdKind } from '../../src/model/id-facts.ts'
import type { PidFacts } from '../../src/model/pid-facts.ts'
import { type CapsView, capsView } from '../../src/query/caps.ts'
import { pickContainer } from '../../src/query/match-container.ts'
import { parseTarget } from '../../src/query/parse-target.ts'
import { readIdWord } from '../../src/query/read-id-word.ts'
import { readPidWord } from '../../src/query/read-pid-word.ts'
import { type IdView, idView } from '../../src/query/translate-id.ts'
import { type PidView, pidView } from '../../src/query/translate-pid.ts'
import { NOW } from './ask.ts'
import { type FixtureHost, type FixtureOptions, fixtureHost } from './fixture-host.ts'
import type { Machine } from './fixture-procfs.ts'

/** Texts by path; `/etc/passwd` is the reader's, `3200/root/etc/passwd` that of a process. */
export type Files = Readonly<Record<string, string>>

/** A machine whose files below roots are these alone. */
export function hostWithFiles(
  machine: Machine,
  files: Files = {},
  options: FixtureOptions = {},
): FixtureHost {
  const host = fixtureHost(machine, options)
  const { root } = host.procfs
  const readFiles: FixtureHost['readFiles'] = async (asked) =>
    asked.map((each) => {
      const path = `${each.root.replace(`${root}/`, '').replace(/\/$/, '')}/${each.path}`
      const text = files[path]
      if (text === undefined) return 'ENOENT'
      return { bytes: Buffer.from(text), cut: false, uid: 0, gid: 0, mode: 0o644 }
    })
  return { ...host, readFiles }
}

function naming(host: FixtureHost) {
  const request = { contents: [], uid: host.procfs.uid, now: NOW }
  return { containers: containersOnce(host, pickContainer), request }
}

/** `nsx pid WORD… [--in WITHIN]` of a machine. */
export async function pidsOf(
  host: FixtureHost,
  words: readonly string[],
  within: string | null = null,
): Promise<{ facts: PidFacts; view: PidView }> {
  const facts = await collectPids(host, {
    ...{ words: words.map(readPidWord), inits: true, ...naming(host) },
    within: within === null ? null : { text: within, target: parseTarget(within) },
  })
  return { facts, view: pidView(facts) }
}

/** `nsx uid WORD… [--in WITHIN]`, or gid. */
export async function idsOf(
  host: FixtureHost,
  words: readonly string[],
  { within = null, kind = 'uid' }: { within?: string | null; kind?: IdKind } = {},
): Promise<{ facts: IdFacts; view: IdView }> {
  const facts = await collectIds(host, {
    words: words.map((word) => readIdWord(word, kind, { asked: within !== null })),
    within: within === null ? null : { text: within, target: parseTarget(within) },
    ...{ kind, ...naming(host) },
  })
  return { facts, view: idView(facts) }
}

/** `nsx caps A B [-t TYPES]`. */
export async function capsOf(
  host: FixtureHost,
  [a, b]: readonly [string, string],
  types: readonly NsType[] | null = null,
): Promise<{ facts: CapsFacts; view: CapsView }> {
  const facts = await collectCaps(host, {
    ...{ a: { text: a, target: parseTarget(a) }, b: { text: b, target: parseTarget(b) } },
    ...naming(host),
  })
  return { facts, view: capsView(facts, types && new Set(types)) }
}
