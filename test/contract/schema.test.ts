import { describe, expect, it } from 'vitest'
import { COMMAND_STATUS } from '../../src/cli/command-status.ts'
import { SOURCES } from '../../src/collect/request.ts'
import { FAMILIES } from '../../src/containers/families.ts'
import { EXIT } from '../../src/errors.ts'
import { PROPAGATIONS } from '../../src/kernel/mountinfo.ts'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { LISTENING_PROTOCOLS } from '../../src/kernel/sock-diag.ts'
import { HOLDER_KINDS } from '../../src/model/snapshot.ts'
import { NS_LINK_NAMES } from '../../src/model/subject.ts'
import { LIST_COLUMNS } from '../../src/query/columns.ts'
import { COMMON, compileSchema, schemaText } from '../support/schemas.ts'
import { COLUMNS, DIFFS, ERRORS, LISTS, NAMESPACES, type Sample, SHOWS } from './documents.ts'
import { LIMITS } from './limits.ts'
import { mutations } from './mutations.ts'
import { ENTER_PLANS, OPERATIONS, RUN_PLANS } from './plans.ts'
import { changesAllowed, SURVIVORS } from './survivors.ts'
import { CAPS, IDS, PIDS } from './translations.ts'
import { MATRICES, TREES } from './trees.ts'
import { DOCTORS, WHYS } from './whys.ts'

const SCHEMAS: readonly { readonly name: string; readonly samples: readonly Sample[] }[] = [
  { name: 'list', samples: LISTS },
  { name: 'show', samples: SHOWS },
  { name: 'namespace', samples: NAMESPACES },
  { name: 'diff', samples: DIFFS },
  { name: 'enter', samples: ENTER_PLANS },
  { name: 'run', samples: RUN_PLANS },
  { name: 'tree', samples: TREES },
  { name: 'matrix', samples: MATRICES },
  { name: 'pid', samples: PIDS },
  { name: 'id', samples: IDS },
  { name: 'caps', samples: CAPS },
  { name: 'why', samples: WHYS },
  { name: 'doctor', samples: DOCTORS },
  { name: 'limits', samples: LIMITS },
  { name: 'columns', samples: COLUMNS },
  { name: 'error', samples: ERRORS },
]

/** The changes that left any document valid. */
const survived = new Set<string>()

describe.each(SCHEMAS)('the schema $name', ({ name, samples }) => {
  const validate = compileSchema(name)

  it.each(samples)('is valid for a real document: $name', ({ document }) => {
    validate(document)
    expect(validate.errors ?? []).toEqual([])
  })

  it('refuses every change of a field of a real document', { timeout: 60_000 }, () => {
    const survivors = new Set<string>()
    let tried = 0
    for (const { document } of samples) {
      for (const mutation of mutations(document)) {
        tried++
        mutation.apply()
        if (validate(document)) survivors.add(mutation.label)
        mutation.undo()
      }
      expect(validate(document)).toBe(true)
    }
    expect(tried).toBeGreaterThan(50)
    const allowed = changesAllowed(name)
    expect([...survivors].filter((label) => !allowed(label)).sort()).toEqual([])
    for (const label of survivors) survived.add(label)
  })

  it('describes every field', () => {
    const bare: string[] = []
    const schema = JSON.parse(schemaText(name)) as Node
    const defs = { ...COMMON.$defs, ...schema.$defs }
    walk(schema, '', (node, at) => {
      for (const [field, value] of Object.entries(node.properties ?? {})) {
        if (node.additionalProperties !== false) continue
        const target = defs[value.$ref?.split('/').at(-1) ?? ''] ?? {}
        if (!value.description && !target.description) bare.push(`${at}.${field}`)
      }
    })
    expect(bare).toEqual([])
  })
})

describe('a change that leaves a document valid', () => {
  it('is named only where it does', () => {
    const stale = Object.entries(SURVIVORS).flatMap(([name, table]) => {
      const labels = [...survived]
      return Object.entries(table).flatMap(([path, changes]) =>
        changes
          .filter(
            (change) => !labels.some((label) => changesAllowed(name, { [path]: [change] })(label)),
          )
          .map((change) => `${path}: ${change}`),
      )
    })
    expect(stale).toEqual([])
  })
})

interface Node {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Node>>
  readonly description?: string
  readonly properties?: Readonly<Record<string, Node>>
  readonly additionalProperties?: boolean
}

function walk(node: unknown, at: string, visit: (node: Node, at: string) => void): void {
  if (typeof node !== 'object' || node === null) return
  visit(node as Node, at)
  for (const [key, value] of Object.entries(node)) walk(value, `${at}/${key}`, visit)
}

describe('the words of the schemas are those of the code', () => {
  const { $defs } = JSON.parse(schemaText('common'))

  it('types', () => {
    expect($defs.NsType.enum).toEqual(NS_TYPE_NAMES)
  })

  it('kinds of holders', () => {
    expect($defs.HolderCounts.required).toEqual(HOLDER_KINDS)
    expect(Object.keys($defs.HolderCounts.properties)).toEqual(HOLDER_KINDS)
  })

  it('sources', () => {
    const items: { properties: { name: { const: string } } }[] =
      $defs.Coverage.properties.sources.prefixItems
    expect(items.map(({ properties }) => properties.name.const)).toEqual(SOURCES)
    expect($defs.Gap.properties.source.enum).toEqual(['host', ...SOURCES])
  })

  it('families of containers', () => {
    expect($defs.Container.properties.family.enum).toEqual(FAMILIES.map(({ family }) => family))
  })

  it('columns', () => {
    const columns = JSON.parse(schemaText('columns'))
    expect(columns.$defs.Column.properties.name.enum).toEqual(LIST_COLUMNS.map((c) => c.name))
  })

  it('rules of what follows', () => {
    const { $defs } = JSON.parse(schemaText('diff'))
    const rules = DIFFS.flatMap(({ document }) => {
      const { consequences } = document as { consequences: { rule: string }[] }
      return consequences.length > 0 ? [consequences.map(({ rule }) => rule)] : []
    })
    expect(rules.length).toBeGreaterThan(5)
    for (const told of rules) expect(told).toEqual($defs.Consequence.properties.rule.enum)
  })

  it('namespace types, in each place where they are named', () => {
    const show = JSON.parse(schemaText('show'))
    const diff = JSON.parse(schemaText('diff'))
    expect(show.properties.namespaces.required).toEqual(NS_TYPE_NAMES)
    expect(Object.keys(show.$defs.Thread.properties.namespaces.properties)).toEqual(NS_LINK_NAMES)
    expect(Object.keys(diff.properties.types.properties)).toEqual(NS_TYPE_NAMES)
  })

  it('states, flags and protocols of what is inside', () => {
    expect($defs.Mount.properties.propagation.enum).toEqual(PROPAGATIONS)
    expect($defs.Listening.properties.protocol.enum).toEqual(LISTENING_PROTOCOLS)
  })

  it('operations of a plan, and their fields', () => {
    const { properties, allOf } = $defs.Step
    expect(properties.operation.enum).toEqual(Object.keys(OPERATIONS))
    for (const [index, { name, ...fields }] of Object.values(OPERATIONS).entries()) {
      expect(allOf[index].if.properties.operation.const).toBe(name)
      expect(allOf[index].then.properties.details.required ?? []).toEqual(Object.keys(fields))
    }
  })

  it('exit codes', () => {
    const { ok, findings, ...failures } = EXIT
    const error = JSON.parse(schemaText('error'))
    const codes = [...Object.values(failures), COMMAND_STATUS.failed]
    expect(error.$defs.Error.properties.exitCode.enum).toEqual(codes)
  })
})
