import { spawn } from 'node:child_process'
import { PROJECT, watch } from './children.ts'
import { commandPath } from './needs.ts'

export interface TerminalOptions {
  readonly columns: number
  readonly env?: Readonly<Record<string, string>>
}

/** Runs nsx on a terminal of that width (script(1)); the lines that it wrote, stderr apart. */
export async function runOnTerminal(
  args: readonly string[],
  { columns, env = {} }: TerminalOptions,
): Promise<{ readonly lines: readonly string[]; readonly code: number | NodeJS.Signals | null }> {
  const set = { PATH: '/nonexistent', LANG: 'C.UTF-8', TERM: 'xterm-256color', ...env }
  const words = [
    ...['env', '-i', ...Object.entries(set).map(([name, value]) => `${name}=${value}`)],
    ...[process.execPath, `${PROJECT}bin/run.js`, ...args],
  ]
  const command = `stty cols ${columns} rows 24 && exec ${words.map(quoted).join(' ')} 2>/dev/null`
  const child = spawn(
    commandPath('script'),
    ['--quiet', '--return', '--command', command, '/dev/null'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env.PATH, SHELL: '/bin/sh' } },
  )
  const watched = watch(child)
  const code = await watched.end
  return { lines: watched.stdout().replace(/\r\n$/, '').split('\r\n'), code }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
