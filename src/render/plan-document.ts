import type { ActionPlan, Operation, PlannedStep } from '../model/exec-plan.ts'
import type { HostInfo } from '../model/snapshot.ts'

export interface PlanDocumentFacts {
  readonly command: 'enter' | 'run'
  readonly host: HostInfo
}

/** `nsx enter|run --dry-run --json`, docs/schema/enter.schema.json and run.schema.json. */
export function planDocument(plan: ActionPlan, { command, host }: PlanDocumentFacts): object {
  return {
    schema: `nsx.${command}/1`,
    ...{ command, host },
    steps: plan.steps.map(stepDocument),
    ...{
      notes: [...plan.notes, ...plan.remarks].map(wellFormed),
      skipped: plan.skipped.map(wellFormed),
    },
  }
}

function stepDocument({ operation, what, optional, group, forecast }: PlannedStep): object {
  const { outcome, errno, why, hint } = forecast
  return {
    operation: operation.name,
    what: wellFormed(what),
    group: group ?? null,
    optional: optional ?? false,
    ...{ outcome, errno, why: why && wellFormed(why), hint: hint && wellFormed(hint) },
    details: detailsOf(operation),
  }
}

/** The fields of the operation beside its name; the command's words are bytes, and become text. */
function detailsOf(operation: Operation): object {
  const { name, ...details } = operation
  if (name !== 'exec') return details
  const { file, args, environment } = operation
  // Values of variables may be secrets, and a document is kept; the names tell what is passed on.
  const names = environment.map((variable) => variable.split('=')[0] ?? '')
  return { file: textOf(file), args: args.map(textOf), environment: names.map(textOf) }
}

function textOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Half a character, as a command line may have it, would be invalid JSON for many readers. */
function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8')
}
