import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'

const SCREENS = join(import.meta.dirname, '../screens')

/**
 * Compares a whole screen with the file of that name in test/screens. UPDATE_SCREENS=1 writes the file
 * instead: read the difference before you commit it.
 */
export function expectScreen(name: string, screen: string): void {
  const path = join(SCREENS, `${name}.txt`)
  if (process.env.UPDATE_SCREENS === '1') {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, screen)
  }
  if (!existsSync(path)) throw new Error(`${path} is missing: UPDATE_SCREENS=1 makes it`)
  expect(screen).toBe(readFileSync(path, 'utf8'))
}
