import { describe, expect, it } from 'vitest'
import type { UserNamespace } from '../../../src/model/pair.ts'
import { capabilityForecast } from '../../../src/query/forecast/capability.ts'
import { ALL, caller, INITIAL_USER, kinship, theirs } from '../enter/facts.ts'

const needed = (userNamespace: number, whose = '') => ({
  ...({ capability: 'CAP_SYS_ADMIN', userNamespace, whose } as const),
})

/** In a user namespace of its own, with all capabilities there. */
function inside(users: readonly UserNamespace[]) {
  const plain = caller({ uid: 0, capabilities: ALL })
  const links = { ...plain.subject.links, user: 10 }
  const known = new Map(users.map((each) => [each.inum, each]))
  return {
    ...{ ...plain, kernelIds: false, kinship: kinship({ users: known }) },
    subject: { ...plain.subject, links },
  }
}

describe('a capability', () => {
  it('that the caller has works, and says so', () => {
    expect(capabilityForecast(caller(), needed(INITIAL_USER))).toEqual({
      ...{ outcome: 'works', errno: null, hint: null },
      why: 'it needs CAP_SYS_ADMIN in the initial user namespace, which uid 0 has',
    })
  })

  it('that it has not fails, and says where it is needed', () => {
    expect(capabilityForecast(caller({ uid: 1000 }), needed(INITIAL_USER))).toEqual({
      ...{ outcome: 'fails', errno: 'EPERM', hint: 'run it as root: sudo nsx …' },
      why: 'it needs CAP_SYS_ADMIN in the initial user namespace, which uid 1000 does not have',
    })
  })

  it('in a user namespace of somebody else’s names that one, and its owner', () => {
    const forecast = capabilityForecast(caller({ uid: 5 }), needed(theirs('user'), 'that of web'))
    expect(forecast.why).toBe(
      'it needs CAP_SYS_ADMIN in user:[205] (that of web), which uid 5 does not have',
    )
    expect(forecast.hint).toBe('run it as root: sudo nsx …; or as uid 1000, who created it')
  })

  it('that root was left without is nothing that sudo gives', () => {
    const { hint } = capabilityForecast(caller({ capabilities: 0n }), needed(INITIAL_USER))
    expect(hint).toBe(
      'root was left without CAP_SYS_ADMIN here: run nsx where it was not taken away',
    )
  })

  it('outside of the caller’s user namespace asks to leave it', () => {
    const users = [{ inum: INITIAL_USER, parent: null, ownerUid: 0 }]
    const forecast = capabilityForecast(inside(users), needed(INITIAL_USER))
    expect(forecast.why).toMatch(/which uid 0 of user:\[10\] does not have$/)
    expect(forecast.hint).toBe('run nsx outside of user:[10]: in the initial user namespace')
  })

  it('of which nothing is known is unknown', () => {
    const forecast = capabilityForecast(inside([]), needed(99))
    expect(forecast).toMatchObject({ outcome: 'unknown', errno: 'EPERM' })
    expect(forecast.why).toMatch(/whether uid 0 of user:\[10\] has it is out of sight$/)
  })
})
