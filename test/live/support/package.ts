import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll } from 'vitest'
import { PROJECT } from './children.ts'

const ADDONS = [
  'prebuilds',
  ...['nsx.node', 'nsx-read', 'nsx-exec'].map((name) => `native/build/Release/${name}`),
]

let shared: { root: string; node: string } | undefined
const copies: string[] = []

afterAll(() => {
  for (const copy of copies.splice(0)) rmSync(copy, { recursive: true })
  shared = undefined
})

/** A copy of what users install, and Node, for those who may not enter the folder of ours. */
export function publicPackage(): { readonly root: string; readonly node: string } {
  if (shared === undefined) {
    const root = copyPackage()
    const node = isPublic(process.execPath) ? process.execPath : `${root}node`
    if (node !== process.execPath) copyFileSync(process.execPath, node)
    shared = { root, node }
  }
  return shared
}

/** A copy that is gone after the tests of this file; its path, with a slash at the end. */
export function copyPackage({
  addon = true,
  library = false,
}: {
  addon?: boolean
  library?: boolean
} = {}): string {
  const root = `${mkdtempSync(join(tmpdir(), 'nsx-package-'))}/`
  copies.push(root)
  const built = library ? 'dist' : 'dist/cli'
  for (const path of ['bin', built, 'package.json', ...(addon ? ADDONS : [])]) {
    if (existsSync(PROJECT + path)) cpSync(PROJECT + path, root + path, { recursive: true })
  }
  execFileSync('chmod', ['-R', 'a+rX', root])
  return root
}

function isPublic(path: string): boolean {
  if ((statSync(path).mode & 0o001) === 0) return false
  return path === '/' || isPublic(dirname(path))
}
