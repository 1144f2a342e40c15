import { expect } from 'vitest'
import type { CONTENTS } from '../../../src/contents/contents-types.ts'
import type { NsType } from '../../../src/kernel/namespace-types.ts'
import type { Coverage, HostInfo } from '../../../src/model/snapshot.ts'
import type { DiffView } from '../../../src/query/diff.ts'
import type { ShownNamespace, ShowView } from '../../../src/query/show.ts'
import type { NamespaceView } from '../../../src/query/show-namespace.ts'
import { type NsxOptions, runNsx } from './nsx.ts'

interface Common {
  readonly schema: string
  readonly host: HostInfo
  readonly coverage: Coverage
}

export type ShowDocument = Common & ShowView
export type NamespaceDocument = Common & { readonly namespace: NamespaceView }
export type DiffDocument = Common & DiffView
export type ContentsOf<T extends NsType> = ReturnType<(typeof CONTENTS)[T]['parse']>

export interface ErrorDocument {
  readonly schema: string
  readonly error: {
    readonly code: string
    readonly message: string
    readonly hint: string | null
    readonly target: string | null
    readonly errno: string | null
    readonly exitCode: number
  }
}

/** `nsx show TARGET --json` of a process, which must succeed. */
export async function showTask(
  target: string | number,
  args: readonly string[] = [],
  options?: NsxOptions,
): Promise<ShowDocument> {
  return succeed(['show', String(target), '--json', ...args], 0, options)
}

/** The same of a namespace. */
export async function showNamespace(
  target: string | number,
  args: readonly string[] = [],
  options?: NsxOptions,
): Promise<NamespaceDocument> {
  return succeed(['show', String(target), '--json', ...args], 0, options)
}

/** `nsx diff A B --json`, which must end with this exit code. */
export async function diffOf(
  [a, b]: readonly [string | number, string | number],
  code: number,
  { args = [], ...options }: NsxOptions & { readonly args?: readonly string[] } = {},
): Promise<DiffDocument> {
  return succeed(['diff', String(a), String(b), '--json', ...args], code, options)
}

/** The document of a command that must fail: it says the exit code. */
export async function failure(
  args: readonly string[],
  options?: NsxOptions,
): Promise<ErrorDocument['error']> {
  const { stdout, stderr, code } = await runNsx([...args, '--json'], options)
  const document: ErrorDocument = JSON.parse(stdout)
  expect({ stderr, code, schema: document.schema }).toEqual({
    ...{ stderr: '', schema: 'nsx.error/1' },
    code: document.error.exitCode,
  })
  return document.error
}

/** One of the namespaces of a process, which must be there. */
export function shownOf(
  { namespaces }: Pick<ShowView, 'namespaces'>,
  type: NsType,
): ShownNamespace {
  const shown = namespaces[type]
  if (shown === null) throw new Error(`no ${type} namespace is shown`)
  return shown
}

/** What is inside of it, all of which must have been read. */
export function insideOf<T extends NsType>(
  { contents }: Pick<ShownNamespace, 'contents'>,
  type: T,
): ContentsOf<T> {
  expect(contents).toMatchObject({ type, unknown: [] })
  return contents as ContentsOf<T>
}

async function succeed<T>(args: readonly string[], code: number, options?: NsxOptions): Promise<T> {
  const result = await runNsx(args, options)
  expect({ stderr: result.stderr, code: result.code }).toEqual({ stderr: '', code })
  return JSON.parse(result.stdout)
}
