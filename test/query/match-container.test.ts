import { describe, expect, it } from 'vitest'
import type { Container, ContainerFamily } from '../../src/model/container.ts'
import type { ContainerCandidate, ContainerTarget } from '../../src/model/target.ts'
import { matchContainer, pickContainer } from '../../src/query/match-container.ts'
import { parseTarget } from '../../src/query/parse-target.ts'

const HEX = (start: string) => start.padEnd(64, '0')

function candidate(
  label: string,
  more: { pid?: number; outer?: Container } & Partial<Container> = {},
): ContainerCandidate {
  const { pid = 1, outer = null, ...rest } = more
  const [, word = '', name = null] = /([a-z]+):([^/]*)$/.exec(label) ?? []
  const family = word as ContainerFamily
  const kind = family === 'unit' ? 'unit' : 'container'
  const container = {
    ...({ family, kind, id: null, name, image: null, pod: null, compose: null } as const),
    ...{ outer, evidence: [], unknown: [], ...rest },
  }
  return { container, label, pids: [pid] }
}

const box = candidate('machine:box')
const CANDIDATES = [
  candidate('docker:web', { id: HEX('3f2a9c11'), pid: 10 }),
  candidate('docker:db', { id: HEX('3f2a77'), pid: 20 }),
  candidate('podman:db', { id: HEX('12345678'), pid: 30 }),
  candidate('machine:box/docker:web', { id: HEX('aa'), pid: 40, outer: box.container }),
  box,
  candidate('docker:3f2a', { id: HEX('bb'), pid: 50 }),
  candidate('unit:nginx.service', { pid: 60 }),
  candidate('unit:box', { pid: 70 }),
  candidate('machine:other/unit:ssh.service', { pid: 80 }),
  candidate('docker:cafe00000000', { id: HEX('cafe'), name: null, pid: 90 }),
]

const asked = (text: string) => parseTarget(text) as ContainerTarget
const found = (text: string) => {
  const match = matchContainer(asked(text), CANDIDATES)
  if (match.kind === 'one') return match.candidate.label
  return match.kind === 'none' ? null : match.candidates.map(({ label }) => label)
}

describe('matchContainer', () => {
  it.each([
    ['docker:web', 'docker:web'],
    ['machine:box/docker:web', 'machine:box/docker:web'],
    ['web', ['docker:web', 'machine:box/docker:web']],
    ['db', ['docker:db', 'podman:db']],
    ['podman:db', 'podman:db'],
    [HEX('3f2a9c11'), 'docker:web'],
    ['3f2a9', 'docker:web'],
    // A name goes before an id that begins so.
    ['3f2a', 'docker:3f2a'],
    ['docker:3f2a7', 'docker:db'],
    ['podman:3f2a7', null],
    ['3f2', null],
    ['podman:123', null],
    ['podman:1234', 'podman:db'],
    ['docker:1234', null],
    ['cafe', 'docker:cafe00000000'],
    ['docker:cafe00000000', 'docker:cafe00000000'],
    // A machine goes before a unit of that name.
    ['box', 'machine:box'],
    ['unit:box', 'unit:box'],
    ['unit:nginx', 'unit:nginx.service'],
    ['nginx.service', 'unit:nginx.service'],
    ['nginx', null],
    ['unit:ssh.service', 'machine:other/unit:ssh.service'],
    ['unit:ssh', 'machine:other/unit:ssh.service'],
    ['machine:box/docker:db', null],
    ['WEB', null],
    ['docker:we', null],
  ])('%s is %j', (text, label) => {
    expect(found(text)).toEqual(label)
  })

  it('does not take the name of one for the beginning of the id of another that somebody chose', () => {
    const chosen = [
      candidate('runc:web-db', { id: 'web-db' }),
      candidate('crun:cafe', { id: 'cafe' }),
    ]
    expect(matchContainer(asked('web-'), chosen).kind).toBe('none')
    expect(matchContainer(asked('runc:web-d'), chosen).kind).toBe('none')
    expect(matchContainer(asked('web-db'), chosen)).toMatchObject({ kind: 'one' })
    expect(() => pickContainer(asked('web-d'), chosen)).toThrow("there is no container 'web-d'")
  })

  it('takes an id whose beginning is not unique for ambiguous', () => {
    const match = matchContainer(asked('docker:3f2a'), CANDIDATES.slice(0, 2))
    expect(match.kind).toBe('ambiguous')
  })
})

describe('pickContainer, where some are to be trusted', () => {
  const mine = candidate('docker:web', { pid: 10 })
  const forged = candidate('podman:web', { pid: 20, id: 'web' })
  const isTrusted = (one: ContainerCandidate) => one !== forged

  it('finds these, though another one has made up a name that goes before', () => {
    expect(pickContainer(asked('web'), [mine, forged], isTrusted)).toBe(mine)
    expect(pickContainer(asked('web'), [mine, forged])).toBe(forged)
  })

  it('finds another one where it has that name alone', () => {
    expect(pickContainer(asked('podman:web'), [mine, forged], isTrusted)).toBe(forged)
  })

  it('does not choose between two of them', () => {
    const again = candidate('lxc:web', { pid: 30 })
    const pick = () => pickContainer(asked('web'), [mine, forged, again], isTrusted)
    expect(pick).toThrow("'web' names 2 containers")
  })
})

describe('pickContainer', () => {
  const refusal = (text: string, candidates = CANDIDATES) => {
    try {
      return pickContainer(asked(text), candidates)
    } catch (error) {
      return error
    }
  }

  it('lists what an ambiguous name could mean, each so that it is a target', () => {
    expect(refusal('web')).toMatchObject({
      message: "'web' names 2 containers",
      details: {
        ...{ code: 'ambiguous-container', exitCode: 3, target: 'web' },
        hint: 'one of docker:web (docker:3f2a9c110000, pid 10), machine:box/docker:web (docker:aa0000000000, pid 40)',
      },
    })
  })

  it.each([
    ['wbe', /^did you mean docker:web, machine:box\/docker:web\?$/],
    ['podman:bd', /^did you mean podman:db\?$/],
    ['dokcer:web', /^'dokcer' is no family of containers: docker:web\?$/],
    ['foobar:web', /^'foobar' is no family of containers$/],
    ['zzzzzz', /^there are docker:web, docker:db, .* or it has stopped$/],
    ['unit:zzzzzz', /^there are unit:nginx.service, unit:box, .* or it has stopped$/],
    ['lxc:a', /^nothing runs in a container here/],
  ])('says of %s, which is none: %s', (text, hint) => {
    expect(refusal(text)).toMatchObject({
      message: `there is no container '${text}'`,
      details: { code: 'no-such-container', exitCode: 3, hint: expect.stringMatching(hint) },
    })
  })

  it('says of how many the name could not be read', () => {
    const dark = (pid: number) => {
      const whole = candidate(`docker:${pid}aa`, { pid })
      return { ...whole, container: { ...whole.container, name: null, unknown: ['name'] } }
    }
    expect(refusal('web', [dark(1), dark(2)])).toMatchObject({
      details: {
        hint: expect.stringMatching(/; the names of 2 could not be read; or it has stopped$/),
      },
    })
  })

  it('does not list hundreds', () => {
    const many = Array.from({ length: 300 }, (_, i) => candidate(`docker:c${i}`, { pid: i }))
    expect(refusal('zzzzzz', many)).toMatchObject({
      details: { hint: expect.stringMatching(/c7 and 292 more; or it has stopped$/) },
    })
  })
})
