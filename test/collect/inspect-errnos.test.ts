import { describe, expect, it } from 'vitest'
import { NsxError } from '../../src/errors.ts'
import type { Coverage } from '../../src/model/snapshot.ts'
import { diffDocument } from '../../src/render/diff-document.ts'
import { namespaceDocument, showDocument } from '../../src/render/show-document.ts'
import { type FixtureHost, fixtureHost } from '../support/fixture-host.ts'
import { type Machine, type ProcfsCall, systemError } from '../support/fixture-procfs.ts'
import { diffOf, namespaceOf, showOf } from '../support/inspect.ts'
import { faultsOf } from '../support/schemas.ts'

interface Look {
  readonly what: string
  readonly machine: Machine
  readonly schema: string
  readonly look: (host: FixtureHost) => Promise<object>
}

async function show(host: FixtureHost, pid: number): Promise<object> {
  const { inspection, view } = await showOf(host, pid)
  return showDocument(inspection, view)
}

const LOOKS: readonly Look[] = [
  {
    ...{ what: 'show PID', machine: 'two-containers', schema: 'show' },
    look: (host) => show(host, 1100),
  },
  {
    ...{ what: 'show PID as a user', machine: 'unprivileged', schema: 'show' },
    look: (host) => show(host, 4950),
  },
  {
    ...{ what: 'show NS', machine: 'two-containers', schema: 'namespace' },
    look: async (host) => {
      const { inspection, view } = await namespaceOf(host, 'net:[4026532305]')
      return namespaceDocument(inspection, view)
    },
  },
  {
    ...{ what: 'diff', machine: 'two-containers', schema: 'diff' },
    look: async (host) => {
      const { inspection, view } = await diffOf(host, [1100, 1300])
      return diffDocument(inspection, view)
    },
  },
]

const ERRNOS = ['ENOENT', 'ESRCH', 'EACCES', 'EIO', 'EMFILE'] as const

/**
 * What nobody misses: whether this procfs shows the reader and hides others, and, for kernels before 6.18,
 * which namespaces kthreadd is in.
 */
const NOT_MISSED = /^(self(\/status)?|2\/ns\/.*)$/

type Outcome = { readonly document: object } | { readonly error: unknown }

async function outcomeOf(look: Look['look'], host: FixtureHost): Promise<Outcome> {
  try {
    return { document: await look(host) }
  } catch (error) {
    return { error }
  }
}

function coverageOf(document: object): Coverage {
  return (document as { coverage: Coverage }).coverage
}

/** What is wrong with an outcome; null: nothing. */
function complaint(schema: string, errno: string, outcome: Outcome): string | null {
  if ('error' in outcome) {
    const { error } = outcome
    return error instanceof NsxError ? null : `throws ${String(error)}`
  }
  if (errno === 'EMFILE') return 'goes on'
  const faults = faultsOf(schema, outcome.document)
  if (faults.length > 0) return `says ${faults.join('; ')}`
  if (errno === 'ENOENT' || errno === 'ESRCH') return null
  const { complete, gaps } = coverageOf(outcome.document)
  if (complete) return 'says that it is complete'
  return errno === 'EIO' && !gaps.some((gap) => gap.errno === errno) ? 'has no gap' : null
}

describe.each(LOOKS)('$what', ({ machine, schema, look }) => {
  it('meets any failure of any reading with a gap or an error', { timeout: 120_000 }, async () => {
    const sound = fixtureHost(machine)
    await look(sound)
    const calls = [...new Set(sound.procfs.calls)]
    const complaints: string[] = []
    for (const line of calls) {
      const [call, path] = line.split(' ') as [ProcfsCall, string]

      for (const errno of ERRNOS) {
        if (NOT_MISSED.test(path ?? '') && errno !== 'EMFILE') continue
        const host = await hostOrError(machine, { call, path, errno })
        if (!host) continue
        const said = complaint(schema, errno, await outcomeOf(look, host))
        if (said !== null) complaints.push(`${line}, ${errno}: ${said}`)
      }
    }
    expect(calls.length).toBeGreaterThan(50)
    expect(complaints).toEqual([])
  })
})

/** Null: it fails while the host is opened, and there is nothing to look at. */
async function hostOrError(
  machine: Machine,
  fault: { call: ProcfsCall; path: string; errno: string },
): Promise<FixtureHost | null> {
  try {
    return fixtureHost(machine, { faults: [fault] })
  } catch (error) {
    expect(error).toBeInstanceOf(NsxError)
    return null
  }
}

describe('a call of the host that fails as a whole', () => {
  const calls = ['listPids', 'scanProcesses', 'readProcesses', 'describe', 'readFiles'] as const
  const cases = LOOKS.flatMap((look) =>
    calls
      // A comparison looks at nobody else.
      .filter((call) => look.what !== 'diff' || call !== 'listPids')
      .flatMap((call) => ERRNOS.map((errno) => ({ ...look, call, errno }))),
  )

  it.each(cases)('is an error or a gap of $what: $call, $errno', async (given) => {
    const { machine, schema, look, call, errno } = given
    const fail = (): never => {
      throw systemError(errno, call, '/proc')
    }
    const outcome = await outcomeOf(look, { ...fixtureHost(machine), [call]: fail })
    expect(complaint(schema, errno, outcome)).toBeNull()
  })
})

describe('a thread inside of a namespace that fails', () => {
  const cases = LOOKS.flatMap((look) => ERRNOS.map((errno) => ({ ...look, errno })))

  it.each(cases)('is a gap of $what: $errno', async ({ machine, schema, look, errno }) => {
    const failing = {
      inside: (_: unknown, questions: readonly unknown[]) => questions.map(() => errno),
      readFiles: async (files: readonly unknown[]) => files.map(() => errno),
      peerNsids: () => errno,
      statmount: () => errno,
    }
    const outcome = await outcomeOf(look, { ...fixtureHost(machine), ...failing })
    expect(complaint(schema, errno, outcome)).toBeNull()
  })
})
