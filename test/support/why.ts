import { collectCheckup } from '../../src/collect/doctor.ts'
import { collectWhy } from '../../src/collect/why.ts'
import { NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import { parseNsLink } from '../../src/kernel/ns-link.ts'
import type { Checkup } from '../../src/model/checkup.ts'
import type { WhyInspection } from '../../src/model/why-inspection.ts'
import { concernedBy, type Diagnosis, diagnose } from '../../src/query/doctor/doctor.ts'
import { type WhyView, whyView } from '../../src/query/why.ts'
import { NOW } from './ask.ts'
import type { FixtureHost } from './fixture-host.ts'

/** `nsx why NS` of a machine. */
export async function whyOf(
  host: FixtureHost,
  text: string,
): Promise<{ inspection: WhyInspection; view: WhyView }> {
  const link = parseNsLink(text)
  if (!link) throw new Error(`${text} is no namespace`)
  const named = { ...link, text, id: null, file: null }
  const inspection = await collectWhy(host, named, { uid: host.procfs.uid, now: NOW })
  return { inspection, view: whyView(inspection) }
}

/** `nsx doctor`. */
export async function doctorOf(
  host: FixtureHost,
  types: readonly NsType[] = NS_TYPE_NAMES,
): Promise<{ checkup: Checkup; diagnosis: Diagnosis }> {
  const checkup = await collectCheckup(host, {
    ...{ uid: host.procfs.uid, now: NOW, closely: concernedBy, heldSince: null },
  })
  return { checkup, diagnosis: diagnose(checkup, new Set(types)) }
}
