import { EXIT, NsxError } from '../../errors.ts'
import type { EnterFacts } from '../../model/enter-facts.ts'
import type { EnterRequest } from '../../model/enter-request.ts'
import type { PlannedStep } from '../../model/exec-plan.ts'
import { FORBIDDEN, step } from './step.ts'

/**
 * Has the command confined as the target is, by AppArmor or SELinux. It takes effect at its execve(2).
 *
 * @throws NsxError where there is no label to follow
 */
export function labelSteps({ followContext }: EnterRequest, { target }: EnterFacts): PlannedStep[] {
  if (!followContext) return []
  if (!target?.label) {
    throw new NsxError(`${target?.name ?? 'the target'} has no security label to follow`, {
      ...{ code: 'no-label', exitCode: EXIT.unsupported, target: '--follow-context' },
      hint: 'it is not confined by AppArmor or SELinux: leave out -Z',
    })
  }
  const { module, name } = target.label
  const isSelinux = module === 'selinux'
  const operation = {
    name: 'writeOwn',
    file: isSelinux ? 'attr/exec' : 'attr/apparmor/exec',
    text: isSelinux ? name : `exec ${name}`,
  } as const
  const advice = [
    { errno: 'EACCES', why: 'the policy does not allow that change', hint: 'leave out -Z' },
    { errno: 'ENOENT', why: 'there is no such profile in our namespace of profiles', hint: null },
    FORBIDDEN,
  ]
  return [step(operation, `be confined as ${target.name} is (${name})`, { advice })]
}
