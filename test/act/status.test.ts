import { describe, expect, it } from 'vitest'
import { parseOutcome } from '../../src/act/status.ts'
import { withStatus } from '../../src/act/with-status.ts'
import type { ExecStep, Operation } from '../../src/model/exec-plan.ts'

describe('a line of the status', () => {
  it.each([
    { pid: 7, exitCode: null, signal: null, error: null },
    { pid: 7, exitCode: null, signal: 'TERM', error: null },
    { pid: null, exitCode: 125, signal: null, error: { message: 'cannot', errno: 'EPERM' } },
  ])('is an outcome: %j', (outcome) => {
    expect(parseOutcome(JSON.stringify(outcome))).toEqual(outcome)
  })

  it('that is broken off is none', () => {
    expect(parseOutcome('{"pid":7,"exi')).toBeNull()
  })
})

describe('a plan that tells of its end', () => {
  const exec: Operation = { name: 'exec', file: 'true', args: ['true'], environment: [] }
  const monitor: Operation = { name: 'monitor', spawns: true, pty: true, statusFd: null }
  const spawn: Operation = { name: 'spawn', flags: 0, go: null }
  const stepOf = (operation: Operation): ExecStep => ({ operation, what: '', advice: [] })
  const operations = (...all: Operation[]) =>
    withStatus({ steps: all.map(stepOf) }, 4).steps.map(({ operation }) => operation)

  it('does so by the monitor that it has', () => {
    expect(operations(monitor, spawn, exec)).toEqual([{ ...monitor, statusFd: 4 }, spawn, exec])
  })

  it('has a monitor first where it had none', () => {
    const added = { name: 'monitor', spawns: false, pty: false, statusFd: 4 }
    expect(operations(exec)).toEqual([added, exec])
  })

  it('has one that knows of a later spawn', () => {
    expect(operations(spawn, exec)[0]).toMatchObject({ name: 'monitor', spawns: true })
  })
})
