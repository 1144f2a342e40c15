import { collectLimits } from '../../src/collect/limits.ts'
import { containersOnce } from '../../src/collect/named-subject.ts'
import type { Host } from '../../src/host/port.ts'
import { NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import type { FileContent } from '../../src/model/inside.ts'
import type { LimitsFacts } from '../../src/model/limits.ts'
import { type LimitsView, limitsView } from '../../src/query/limits/limits.ts'
import { bareRun } from '../../src/query/limits/runs.ts'
import { pickContainer } from '../../src/query/match-container.ts'
import { parseTarget } from '../../src/query/parse-target.ts'
import { NOW } from './ask.ts'
import type { FixtureHost } from './fixture-host.ts'

/** `nsx limits [TARGET]` of a machine with some security modules, and without SELinux. */
export async function limitsOfHost(
  machine: FixtureHost,
  target: string | null,
  { types = NS_TYPE_NAMES, modules = 'capability,bpf\n' }: Asked = {},
): Promise<{ facts: LimitsFacts; view: LimitsView }> {
  const host: Host = {
    ...machine,
    readFiles: async (files) =>
      files.map(({ path }) =>
        path === 'sys/kernel/security/lsm' && modules !== null ? file(modules) : 'ENOENT',
      ),
  }
  const facts = await collectLimits(host, {
    named:
      target === null
        ? null
        : { text: target, target: parseTarget(target), by: containersOnce(host, pickContainer) },
    run: bareRun(NS_TYPE_NAMES),
    request: { contents: [], uid: machine.procfs.uid, now: NOW },
  })
  return { facts, view: limitsView(facts, new Set(types)) }
}

interface Asked {
  readonly types?: readonly NsType[]
  /** Null: that cannot be read. */
  readonly modules?: string | null
}

function file(text: string): FileContent {
  return { bytes: Buffer.from(text), cut: false, uid: 0, gid: 0, mode: 0o444 }
}

/** /proc/sys/user of a machine. */
export function limitFiles(
  limits: Readonly<Partial<Record<NsType, number>>>,
): Record<string, Buffer> {
  return Object.fromEntries(
    NS_TYPE_NAMES.map((type) => [
      `sys/user/max_${type}_namespaces`,
      Buffer.from(`${limits[type] ?? 96365}\n`),
    ]),
  )
}
