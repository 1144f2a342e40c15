import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const BUSYBOX = '/bin/busybox'
const APPLETS = ['sh', 'cat', 'sleep', 'id', 'hostname']
const FOLDERS = ['bin', 'dev', 'etc', 'proc', 'run', 'sys', 'tmp', 'usr', 'var']

export interface Folder {
  readonly path: string
  remove(): void
}

/** A folder that anybody may enter. */
export function makeFolder(name: string): Folder {
  const path = mkdtempSync(join(tmpdir(), `nsx-${name}-`))
  chmodSync(path, 0o755)
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** A root file system that any runtime accepts: busybox, and folders to mount on. */
export function makeRootfs(path: string): string {
  for (const folder of FOLDERS) mkdirSync(`${path}/${folder}`, { recursive: true })
  copyFileSync(BUSYBOX, `${path}${BUSYBOX}`)
  for (const applet of APPLETS) symlinkSync('busybox', `${path}/bin/${applet}`)
  writeFileSync(`${path}/etc/os-release`, 'ID=nsx-test\n')
  return path
}
