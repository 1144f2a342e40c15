import { expect, it } from 'vitest'
import type { Container } from '../../src/model/container.ts'
import { mayActOn } from '../../src/model/container-owner.ts'
import type { ContainerTarget } from '../../src/model/target.ts'

const UID = 1000

function container(uid: number | null, outer: Container | null = null): Container {
  return {
    ...({ family: 'docker', kind: 'container', id: null, name: 'web', image: null } as const),
    ...{ pod: null, compose: null, unknown: [], outer },
    evidence: [{ kind: 'process', where: 'containerd-shim(7)', uid }],
  }
}

const unit: Container = { ...container(0), family: 'unit', kind: 'unit', name: 'docker.service' }

function mayAct(one: Container, text = 'web'): boolean {
  const target: ContainerTarget = { kind: 'container', text, family: null, name: text }
  const label = one.outer?.kind === 'container' ? 'docker:web/docker:web' : 'docker:web'
  return mayActOn({ container: one, label, pids: [1] }, target, UID)
}

it.each([
  ['root has made', 0, true],
  ['the caller has made', UID, true],
  ['another user has made', 1001, false],
  ['nobody knows who has made', null, false],
])('one may act on the name of a container that %s: %s → %s', (_, uid, may) => {
  expect(mayAct(container(uid))).toBe(may)
  expect(mayAct(container(uid, unit))).toBe(may)
})

it('a container in another one must be named with it, for root in there could have made it up', () => {
  const inner = container(0, { ...unit, outer: container(0) })
  const nested = container(0, container(0))
  expect(mayAct(nested)).toBe(false)
  expect(mayAct(inner)).toBe(false)
  expect(mayAct(nested, 'docker:web/docker:web')).toBe(true)
  expect(mayAct(container(1001, container(0)), 'docker:web/docker:web')).toBe(false)
})
