import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { SOURCES } from '../../src/collect/request.ts'
import { FAMILIES } from '../../src/containers/families.ts'
import { EXIT } from '../../src/errors.ts'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { HOLDER_KINDS } from '../../src/model/snapshot.ts'
import { LIST_COLUMNS } from '../../src/query/columns.ts'
import { COLUMNS, ERRORS, LISTS, type Sample } from './documents.ts'
import { mutations } from './mutations.ts'

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true })

function schemaText(name: string): string {
  return readFileSync(join(import.meta.dirname, `../../docs/schema/${name}.schema.json`), 'utf8')
}

function compile(name: string): ValidateFunction {
  return ajv.compile(JSON.parse(schemaText(name)))
}

/**
 * Changes that leave a document valid, and why each of them must.
 *
 * TEXT: any text is right. NULL: null is an answer of its own, and nothing else in the document tells
 * whether it is the right one. MAP: any set of keys is right.
 */
const TEXT = ['made another word']
const ANY_TEXT = ['made another word', 'made empty']
const NULL = ['made null']

const SURVIVORS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  list: {
    // Any path: it is the user's.
    'host.procfs': ['made another word'],
    'host.bootId': NULL,
    'host.kernel': NULL,
    'host.hostname': [...NULL, ...TEXT, 'made string'],
    'host.pidMax': [...NULL, 'made number'],
    'host.nsfsDev': NULL,
    'host.userNs': NULL,
    'host.pidNs': NULL,
    'host.userNs.id': NULL,
    'host.pidNs.id': NULL,
    'namespaces.*.owner.id': NULL,
    'namespaces.*.parent.id': NULL,
    'namespaces.*.nsid': [...NULL, 'made number'],
    'namespaces.*.leader.comm': ANY_TEXT,
    'namespaces.*.leader.command': ANY_TEXT,
    'namespaces.*.leader.args.*': ANY_TEXT,
    'namespaces.*.leader.ppid': [...NULL, 'made number'],
    'namespaces.*.leader.user': [...NULL, ...TEXT, 'made string'],
    'namespaces.*.container': NULL,
    'namespaces.*.container.name': [...NULL, ...ANY_TEXT, 'made string'],
    'namespaces.*.container.image': [...NULL, ...ANY_TEXT],
    'namespaces.*.container.compose': NULL,
    'namespaces.*.container.compose.project': TEXT,
    'namespaces.*.container.compose.service': TEXT,
    'namespaces.*.container.evidence.*.where': TEXT,
    'namespaces.*.container.evidence.*.uid': [...NULL, 'made number'],
    'namespaces.*.holders.*.container': NULL,
    'namespaces.*.holders.*.container.name': [...TEXT, 'made string'],
    'namespaces.*.holders.*.container.evidence.*.where': TEXT,
    'namespaces.*.holders.*.container.evidence.*.uid': NULL,
    'namespaces.*.holders.*.process': NULL,
    'namespaces.*.holders.*.process.comm': ANY_TEXT,
    'namespaces.*.holders.*.mountNamespace': NULL,
    'namespaces.*.holders.*.mountNamespace.id': NULL,
    'namespaces.*.holders.*.namespace.id': NULL,
    // A map by type: a type that is not named has none.
    'coverage.unidentified.net': ['deleted'],
    'coverage.unidentified.mnt': ['deleted'],
  },
  columns: { 'columns.*.description': TEXT },
  error: {
    command: [...NULL, ...TEXT, 'made string'],
    'error.message': TEXT,
    'error.hint': [...NULL, ...TEXT, 'made string'],
    'error.target': [...NULL, ...ANY_TEXT, 'made string'],
    'error.errno': NULL,
  },
}

const SCHEMAS: readonly { readonly name: string; readonly samples: readonly Sample[] }[] = [
  { name: 'list', samples: LISTS },
  { name: 'columns', samples: COLUMNS },
  { name: 'error', samples: ERRORS },
]

describe.each(SCHEMAS)('the schema $name', ({ name, samples }) => {
  const validate = compile(name)

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
    const allowed = Object.entries(SURVIVORS[name] ?? {}).flatMap(([path, changes]) =>
      changes.map((change) => `${path}: ${change}`),
    )
    expect(tried).toBeGreaterThan(50)
    expect([...survivors].filter((label) => !allowed.includes(label)).sort()).toEqual([])
    expect(allowed.filter((label) => !survivors.has(label))).toEqual([])
  })

  it('describes every field', () => {
    const bare: string[] = []
    const schema = JSON.parse(schemaText(name)) as Node
    walk(schema, '', (node, at) => {
      for (const [field, value] of Object.entries(node.properties ?? {})) {
        if (node.additionalProperties !== false) continue
        const target = value.$ref ? (schema.$defs?.[value.$ref.slice('#/$defs/'.length)] ?? {}) : {}
        if (!value.description && !target.description) bare.push(`${at}.${field}`)
      }
    })
    expect(bare).toEqual([])
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
  const { $defs } = JSON.parse(schemaText('list'))

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

  it('exit codes', () => {
    const { ok, findings, ...failures } = EXIT
    const error = JSON.parse(schemaText('error'))
    expect(error.$defs.Error.properties.exitCode.enum).toEqual(Object.values(failures))
  })
})
