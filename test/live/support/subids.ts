import { chmodSync, copyFileSync, writeFileSync } from 'node:fs'
import { AS_USER, UID } from './foreign.ts'
import { makeFolder } from './rootfs.ts'

export interface Granted {
  /** Starts what comes after it as a user who has a name, and those lines. */
  readonly via: readonly string[]
  remove(): void
}

/** In a mount namespace of its own, so that the files of this machine stay as they are. */
const SCRIPT =
  'for name in passwd subuid subgid; do mount --bind "$0/$name" "/etc/$name" || exit 99; done; exec "$@"'

/**
 * Lets newuidmap(1) and newgidmap(1) grant ranges to UID, who is called `nsx-tester`.
 *
 * @param ranges FIRST:COUNT, as in subuid(5)
 */
export function grantSubids(ranges: readonly string[]): Granted {
  const { path, remove } = makeFolder('subids')
  copyFileSync('/etc/passwd', `${path}/passwd`)
  writeFileSync(`${path}/passwd`, `nsx-tester:x:${UID}:${UID}::/:/bin/sh\n`, { flag: 'a' })
  for (const name of ['subuid', 'subgid']) {
    writeFileSync(`${path}/${name}`, ranges.map((range) => `nsx-tester:${range}\n`).join(''))
  }
  for (const name of ['passwd', 'subuid', 'subgid']) chmodSync(`${path}/${name}`, 0o644)
  return { via: ['/usr/bin/unshare', '-m', '/bin/sh', '-c', SCRIPT, path, ...AS_USER], remove }
}
