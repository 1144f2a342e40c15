import { readFileSync, writeFileSync } from 'node:fs'
import { attempt } from './proc.ts'
import { startPython } from './python.ts'

/** Until somebody has that pid: the next one is asked for (proc_sys_kernel(5)), others may be quicker. */
export async function reusePid(pid: number): Promise<void> {
  for (let round = 0; round < 100; round++) {
    if (attempt(() => readFileSync(`/proc/${pid}/stat`)) !== null) return
    writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1))
    await startPython('')
  }
  throw new Error(`nobody came to have the pid ${pid}`)
}
