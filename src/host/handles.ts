import type { HandleColumns } from './addon.ts'
import type { NsHandle } from './port.ts'

/** In the order of `HandleKind` in native/handle.h. */
const HANDLE_KINDS: readonly NsHandle['kind'][] = ['link', 'descriptor', 'mount', 'path']

/** Handles as the addon takes them. */
export function handleColumns(root: string, handles: readonly NsHandle[]): HandleColumns {
  return {
    kinds: Uint8Array.from(handles, ({ kind }) => HANDLE_KINDS.indexOf(kind)),
    paths: handles.map((handle) => pathOf(root, handle)),
    inums: Uint32Array.from(handles, ({ inum }) => inum ?? 0),
  }
}

function pathOf(root: string, handle: NsHandle): string {
  switch (handle.kind) {
    case 'link':
      return `${root}/${handle.pid}/ns/${handle.type}`
    case 'descriptor':
      return `${root}/${handle.pid}/fd/${handle.fd}`
    default:
      return handle.path
  }
}
