import { expect, it } from 'vitest'
import type { Container } from '../../src/model/container.ts'
import { containerLabel } from '../../src/model/container-label.ts'
import { isOwnedEvidence } from '../../src/model/container-owner.ts'

const ID = '3f2a9c0b1d4e'.padEnd(64, '7')

const container = (more: Partial<Container>): Container => ({
  ...{ family: 'docker', kind: 'container', id: null, name: null, image: null, pod: null },
  ...{ compose: null, outer: null, evidence: [], unknown: [] },
  ...more,
})
const box = container({ family: 'machine', kind: 'machine', name: 'box' })
const service = container({ family: 'unit', kind: 'unit', name: 'x.service' })
const pod = { name: 'front-0', namespace: 'shop', uid: null }

it.each<[string, Partial<Container>]>([
  ['docker:web', { name: 'web', id: ID }],
  ['docker:3f2a9c0b1d4e', { id: ID }],
  ['runc:my-web', { family: 'runc', id: 'my-web' }],
  ['bwrap', { family: 'bwrap' }],
  ['machine:box/docker:web', { name: 'web', outer: box }],
  ['docker:web', { name: 'web', outer: service }],
  ['machine:box/unit:x.service', { ...service, outer: box }],
  ['machine:box/docker:web', { name: 'web', outer: { ...service, outer: box } }],
  ['cri:front-0/nginx', { family: 'cri', name: 'nginx', pod }],
  ['cri:front-0', { family: 'cri', pod }],
  ['podman:web', { family: 'podman', name: 'web', pod: { ...pod, namespace: null } }],
])('the label is %s', (label, more) => {
  expect(containerLabel(container(more))).toBe(label)
})

it.each<[boolean, string, (number | null)[]]>([
  [true, "root's", [0]],
  [true, "the caller's", [1000]],
  [true, 'of both', [0, 1000]],
  [false, "another's", [0, 1001]],
  [false, 'not known', [0, null]],
  [false, 'none at all', []],
])('evidence is owned: %s where it is %s', (owned, _, uids) => {
  const evidence = uids.map((uid) => ({ kind: 'cgroup', where: '/x', uid }) as const)
  expect(isOwnedEvidence(container({ evidence }), 1000)).toBe(owned)
})
