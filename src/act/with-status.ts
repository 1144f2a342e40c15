import type { ExecPlan, ExecStep } from '../model/exec-plan.ts'

/** The same plan, which tells of its end on a descriptor: by the monitor that it has, else by one more. */
export function withStatus(plan: ExecPlan, statusFd: number): ExecPlan {
  const { steps } = plan
  if (!steps.some(({ operation }) => operation.name === 'monitor')) {
    return { steps: [monitorFor(steps, statusFd), ...steps] }
  }
  return { steps: steps.map((step) => withStatusFd(step, statusFd)) }
}

function monitorFor(steps: readonly ExecStep[], statusFd: number): ExecStep {
  const spawns = steps.some(({ operation }) => operation.name === 'spawn')
  return {
    operation: { name: 'monitor', spawns, pty: false, statusFd },
    what: 'make a process that waits for the command',
    advice: [],
  }
}

function withStatusFd(step: ExecStep, statusFd: number): ExecStep {
  const { operation } = step
  return operation.name === 'monitor' ? { ...step, operation: { ...operation, statusFd } } : step
}
