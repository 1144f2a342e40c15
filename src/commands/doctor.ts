import { type Answer, BaseCommand } from '../cli/base-command.ts'
import { flagsOf } from '../cli/flags.ts'
import { stderrObserver } from '../cli/observer.ts'
import { collectCheckup } from '../collect/doctor.ts'
import { EXIT } from '../errors.ts'
import { heldSince } from '../host/mount-time.ts'
import { openHost } from '../host/open.ts'
import { concernedBy, type Diagnosis, diagnose, hasTrouble } from '../query/doctor/doctor.ts'
import { parseTypes } from '../query/list-question.ts'
import { renderDoctor } from '../render/doctor.ts'
import { doctorDocument } from '../render/doctor-document.ts'
import { themeOf } from '../render/theme.ts'

/** Subjects of each finding that one screen shows, unless all are asked for. */
const MOST_SUBJECTS = 5

export default class Doctor extends BaseCommand {
  static override summary = 'look for leaks, stray threads, and PID namespaces that cannot end'
  static override description =
    'Finds namespaces without processes and what keeps them, names in /run/netns that lead nowhere, threads ' +
    'in other namespaces than their process, PID namespaces whose init has ended or cannot end and what ' +
    'blocks it, and what could not be looked at. Each finding comes with what would help; nothing of that ' +
    'is done.\n\n' +
    'Exits with 1 if anything was found, and with 0 if nothing was.'
  static override flags = flagsOf('doctor')
  static override examples = [
    { command: 'nsx doctor', description: 'all checks' },
    { command: 'nsx doctor -t net,mnt', description: 'only what is about these types' },
    { command: 'nsx doctor --strict', description: '5 if only something could not be read' },
  ]

  async run(): Promise<Answer> {
    const { flags } = await this.parse(Doctor)
    const types = parseTypes(flags.type ?? [])
    const { host, notice } = openHost(this.packageRoot, flags.procfs)
    const checkup = await collectCheckup(host, {
      ...{ uid: process.geteuid?.() ?? 0, now: new Date(), observer: stderrObserver() },
      ...{ closely: concernedBy, heldSince: flags.procfs === undefined ? heldSince : null },
    })
    const { snapshot } = checkup.population
    const diagnosis = diagnose(checkup, types)
    return {
      document: () => doctorDocument(snapshot, diagnosis),
      text: async (screen) =>
        renderDoctor(diagnosis, {
          ...{ width: screen.width ?? null, theme: await themeOf(screen) },
          takenAt: snapshot.host.takenAt,
          most: screen.terminal && !flags.verbose ? MOST_SUBJECTS : null,
        }),
      warnings: notice === null ? [] : [notice],
      exitCode: exitCodeOf(diagnosis, flags.strict),
    }
  }
}

/** A finding counts more than that others may have been missed. */
function exitCodeOf(diagnosis: Diagnosis, strict: boolean): number {
  if (diagnosis.findings.length === 0) return EXIT.ok
  return strict && !hasTrouble(diagnosis) ? EXIT.incomplete : EXIT.findings
}
