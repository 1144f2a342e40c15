import { statLocal } from '../host/local-files.ts'
import type { Host } from '../host/port.ts'
import type { FileKind } from '../model/seen-files.ts'
import { orExplainLater } from './host-failure.ts'
import { attempt } from './task-links.ts'

const EXECUTABLE = 0o111

/**
 * What is at each of these absolute paths.
 *
 * @param root another one than the reader's own, in which anything may hang; null: its own
 */
export async function readKinds(
  host: Host,
  root: string | null,
  paths: readonly string[],
): Promise<ReadonlyMap<string, FileKind>> {
  if (root === null) return new Map(paths.map((path) => [path, ownKind(path)]))
  const { readFiles } = host
  if (!readFiles || paths.length === 0) return new Map()
  const files = paths.map((path) => ({ root, path: path.replace(/^\/+/, '') || '.', limit: 1 }))
  const answers = await orExplainLater(host, () => readFiles(files))
  return new Map(paths.map((path, i) => [path, kindOf(answers[i] ?? 'EIO')]))
}

function ownKind(path: string): FileKind {
  const found = attempt(() => statLocal(path), path)
  if ('errno' in found) return kindOf(found.errno)
  return found.value.directory ? 'directory' : kindOf(found.value)
}

function kindOf(answer: { readonly mode: number } | string): FileKind {
  if (typeof answer !== 'string') return (answer.mode & EXECUTABLE) !== 0 ? 'program' : 'file'
  if (answer === 'EISDIR') return 'directory'
  return answer === 'ENOENT' ? 'missing' : 'unknown'
}
