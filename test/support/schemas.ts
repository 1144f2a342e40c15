import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true })

export function schemaText(name: string): string {
  return readFileSync(join(import.meta.dirname, `../../docs/schema/${name}.schema.json`), 'utf8')
}

/** What the other schemas refer to. */
export const COMMON = JSON.parse(schemaText('common'))
ajv.addSchema(COMMON)

export function compileSchema(name: string): ValidateFunction {
  return ajv.getSchema(`urn:nsx:schema:${name}:1`) ?? ajv.compile(JSON.parse(schemaText(name)))
}

/** What is wrong with a document, by its schema; empty: nothing. */
export function faultsOf(name: string, document: unknown): string[] {
  const validate = compileSchema(name)
  if (validate(JSON.parse(JSON.stringify(document)))) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
