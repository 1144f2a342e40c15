import { ageText } from '../query/doctor/age.ts'
import type { Diagnosis } from '../query/doctor/doctor.ts'
import type { Finding, FindingSubject, Severity } from '../query/doctor/finding.ts'
import { hanging } from './hanging.ts'
import type { Theme } from './theme.ts'
import { refText } from './who.ts'

export interface DoctorScreen {
  readonly width: number | null
  readonly theme: Theme
  /** When the machine was read (ISO 8601): ages are told from then. */
  readonly takenAt: string
  /** Subjects of each finding that are shown at the most; null: all. */
  readonly most: number | null
}

/** Findings, the worst first, each with what it is about and what would help. */
export async function renderDoctor({ findings }: Diagnosis, screen: DoctorScreen): Promise<string> {
  if (findings.length === 0) return `${screen.theme.good('nothing was found')}\n`
  const parts: string[] = []
  for (const finding of findings) parts.push((await findingLines(finding, screen)).join('\n'))
  return `${parts.join('\n\n')}\n`
}

const LABEL = 'warning  '.length

async function findingLines(finding: Finding, screen: DoctorScreen): Promise<string[]> {
  const { severity, text, remedy, subjects } = finding
  const { theme, most } = screen
  const styled = { ...screen, theme: { ...theme, dim: styleOf(severity, theme) } }
  const lines = await hanging(severity.padEnd(LABEL), text, { ...styled, style: theme.heading })
  const told = subjects.flatMap((subject) => subjectText(subject, screen.takenAt) ?? [])
  const shown = most === null ? told : told.slice(0, most)
  const indent = ' '.repeat(LABEL + 2)
  for (const each of shown) lines.push(...(await hanging(indent, each, screen)))
  const left = told.length - shown.length
  if (left > 0) lines.push(`${indent}${theme.dim(`${left} more: nsx doctor --verbose`)}`)
  lines.push(...(await hanging(`${' '.repeat(LABEL)}remedy: `, remedy, screen)))
  return lines
}

function styleOf(severity: Severity, theme: Theme): (text: string) => string {
  return { error: theme.unsure, warning: theme.bad, note: theme.dim }[severity]
}

/** Null: the finding itself has said it all. */
function subjectText(subject: FindingSubject, takenAt: string): string | null {
  const { namespace, container, path, detail, process } = subject
  const age = ageText(subject, takenAt)
  const what = [
    ...(namespace ? [refText(namespace)] : []),
    ...(detail ? [detail] : path ? [path] : process ? [`${process.comm} (${process.pid})`] : []),
    ...(container ? [container.label] : []),
    ...(age === null ? [] : [age]),
  ]
  return what.length > 0 ? what.join(', ') : null
}
