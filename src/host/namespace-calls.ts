import type { Errno } from '../kernel/errno.ts'
import type { InsideQuestion } from '../model/inside.ts'
import type { Addon } from './addon.ts'
import { errnoName } from './errno-name.ts'
import { handleColumns } from './handles.ts'
import type { Host } from './port.ts'

/** What is asked of one namespace that need not have a process: by the addon, through its handle. */
export function namespaceCalls(
  addon: Addon,
  root: string,
): Pick<Host, 'inside' | 'peerNsids' | 'statmount' | 'pidIn'> {
  return {
    inside: (handle, questions) =>
      addon
        .inside(
          root,
          handleColumns([handle]),
          Uint8Array.from(questions, ({ ask }) => ASKS.indexOf(ask)),
          Int32Array.from(questions, (each) => (each.ask === 'netlink' ? each.protocol : 0)),
          questions.map(payloadOf),
        )
        .map(bytesOrErrno),
    peerNsids(handle, candidates) {
      const columns = handleColumns(candidates)
      const { error, ...found } = addon.peerNsids(root, handleColumns([handle]), columns)
      return error === 0 ? found : errnoName(error)
    },
    statmount: (handle) => bytesOrErrno(addon.statmounts(root, handleColumns([handle]))),
    pidIn(handle, pids, direction) {
      const columns = handleColumns([handle])
      const { error, pids: found } = addon.pidIn(root, columns, pids, direction === 'from')
      return error === 0 ? found : errnoName(error)
    },
  }
}

/** In the order of `Ask` in native/inside.cc. */
const ASKS: readonly InsideQuestion['ask'][] = ['uname', 'proc', 'netlink', 'mqueues', 'inode']

function payloadOf(question: InsideQuestion): Uint8Array {
  if (question.ask === 'netlink') return question.request
  return Buffer.from('file' in question ? question.file : '')
}

function bytesOrErrno(answer: Buffer | number): Buffer | Errno {
  return typeof answer === 'number' ? errnoName(answer) : answer
}
