import type { ActionPlan } from '../model/exec-plan.ts'
import type { HostInfo } from '../model/snapshot.ts'
import { isDoomed, renderPlan } from '../render/plan.ts'
import { planDocument } from '../render/plan-document.ts'
import { themeOf } from '../render/theme.ts'
import type { Answer } from './base-command.ts'
import { COMMAND_STATUS } from './command-status.ts'

/** What `--dry-run` answers: the plan, and whether it would work. */
export function planAnswer(
  plan: ActionPlan,
  { command, host }: { command: 'enter' | 'run'; host: HostInfo },
): Answer {
  return {
    document: () => planDocument(plan, { command, host }),
    text: async (screen) =>
      renderPlan(plan, { command, width: screen.width ?? null, theme: await themeOf(screen) }),
    exitCode: isDoomed(plan) ? COMMAND_STATUS.failed : 0,
  }
}
