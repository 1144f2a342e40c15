import type { Snapshot } from '../model/snapshot.ts'
import type { Diagnosis } from '../query/doctor/doctor.ts'

/** `nsx doctor --json`, docs/schema/doctor.schema.json. */
export function doctorDocument({ host, coverage }: Snapshot, { findings }: Diagnosis): object {
  return { schema: 'nsx.doctor/1', command: 'doctor', host, coverage, findings }
}
