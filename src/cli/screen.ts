import { fstatSync } from 'node:fs'

/** What the output goes to, as far as a drawing has to know. */
export interface Screen {
  readonly terminal: boolean
  /** Columns of the terminal; undefined: no terminal, nothing is to be cut. */
  readonly width: number | undefined
  /** As in chalk: 0 none, 1 sixteen colours, 2 256, 3 all. */
  readonly colorLevel: 0 | 1 | 2 | 3
  /** Whether the locale can show more than ASCII. */
  readonly unicode: boolean
}

export type Environment = Readonly<Record<string, string | undefined>>

/** `color`: what --color or --no-color said. */
export function readScreen(color: boolean | undefined, env: Environment = process.env): Screen {
  // Only a character device can be a terminal; process.stdout itself is dear (see output.ts).
  const terminal = isCharacterDevice(1) && process.stdout.isTTY === true
  return {
    terminal,
    width: terminal ? process.stdout.columns || Number(env.COLUMNS) || 80 : undefined,
    colorLevel: colorLevel({ color, env, terminal }),
    unicode: /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || ''),
  }
}

export interface ColorQuestion {
  readonly color: boolean | undefined
  readonly env: Environment
  readonly terminal: boolean
}

/** The flag counts first, then FORCE_COLOR, then NO_COLOR (as in Node itself), then the terminal. */
export function colorLevel({ color, env, terminal }: ColorQuestion): Screen['colorLevel'] {
  if (color === false) return 0
  const forced = color === true ? 'true' : env.FORCE_COLOR
  if (forced !== undefined) {
    if (forced === '0' || forced === 'false') return 0
    if (forced === '1' || forced === '2' || forced === '3') return Number(forced) as 1 | 2 | 3
    return terminalLevel(env) || 1
  }
  return terminal && !env.NO_COLOR ? terminalLevel(env) : 0
}

function terminalLevel(env: Environment): Screen['colorLevel'] {
  if (env.TERM === undefined || env.TERM === 'dumb') return 0
  if (env.COLORTERM === 'truecolor' || env.COLORTERM === '24bit') return 3
  return env.TERM.includes('256') ? 2 : 1
}

function isCharacterDevice(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice()
  } catch {
    return false
  }
}
