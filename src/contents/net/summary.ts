import { TABLE_MAIN } from '../../kernel/rtnetlink-routes.ts'
import { describeEnd } from './link-end.ts'
import type { Address, Listening, NetContents, NetInterface, Route } from './net-contents.ts'

/** Such as `eth0 10.88.0.5/16 (veth, up), lo; default via 10.88.0.1; listens tcp 80,443`. */
export function summariseNet({ interfaces, routes, listening, unknown }: NetContents): string {
  const parts = [
    unknown.includes('interfaces') ? '' : formatInterfaces(interfaces),
    formatDefaults(routes),
    formatListening(listening),
  ]
  return parts.filter((part) => part !== '').join('; ')
}

const INTERFACES_SHOWN = 4

/** Those with addresses first; the loopback, which everybody has, last. */
function formatInterfaces(interfaces: readonly NetInterface[]): string {
  if (interfaces.length === 0) return 'no interfaces'
  const isLoopback = ({ kind, name }: NetInterface) => kind === 'loopback' || name === 'lo'
  const loopbacks = interfaces.filter(isLoopback)
  const others = interfaces
    .filter((device) => !isLoopback(device))
    .sort((a, b) => Number(hasAddress(b)) - Number(hasAddress(a)))
  const shown = others.slice(0, INTERFACES_SHOWN).map(formatInterface)
  const more = others.length - shown.length
  return [
    ...shown,
    ...(more > 0 ? [`${more} more`] : []),
    ...loopbacks.map(({ name, state }) => (state === 'down' ? `${name} (down)` : name)),
  ].join(', ')
}

function hasAddress({ addresses }: NetInterface): boolean {
  return addresses.some(isWide)
}

function isWide({ scope }: Address): boolean {
  return scope !== 'link'
}

/** Such as `eth0 10.88.0.5/16 (veth to veth1 in net:[4026532281], up)`. */
export function formatInterface({ name, addresses, kind, state, peer }: NetInterface): string {
  const wide = addresses.filter(isWide)
  const to = peer?.namespace ? ` to ${describeEnd(peer)}` : ''
  const words = [kind && `${kind}${to}`, state].filter((word) => word !== null)
  return [
    name,
    ...wide.slice(0, 2).map(({ address }) => address),
    ...(wide.length > 2 ? ['…'] : []),
    ...(words.length > 0 ? [`(${words.join(', ')})`] : []),
  ].join(' ')
}

/** Of each family the first, which has the lowest metric. */
function formatDefaults(routes: readonly Route[]): string {
  const defaults = routes.filter(
    ({ destination, table, interface: device }) =>
      destination === 'default' && (table ?? TABLE_MAIN) === TABLE_MAIN && device !== null,
  )
  const first = (['inet', 'inet6'] as const).flatMap(
    (family) => defaults.find((route) => route.family === family) ?? [],
  )
  if (first.length === 0) return ''
  const ways = first.map((route) =>
    route.gateway === null ? `dev ${route.interface}` : `via ${route.gateway}`,
  )
  return `default ${ways.join(', ')}`
}

const PORTS_SHOWN = 8

function formatListening(listening: readonly Listening[]): string {
  const words = (['tcp', 'udp'] as const).flatMap((transport) => {
    const sockets = listening.filter(({ protocol }) => protocol.startsWith(transport))
    const ports = [...new Set(sockets.map(({ port }) => port))].sort((a, b) => a - b)
    if (ports.length === 0) return []
    const more = ports.length > PORTS_SHOWN ? ',…' : ''
    return [`${transport} ${ports.slice(0, PORTS_SHOWN).join(',')}${more}`]
  })
  return words.length === 0 ? '' : `listens ${words.join(', ')}`
}
