import type { OperationName } from '../../src/model/exec-plan.ts'

/**
 * The contract with native/exec/plan.c, typed a second time: operations and fields in order.
 * n: number (null: -1), z: number (null: 0), f: flag, d: decimal, e: decimal (null: 0), m: decimal
 * (null: all bits), h: hexadecimal; t: text, b: bytes; N, T, B: lists of n, t, b.
 */
export const LAYOUT: Readonly<Record<OperationName, string>> = {
  monitor: 'f:spawns f:pty n:statusFd',
  beside: '',
  go: 'n:to',
  pidfd: 'n:slot n:pid e:startTicks e:inode',
  alive: 'n:slot',
  openDirectory: 'n:slot t:path',
  openNamespace: 'n:slot t:path z:inum n:type',
  openById: 'n:slot d:id n:inum n:type',
  openBySocket: 'n:slot n:process n:fd',
  openOwner: 'n:slot n:of',
  write: 't:path t:text',
  writeOwn: 't:file t:text',
  mapTool: 't:program T:args',
  bindNamespace: 't:link t:target',
  seal: 'N:keep',
  setns: 'n:slot n:flags',
  unshare: 'n:flags n:patienceMs',
  chroot: 'n:slot',
  chrootPath: 't:path',
  chdir: 'n:slot',
  chdirPath: 't:path',
  closeSlots: '',
  spawn: 'n:flags n:go',
  init: '',
  mount: 't:source t:target t:type n:flags t:data',
  fileOver: 't:target t:content',
  hostname: 't:text',
  loopback: '',
  pinCpu: '',
  groups: 'N:ids f:lenient',
  gid: 'n:id',
  uid: 'n:id f:keep',
  ambient: '',
  capabilities: 'h:bounding h:permitted h:effective h:inheritable h:ambient',
  noNewPrivs: '',
  umask: 'n:mask',
  limit: 'n:resource m:soft m:hard',
  deathSignal: 'n:signal',
  exec: 'b:file B:args B:environment',
}

/** Letter and name of each field. */
export function layoutOf(name: OperationName): readonly (readonly [string, string])[] {
  const words = LAYOUT[name].split(' ').filter(Boolean)
  return words.map((word) => word.split(':') as [string, string])
}
