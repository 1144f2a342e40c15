import { afterEach, describe, expect, it } from 'vitest'
import { inspectNamespace } from '../../src/collect/inspect-namespace.ts'
import { inspectPair } from '../../src/collect/inspect-pair.ts'
import { inspectTask } from '../../src/collect/inspect-task.ts'
import { readSubject } from '../../src/collect/subject.ts'
import { openHost } from '../../src/host/open.ts'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import { consequencesOf } from '../../src/query/consequences.ts'
import { diffView } from '../../src/query/diff.ts'
import { showView } from '../../src/query/show.ts'
import { namespaceView } from '../../src/query/show-namespace.ts'
import { diffDocument } from '../../src/render/diff-document.ts'
import { namespaceDocument, showDocument } from '../../src/render/show-document.ts'
import { faultsOf } from '../support/schemas.ts'
import { PROJECT } from './support/children.ts'
import { requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { hold, releaseAll } from './support/zoo.ts'

const able = requireRoot() && requireAddon() && requireCommand('cc')
const { host } = openHost(PROJECT, undefined)
const ROUNDS = 25

afterEach(releaseAll)

const request = () => ({ contents: NS_TYPE_NAMES, uid: 0, now: new Date() })
const taskOf = (pid: number | 'self') => readSubject(host, pid)

describe.runIf(able)('while processes come and go', () => {
  it('a task is itself, and its documents are as their schema has them', async () => {
    await hold('exec-churn', '60000')
    const { pid, inum } = await hold('process', 'uts')
    for (let i = 0; i < ROUNDS; i++) {
      const inspection = await inspectTask(host, taskOf(pid as number), request())
      const view = showView(inspection)
      expect(faultsOf('show', showDocument(inspection, view))).toEqual([])
      expect(view.subject.pid).toBe(pid)
      expect(view.namespaces.uts).toMatchObject({ ns: { inum }, processCount: 1 })
    }
  })

  it('a namespace has no member that is not its own', async () => {
    await hold('exec-churn', '60000')
    const { pid, inum } = await hold('process', 'uts')
    const named = {
      inum: inum as number,
      id: null,
      file: null,
      type: 'uts',
      text: `uts:[${inum}]`,
    } as const
    for (let i = 0; i < ROUNDS; i++) {
      const inspection = await inspectNamespace(host, named, request())
      const view = namespaceView(inspection)
      expect(faultsOf('namespace', namespaceDocument(inspection, view))).toEqual([])
      expect(view.members.map((member) => member.pid)).toEqual([pid])
    }
  })

  it('a namespace of everybody is as its schema has it', { timeout: 60_000 }, async () => {
    await hold('exec-churn', '60000')
    const named = { inum: 4026531838, id: null, file: null, type: 'uts', text: 'uts' } as const
    for (let i = 0; i < ROUNDS; i++) {
      const inspection = await inspectNamespace(host, named, request())
      const document = namespaceDocument(inspection, namespaceView(inspection))
      expect(faultsOf('namespace', document)).toEqual([])
    }
  })

  it('a comparison is as its schema has it', async () => {
    await hold('exec-churn', '60000')
    const { pid } = await hold('process', 'net')
    for (let i = 0; i < ROUNDS; i++) {
      const targets = [pid as number, 'self' as const].map((each) => {
        const { pid, startTicks } = taskOf(each)
        return { kind: 'task', text: String(each), pid, startTicks } as const
      })
      const [a, b] = targets
      if (!a || !b) throw new Error('no targets')
      const inspection = await inspectPair(host, [a, b], request())
      const consequences = inspection.pair ? consequencesOf(inspection.pair) : []
      const view = diffView(inspection, { a: a.text, b: b.text }, consequences)
      expect(faultsOf('diff', diffDocument(inspection, view))).toEqual([])
      expect(view.types.net?.same).toBe(false)
    }
  })
})
