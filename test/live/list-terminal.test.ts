import stringWidth from 'string-width'
import { afterEach, describe, expect, test } from 'vitest'
import { ENGINES } from './support/list.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runOnTerminal } from './support/terminal.ts'
import { holdAs, releaseAll } from './support/zoo.ts'

const UID = 12_345
const canRun =
  requireRoot() &&
  requireAddon() &&
  ['cc', 'script', 'stty', 'env'].map(requireCommand).every((present) => present)

const COLOUR = /\u001b\[[0-9;]*m/g
const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u

afterEach(releaseAll)

describe.runIf(canRun).each(ENGINES)('list with $engine on a terminal', ({ how }) => {
  test.each([80, 120])('of %d columns has no line that is wider', async (columns) => {
    const long = await holdAs(UID, 'cmdline', '80000')
    const { lines, code } = await runOnTerminal(['list', ...how], { columns })
    expect(code).toBe(0)
    expect(lines.length).toBeGreaterThan(8)
    for (const line of lines) expect(stringWidth(line), line).toBeLessThanOrEqual(columns)
    // Shortened, not left out, and not on a second line.
    const rows = lines.filter((line) => line.includes(String(long.inum)))
    expect(rows).toEqual([expect.stringMatching(/…/)])
  })

  test('gets colours and nothing else that acts on it', async () => {
    await holdAs(UID, 'comm', '\u001b]0;x\u0007\u202e')
    await holdAs(UID, 'cmdline', '400')
    const plain = await runOnTerminal(['list', '-u', ...how], {
      columns: 80,
      env: { NO_COLOR: '1' },
    })
    for (const line of plain.lines) expect(line).not.toMatch(HARMFUL)
    const coloured = await runOnTerminal(['list', '-u', ...how], { columns: 80 })
    expect(coloured.lines.join('')).toMatch(COLOUR)
    for (const line of coloured.lines) expect(line.replace(COLOUR, '')).not.toMatch(HARMFUL)
  })

  test('is not asked to show a command line whole, unless it is', async () => {
    const long = await holdAs(UID, 'cmdline', '80000')
    const { lines } = await runOnTerminal(['list', '-u', '-t', 'uts', ...how], { columns: 80 })
    const row = lines.find((line) => line.includes(String(long.inum)))
    expect(row?.length).toBeGreaterThan(80_000)
  })
})
