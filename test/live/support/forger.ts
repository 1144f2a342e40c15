import { spawn } from 'node:child_process'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { onTestFinished } from 'vitest'
import { endByStdin, until, watch } from './children.ts'
import { attempt } from './proc.ts'

export interface Forger {
  /** It has the name and the command line of something else. */
  readonly pid: number
  /** Its child, which it claims to watch over. */
  readonly child: number
}

/** Starts a process of that user which calls itself `name`, with these arguments, until the end of the test. */
export async function startForger(
  uid: number,
  name: string,
  ...args: readonly string[]
): Promise<Forger> {
  const folder = mkdtempSync(`${tmpdir()}/nsx-forger-`)
  // A shell under another name, which takes no notice of the arguments of its script.
  copyFileSync('/bin/dash', `${folder}/${name}`)
  writeFileSync(`${folder}/run`, 'cat\n:\n')
  chmodSync(folder, 0o755)
  const child = spawn(`${folder}/${name}`, [`${folder}/run`, ...args], {
    ...{ uid, gid: uid, argv0: name, stdio: ['pipe', 'ignore', 'pipe'] },
  })
  const watched = watch(child)
  onTestFinished(async () => {
    await endByStdin(child, watched)
    rmSync(folder, { recursive: true })
  })
  const pid = child.pid as number
  return until(`the false ${name}`, () => {
    if (watched.over()) throw new Error(watched.stderr().trim() || `${name} ended early`)
    const below = Number(attempt(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')))
    const comm = below > 0 && attempt(() => readFileSync(`/proc/${below}/comm`, 'utf8'))
    return comm === 'cat\n' ? { pid, child: below } : null
  })
}
