import { spawn } from 'node:child_process'
import type { Container } from '../../../src/model/container.ts'
import { watch } from './children.ts'
import { copyPackage, publicPackage } from './package.ts'

export interface Named {
  /** By pid; a pid that is not there could not be told. */
  readonly of: Readonly<Record<string, (Container & { readonly label: string }) | null>>
  readonly gaps: readonly { readonly errno: string; readonly count: number }[]
}

/** Asks the library, in a process of its own that may be another user's. */
const SCRIPT = `
  const [root, ...pids] = process.argv.slice(1)
  const nsx = await import(root + 'dist/index.js')
  const { host } = nsx.openHost(root, undefined)
  const { of, gaps } = await nsx.collectContainers(host, pids.map(Number))
  const labelled = (one) => one && { ...one, label: nsx.containerLabel(one) }
  const named = Object.fromEntries([...of].map(([pid, one]) => [pid, labelled(one)]))
  console.log(JSON.stringify({ of: named, gaps }))
`

/** One for all tests of a file, after which it is gone. */
let library: string | undefined

/** What processes are in, as root or another user sees it. */
export async function namesOf(
  pids: readonly number[],
  { uid = 0 }: { uid?: number } = {},
): Promise<Named> {
  library ??= copyPackage({ library: true })
  const root = library
  const args = ['--input-type=module', '--eval', SCRIPT, root, ...pids.map(String)]
  const child = spawn(uid === 0 ? process.execPath : publicPackage().node, args, {
    ...{ uid, gid: uid, cwd: '/', env: {} },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const watched = watch(child)
  if ((await watched.end) !== 0) throw new Error(watched.stderr())
  return JSON.parse(watched.stdout())
}
