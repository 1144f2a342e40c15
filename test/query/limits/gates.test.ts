import { describe, expect, it } from 'vitest'
import type { LimitsFacts } from '../../../src/model/limits.ts'
import { GATES, gatesOf } from '../../../src/query/limits/gates.ts'
import { credentials, side } from '../rules/pairs.ts'
import { caller, facts } from '../run/run-case.ts'
import { limitsFacts } from './limits-case.ts'

function stateOf(gate: string, changes: Partial<LimitsFacts>): string | undefined {
  return gatesOf(limitsFacts([], {}, changes)).find((each) => each.gate === gate)?.state
}

const system = (changes: Partial<LimitsFacts['system']>) => ({
  system: { ...limitsFacts().system, ...changes },
})
const subject = (changes: object) => ({
  subject: side('A', { credentials: { ...credentials(), ...changes } }).subject,
})
const run = (changes: object) => ({ run: facts({ caller: caller({}, changes) }) })

describe('what else may forbid namespaces', () => {
  it.each<[string, Partial<LimitsFacts>, string]>([
    ['kernel', {}, 'allows'],
    ['kernel', system({ missing: ['time'] }), 'forbids'],
    ['max_user_namespaces', {}, 'unknown'],
    ['max_user_namespaces', { limits: { user: 0 } }, 'forbids'],
    ['max_user_namespaces', { limits: { user: 5 } }, 'allows'],
    ['unprivileged_userns_clone', {}, 'absent'],
    ['unprivileged_userns_clone', system({ unprivilegedUsers: false }), 'forbids'],
    ['unprivileged_userns_clone', system({ unprivilegedUsers: true }), 'allows'],
    ['apparmor_restrict_unprivileged_userns', {}, 'absent'],
    ['apparmor_restrict_unprivileged_userns', system({ appArmorRestricts: true }), 'mayForbid'],
    ['modules', system({ modules: null }), 'unknown'],
    ['modules', system({ modules: ['capability', 'landlock'] }), 'allows'],
    ['modules', system({ modules: ['capability', 'selinux', 'bpf'] }), 'mayForbid'],
    ['selinux', {}, 'absent'],
    ['selinux', system({ enforcing: true }), 'mayForbid'],
    ['selinux', system({ enforcing: false }), 'allows'],
    ['seccomp', {}, 'allows'],
    ['seccomp', subject({ seccomp: 2 }), 'mayForbid'],
    ['seccomp', subject({ seccomp: null }), 'unknown'],
    ['chroot', {}, 'unknown'],
    ['chroot', run({ chrooted: true }), 'forbids'],
    ['chroot', run({ chrooted: false }), 'allows'],
    ['ids', {}, 'unknown'],
    ['ids', run({}), 'allows'],
    ['ids', run({ gidMap: [] }), 'forbids'],
    ['noNewPrivs', {}, 'allows'],
    ['noNewPrivs', subject({ noNewPrivs: true }), 'mayForbid'],
    ['noNewPrivs', subject({ noNewPrivs: null }), 'unknown'],
  ])('%s, of %j: %s', (gate, changes, state) => {
    expect(stateOf(gate, changes)).toBe(state)
  })

  it('is told of the task only where there is one', () => {
    expect(gatesOf(limitsFacts()).map(({ gate }) => gate)).toEqual(GATES.map(({ gate }) => gate))
    expect(gatesOf(limitsFacts([], {}, { subject: null }))).toHaveLength(6)
  })
})
