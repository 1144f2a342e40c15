import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

export interface Ran {
  readonly stdout: string
  readonly stderr: string
  readonly status: number | null
}

/** The built program, as a user's shell starts it. */
export function nsx(args: readonly string[], env: Record<string, string> = {}): Ran {
  return node([join(ROOT, 'bin/run.js'), ...args], env)
}

/** The commands of fixture-cli.mjs behind the real edge. */
export function fixtureCli(args: readonly string[], env: Record<string, string> = {}): Ran {
  return node([join(import.meta.dirname, 'fixture-cli.mjs'), ...args], env)
}

export function node(args: readonly string[], env: Record<string, string> = {}): Ran {
  const { stdout, stderr, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    env: { ...cleanEnv(), ...env },
    maxBuffer: 1 << 26,
  })
  return { stdout, stderr, status }
}

/** Without what would change colours or, on Node 20, cost 40 ms a start. */
export function cleanEnv(): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS, NODE_ENV, DEBUG, NO_COLOR, FORCE_COLOR, ...rest } = process.env
  return rest
}
