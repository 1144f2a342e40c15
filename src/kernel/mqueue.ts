import { decodeText } from './text.ts'

export interface MessageQueue {
  readonly name: string
  /** Bytes that wait in it. */
  readonly bytes: number
  /** Who is told of the next message, as the reader of the status sees pids; null: nobody. */
  readonly notifyPid: number | null
}

/**
 * Parses what the question `mqueues` answers: for each queue `name\0status\0`, the status being what the
 * queue's file of a mqueue file system says (mq_overview(7), ipc/mqueue.c).
 *
 * @returns null where it is not of that form; a name can hold anything but `/` and NUL.
 */
export function parseMessageQueues(bytes: Buffer): MessageQueue[] | null {
  const parts = splitAtNul(bytes)
  if (parts.length % 2 !== 0) return null
  const queues: MessageQueue[] = []
  for (let i = 0; i < parts.length; i += 2) {
    const status = /^QSIZE:(\d+) +NOTIFY:\d+ +SIGNO:\d+ +NOTIFY_PID:(\d+) *\n/.exec(
      (parts[i + 1] as Buffer).toString('latin1'),
    )
    if (!status) return null
    const notifyPid = Number(status[2])
    const { text: name } = decodeText(parts[i] as Buffer)
    queues.push({ name, bytes: Number(status[1]), notifyPid: notifyPid === 0 ? null : notifyPid })
  }
  return queues
}

function splitAtNul(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = []
  let start = 0
  for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
    parts.push(bytes.subarray(start, end))
    start = end + 1
  }
  if (start < bytes.length) parts.push(bytes.subarray(start))
  return parts
}
