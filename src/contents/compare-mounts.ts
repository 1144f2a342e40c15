import { comparable, compareLists } from './compare.ts'
import type { Difference } from './contents.ts'
import type { MntContents, Mount } from './mnt.ts'

/**
 * By mount point, in the order of A. What only numbers tell apart is no difference: ids, peer groups, and the device, which every
 * file system without a disk gets anew. Where all mounts that both have spread in another way, as after
 * unshare(1), that is one difference.
 */
export function compareMounts(a: MntContents, b: MntContents): Difference[] {
  const differences = compareLists<Mount>(
    {
      ...{ known: comparable(a, b), path: ['mounts'], within: 'mounts' },
      key: ({ mountPoint }) => mountPoint,
      fields: ['fsType', 'source', 'root', 'options', 'superOptions', 'propagation'],
      // Another file system has nothing in common but the place.
      whole: (x, y) => x.fsType !== y.fsType,
    },
    a.mounts,
    b.mounts,
  )
  return withPropagationAsOne(
    differences.toSorted((x, y) => rank(x) - rank(y)),
    commonMounts(a, b),
  )
}

/** What any two containers differ in stands last: their image layers, and their cgroups. */
function rank({ path: [, mountPoint = '', ...rest] }: Difference): number {
  if (/^\/sys\/fs\/cgroup(?:\/|$)/.test(mountPoint)) return 2
  return mountPoint === '/' && rest.at(-1) === 'superOptions' ? 1 : 0
}

function commonMounts(a: MntContents, b: MntContents): number {
  const count = (mounts: readonly Mount[]) => {
    const counts = new Map<string, number>()
    for (const { mountPoint } of mounts) counts.set(mountPoint, (counts.get(mountPoint) ?? 0) + 1)
    return counts
  }
  const [inA, inB] = [count(a.mounts), count(b.mounts)]
  return [...inA].reduce((sum, [point, n]) => sum + Math.min(n, inB.get(point) ?? 0), 0)
}

function withPropagationAsOne(differences: readonly Difference[], common: number): Difference[] {
  const isPropagation = ({ path }: Difference) => path.at(-1) === 'propagation' && path.length === 3
  const changes = differences.filter(isPropagation)
  const [first] = changes
  const alike = changes.every(({ a, b }) => a === first?.a && b === first?.b)
  if (!first || common < 2 || changes.length !== common || !alike) return [...differences]
  const others = differences.filter((difference) => !isPropagation(difference))
  return [...others, { path: ['propagation'], a: first.a, b: first.b }]
}
