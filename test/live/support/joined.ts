import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { onTestFinished } from 'vitest'
import { endByStdin, until, watch } from './children.ts'
import { attempt } from './proc.ts'

/** Starts a second process in a container of runc, until the end of the test; its pid. */
export async function startInRunc(id: string): Promise<number> {
  const folder = mkdtempSync(`${tmpdir()}/nsx-exec-`)
  const pidFile = `${folder}/pid`
  const child = spawn('runc', ['exec', '--pid-file', pidFile, id, '/bin/busybox', 'cat'], {
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  const watched = watch(child)
  onTestFinished(async () => {
    await endByStdin(child, watched)
    rmSync(folder, { recursive: true })
  })
  return until('runc exec', () => {
    if (watched.over()) throw new Error(watched.stderr().trim() || 'runc exec ended early')
    const pid = Number(attempt(() => readFileSync(pidFile, 'utf8')))
    const comm = pid > 0 && attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8'))
    return comm === 'busybox\n' ? pid : null
  })
}
