import type { Naming, WantedFile } from './family.ts'

type JsonObject = Readonly<Record<string, unknown>>

/** The value of a JSON text; undefined where it is none: cut, or written by somebody else. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The object that a path of keys leads to; empty where there is none. */
export function objectAt(value: unknown, ...keys: readonly string[]): JsonObject {
  const found = keys.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), value)
  return isObject(found) ? found : {}
}

export function stringAt(value: unknown, ...keys: readonly string[]): string | null {
  const key = keys.at(-1) ?? ''
  const found = objectAt(value, ...keys.slice(0, -1))[key]
  return typeof found === 'string' && found !== '' ? found : null
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The files that could be read and that end so, parsed. */
export function documentsOf(files: readonly WantedFile[], end: string): unknown[] {
  return files.flatMap(({ want, answer }) => {
    const value = want.path.endsWith(end) && 'text' in answer ? parseJson(answer.text) : undefined
    return value === undefined ? [] : [value]
  })
}

/** Of the labels that docker compose and its kind put on a container. */
export function composeOf(labels: unknown): NonNullable<Naming['compose']> | null {
  const project = stringAt(labels, 'com.docker.compose.project')
  const service = stringAt(labels, 'com.docker.compose.service')
  return project !== null && service !== null ? { project, service } : null
}
