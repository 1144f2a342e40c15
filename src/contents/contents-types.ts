import { ipcContents } from './ipc.ts'
import { netContents } from './net/net.ts'
import { pidContents } from './pid.ts'
import { timeContents } from './time.ts'
import { userContents } from './user.ts'
import { utsContents } from './uts.ts'

/** What is read of a namespace of each type, and what is made of it. */
export const CONTENTS = {
  net: netContents,
  pid: pidContents,
  uts: utsContents,
  ipc: ipcContents,
  user: userContents,
  time: timeContents,
} as const
