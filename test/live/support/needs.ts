import { accessSync, constants } from 'node:fs'

/**
 * What a live test cannot do without: `describe.runIf(requireRoot() && requireCommand('lsns'))`.
 * In CI a missing one is a failure, elsewhere the tests are skipped and say why.
 */
export function requireRoot(): boolean {
  return required(process.getuid?.() === 0, 'root')
}

export function requireCommand(name: string): boolean {
  const folders = (process.env.PATH ?? '').split(':')
  return required(
    folders.some((folder) => accessible(`${folder}/${name}`, constants.X_OK)),
    `the command ${name}`,
  )
}

export function requireFile(path: string): boolean {
  return required(accessible(path, constants.R_OK), path)
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
