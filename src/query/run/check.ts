import type { NsType } from '../../kernel/namespace-types.ts'
import type { RunRequest } from '../../model/run-request.ts'
import { misuse } from '../misuse.ts'
import { nsFlag } from '../namespace-words.ts'

type Asked = (request: RunRequest) => boolean

/** What would be done to the namespaces of the caller, had the command none of its own. */
const NEEDS: readonly (readonly [flag: string, type: NsType, asked: Asked])[] = [
  ['--mount-proc', 'mnt', ({ mountProc }) => mountProc !== null],
  ['--mount-binfmt', 'mnt', ({ mountBinfmt }) => mountBinfmt !== null],
  ['--load-interp', 'user', ({ loadInterpreter }) => loadInterpreter !== null],
  ['--hostname', 'uts', ({ hostname }) => hostname !== null],
  ['--loopback', 'net', ({ loopback }) => loopback],
  ['--monotonic', 'time', ({ monotonic }) => monotonic !== null],
  ['--boottime', 'time', ({ boottime }) => boottime !== null],
  ['--map-users', 'user', ({ uidMap }) => isAsked(uidMap)],
  ['--map-groups', 'user', ({ gidMap }) => isAsked(gidMap)],
  ['--owner', 'user', ({ owner }) => owner !== null],
  ['--setgroups', 'user', ({ setgroups }) => setgroups !== null],
]

function isAsked({ self, ranges }: RunRequest['uidMap']): boolean {
  return self !== null || ranges.length > 0
}

/** @throws NsxError where a request would change what is not its own, or cannot be carried out at all */
export function checkRun(request: RunRequest): void {
  const broken = NEEDS.find(([, type, asked]) => asked(request) && !request.namespaces.has(type))
  if (broken) {
    const [target, type] = broken
    const own = `a new ${nsFlag(type)} namespace`
    throw misuse('missing-namespace', `${target} needs ${own}: that of the caller stays as it is`, {
      ...{ target, hint: `add --${nsFlag(type)}` },
    })
  }
  const { clone, monotonic, boottime } = request
  if (!clone || (monotonic === null && boottime === null)) return
  const why = 'a process that was cloned into a time namespace can move no clock of it any more'
  throw misuse('clone-offsets', `--clone and offsets exclude each other: ${why} (EACCES)`, {
    ...{ target: '--clone', hint: 'leave out --clone' },
  })
}
