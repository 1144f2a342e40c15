import { describeEnd } from './link-end.ts'
import type {
  Address,
  LinkEnd,
  Listening,
  NetInterface,
  Route,
  SocketOwner,
} from './net-contents.ts'
import { formatInterface } from './summary.ts'

/** How one value of a difference is said, by what the path of the difference leads to. */
export function describeNet(path: readonly string[], value: object): string | null {
  const [list, , field, inner] = path
  if (list === 'interfaces') {
    if (field === undefined) return describeInterface(value as NetInterface)
    if (field === 'peer' || field === 'lower') return describeEnd(value as LinkEnd)
    return inner === undefined ? null : (value as Address).scope
  }
  if (list === 'routes') return describeRoute(value as Route)
  if (list !== 'listening') return null
  return field === 'processes'
    ? describeOwner(value as SocketOwner)
    : describeListening(value as Listening)
}

function describeInterface(device: NetInterface): string {
  return formatInterface(device).replace(`${device.name} `, '')
}

function describeRoute({ gateway, interface: device, metric, source, type }: Route): string {
  const words = [
    ...(type === null || type === 'unicast' ? [] : [type]),
    ...(gateway === null ? [] : [`via ${gateway}`]),
    ...(device === null ? [] : [`dev ${device}`]),
    ...(source === null ? [] : [`src ${source}`]),
    ...(metric === null || metric === 0 ? [] : [`metric ${metric}`]),
  ]
  return words.join(' ')
}

function describeListening({ uid, processes }: Listening): string {
  const who = (processes ?? []).map(describeOwner)
  return [`uid ${uid}`, ...new Set(who)].join(', ')
}

function describeOwner({ comm, pid }: SocketOwner): string {
  return `${comm}(${pid})`
}
