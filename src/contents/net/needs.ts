import { isWholeDump } from '../../kernel/netlink.ts'
import { addressesRequest, linksRequest, NETLINK_ROUTE } from '../../kernel/rtnetlink.ts'
import { routesRequest } from '../../kernel/rtnetlink-routes.ts'
import { listeningRequest, NETLINK_SOCK_DIAG } from '../../kernel/sock-diag.ts'
import type { ContentsNeed, ContentsNeedHow, ContentsNeeds } from '../contents.ts'

type Need = ContentsNeed & ContentsNeedHow

const RESOLV_CONF_BYTES = 64 * 1024

/** Netlink tells all; the tables of /proc/PID/net stand in for it, for whoever may not join the namespace. */
export const netNeeds: ContentsNeeds = {
  links: dump(NETLINK_ROUTE, linksRequest()),
  addresses: dump(NETLINK_ROUTE, addressesRequest()),
  routes4: dump(NETLINK_ROUTE, routesRequest('inet')),
  routes6: dump(NETLINK_ROUTE, routesRequest('inet6')),
  tcp: dump(NETLINK_SOCK_DIAG, listeningRequest('tcp')),
  tcp6: dump(NETLINK_SOCK_DIAG, listeningRequest('tcp6')),
  udp: dump(NETLINK_SOCK_DIAG, listeningRequest('udp')),
  udp6: dump(NETLINK_SOCK_DIAG, listeningRequest('udp6')),
  resolvConf: { from: 'root', path: 'etc/resolv.conf', limit: RESOLV_CONF_BYTES },
  procDev: table('dev', 'links'),
  procIfInet6: table('if_inet6', 'addresses'),
  procFibTrie: table('fib_trie', 'addresses'),
  procRoute: table('route', 'routes4'),
  procIpv6Route: table('ipv6_route', 'routes6'),
  procTcp: table('tcp', 'tcp'),
  procTcp6: table('tcp6', 'tcp6'),
  procUdp: table('udp', 'udp'),
  procUdp6: table('udp6', 'udp6'),
}

function dump(protocol: number, request: Uint8Array): Need {
  return {
    from: 'inside',
    question: { ask: 'netlink', protocol, request },
    enough: isWholeDump,
  }
}

function table(file: string, ifFailed: string): Need {
  return { from: 'process', file: `net/${file}`, ifFailed }
}
