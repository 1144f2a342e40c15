import { NS_TYPE_NAMES } from '../kernel/namespace-types.ts'
import type { HandleColumns } from './addon.ts'
import type { NsHandle } from './port.ts'

/** In the order of `HandleKind` in native/handle.h. */
const HANDLE_KINDS: readonly NsHandle['kind'][] = [
  'link',
  'descriptor',
  'mount',
  'path',
  'forChildren',
]

/**
 * Handles as the addon takes them: numbers as far as possible, for to hand over a string costs as much as what
 * is asked by it.
 */
export function handleColumns(handles: readonly NsHandle[]): HandleColumns {
  const count = handles.length
  const texts: string[] = [...NS_TYPE_NAMES]
  const columns = {
    kinds: new Uint8Array(count),
    pids: new Int32Array(count),
    fds: new Int32Array(count),
    names: new Uint32Array(count),
    inums: new Uint32Array(count),
    texts,
  }
  for (let i = 0; i < count; i++) {
    const handle = handles[i] as NsHandle
    columns.kinds[i] = HANDLE_KINDS.indexOf(handle.kind)
    columns.inums[i] = handle.inum ?? 0
    if ('pid' in handle) columns.pids[i] = handle.pid
    if ('type' in handle) columns.names[i] = NS_TYPE_NAMES.indexOf(handle.type)
    else if (handle.kind === 'descriptor') columns.fds[i] = handle.fd
    else columns.names[i] = texts.push(handle.path) - 1
  }
  return columns
}
