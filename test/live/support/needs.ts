import { accessSync, constants } from 'node:fs'
import { loadAddon } from '../../../src/host/addon.ts'
import { PROJECT } from './children.ts'

/**
 * What a live test cannot do without: `describe.runIf(requireRoot() && requireCommand('lsns'))`.
 * In CI a missing one is a failure, elsewhere the tests are skipped and say why.
 */
export function requireRoot(): boolean {
  return required(process.getuid?.() === 0, 'root')
}

export function requireCommand(name: string): boolean {
  return required(findCommand(name) !== null, `the command ${name}`)
}

/** Its path, for a child whose PATH is empty. */
export function commandPath(name: string): string {
  const path = findCommand(name)
  if (path === null) throw new Error(`there is no command ${name}`)
  return path
}

/** The compiled part of nsx: without it there are no owners, ids and sockets. */
export function requireAddon(): boolean {
  const loaded = loadAddon(PROJECT)
  return required('addon' in loaded, 'the addon (npm run build:native)')
}

export function requireFile(path: string): boolean {
  return required(accessible(path, constants.R_OK), path)
}

function findCommand(name: string): string | null {
  const paths = (process.env.PATH ?? '').split(':').map((folder) => `${folder}/${name}`)
  return paths.find((path) => accessible(path, constants.X_OK)) ?? null
}

function required(present: boolean, what: string): boolean {
  if (present) return true
  if (process.env.CI) throw new Error(`live tests need ${what}`)
  process.stderr.write(`skipped: live tests need ${what}\n`)
  return false
}

function accessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}
