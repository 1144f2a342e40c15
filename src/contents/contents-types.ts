import type { NsType } from '../kernel/namespace-types.ts'
import { parseStatmounts } from '../kernel/statmount.ts'
import { cgroupContents } from './cgroup.ts'
import type { Contents, ContentsType } from './contents.ts'
import { ipcContents } from './ipc.ts'
import { mntContents } from './mnt.ts'
import { netContents } from './net/net.ts'
import { pidContents } from './pid.ts'
import { timeContents } from './time.ts'
import { userContents } from './user.ts'
import { utsContents } from './uts.ts'

/** What is read of a namespace of each type, and what is made of it. */
export const CONTENTS = {
  mnt: mntContents(parseStatmounts),
  net: netContents,
  pid: pidContents,
  uts: utsContents,
  ipc: ipcContents,
  user: userContents,
  cgroup: cgroupContents,
  time: timeContents,
} as const satisfies { readonly [T in NsType]: ContentsType<Contents & { readonly type: T }> }

/** The contents of any type; `type` tells which. */
export type AnyContents = {
  [T in NsType]: ReturnType<(typeof CONTENTS)[T]['parse']>
}[NsType]

/** The file of a type that is not known before it runs. */
export function contentsType(type: NsType): ContentsType<Contents> {
  return CONTENTS[type]
}
