import type { ExecStep, Operation } from '../../../src/model/exec-plan.ts'
import { runNsx } from './nsx.ts'

interface Document {
  readonly steps: readonly {
    readonly operation: string
    readonly what: string
    readonly group: number | null
    readonly optional: boolean
    readonly details: object
  }[]
}

/** The steps of a command line, as --dry-run tells them. */
export async function plannedSteps(args: readonly string[]): Promise<ExecStep[]> {
  const flags = [args[0] as string, '--dry-run', '--json', ...args.slice(1)]
  const { stdout, stderr } = await runNsx(flags)
  if (stderr !== '') throw new Error(stderr)
  return (JSON.parse(stdout) as Document).steps.map(
    ({ operation, what, group, optional, details }) => ({
      operation: { name: operation, ...details } as Operation,
      what,
      advice: [],
      ...(group === null ? {} : { group }),
      ...(optional ? { optional } : {}),
    }),
  )
}
