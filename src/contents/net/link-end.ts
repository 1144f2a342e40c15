import type { LinkEnd } from './net-contents.ts'

/** Such as `veth1 in net:[4026532281]`. */
export function describeEnd({ name, index, nsid, namespace }: LinkEnd): string {
  const end = name ?? `interface ${index}`
  if (nsid === null) return end
  return namespace ? `${end} in net:[${namespace.inum}]` : `${end} in another namespace`
}
