import { statLocal } from '../host/local-files.ts'
import type { Host } from '../host/port.ts'
import { subidRanges } from '../kernel/subid.ts'
import type { MapTool, OwnIds } from '../model/run-facts.ts'
import { readFileBelow } from './caller.ts'
import { attempt } from './task-links.ts'

/** What differs between the ids of users and of groups. */
const KINDS = {
  uid: { file: 'etc/subuid', tool: 'newuidmap' },
  gid: { file: 'etc/subgid', tool: 'newgidmap' },
} as const

/** Fixed, for PATH may be anything; NixOS keeps what is set-user-ID in a place of its own. */
const TOOL_FOLDERS = [
  ...['/usr/bin', '/bin', '/usr/local/bin', '/usr/sbin', '/sbin'],
  ...['/run/wrappers/bin', '/run/current-system/sw/bin'],
]

const SET_USER_ID = 0o4000

interface Asked {
  readonly user: { readonly uid: number; readonly name: string | null }
  /** Ranges are to be mapped. */
  readonly asked: boolean
}

/** With what the caller can map ranges of ids; both files are by user. */
export async function readOwnIds(
  host: Host,
  kind: keyof typeof KINDS,
  { user, asked }: Asked,
): Promise<OwnIds> {
  if (!asked) return { subids: null, tool: null }
  const { file, tool } = KINDS[kind]
  const text = await readFileBelow(host, '/', file)
  return { subids: text === null ? null : subidRanges(text, user), tool: findTool(tool) }
}

function findTool(name: string): MapTool | null {
  const found = TOOL_FOLDERS.flatMap((folder): MapTool[] => {
    const path = `${folder}/${name}`
    const answer = attempt(() => statLocal(path), path)
    if ('errno' in answer || answer.value.directory) return []
    const { uid, mode } = answer.value
    return [{ path, setuid: uid === 0 && (mode & SET_USER_ID) !== 0 }]
  })
  return found.find(({ setuid }) => setuid) ?? found[0] ?? null
}
