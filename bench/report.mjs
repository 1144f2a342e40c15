/** Pure: what was measured → numbers → text. */

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length === 0) return Number.NaN
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Of paired runs: the median of each round's own ratio, so that a slow phase hits both sides. */
function ratioOf(rounds, over, under) {
  const ratios = rounds.flatMap((round) => {
    const above = over(round)
    const below = under(round)
    return above > 0 && below > 0 ? [above / below] : []
  })
  return ratios.length === 0 ? null : median(ratios)
}

const wall = (name) => (round) => round[name]?.wallMs
/** From the list of pids to the set of namespaces: one phase of nsx, three of the floor. */
const reading = (name) => (round) => {
  const timing = round[name]?.timing
  return timing?.processes ?? timing?.listPids + timing?.scan + (timing?.distinct ?? 0)
}

const RATIOS = [
  { label: 'lsns / nsx list', over: wall('lsns'), under: wall('list') },
  { label: 'lsns / nsx list --json', over: wall('lsns'), under: wall('json') },
  {
    label: 'lsns / nsx list --no-descriptors --no-sockets',
    over: wall('lsns'),
    under: wall('links'),
  },
  { label: 'nsx list / floor', over: wall('list'), under: wall('floor') },
  {
    label: 'nsx list --no-descriptors --no-sockets / floor, links only',
    over: wall('links'),
    under: wall('floor-links'),
  },
  {
    label: 'the scan itself (pids, links, descriptors): nsx / floor',
    over: reading('timing'),
    under: reading('floor'),
  },
  { label: 'lsns / floor', over: wall('lsns'), under: wall('floor') },
  { label: 'nsx show PID / nsx list --json', over: wall('show'), under: wall('json') },
]

const IDLE_RATIOS = [
  { label: 'start-up: nsx list --json / node -e 0', over: wall('json'), under: wall('node') },
  { label: 'start-up: nsx --version / node -e 0', over: wall('version'), under: wall('node') },
]

/** One population: the medians of each case and the ratios between them. */
export function summarise({ processes, rounds, missing }, cases) {
  const summaries = cases.flatMap(({ name, label }) => {
    const runs = rounds.flatMap((round) => (round[name] ? [round[name]] : []))
    if (runs.length === 0) return []
    const walls = runs.map((run) => run.wallMs)
    return [
      {
        name,
        label,
        wallMs: median(walls),
        fastestMs: Math.min(...walls),
        slowestMs: Math.max(...walls),
        cpuMs: median(runs.map((run) => run.cpuMs)),
        peakMiB: median(runs.map((run) => run.peakKiB)) / 1024,
        bytes: median(runs.map((run) => run.bytes)),
        phasesMs: phasesOf(runs),
      },
    ]
  })
  const ratios = (processes === 0 ? IDLE_RATIOS : RATIOS).map(({ label, over, under }) => ({
    label,
    value: ratioOf(rounds, over, under),
  }))
  return { processes, cases: summaries, ratios, missing, cost: costOf(rounds) }
}

/** How the time grows from the smallest to the largest population, start-up taken off both. */
export function growth(measured) {
  const [small, large] = [...measured]
    .filter(({ processes }) => processes > 0)
    .sort((a, b) => a.processes - b.processes)
    .filter((_, index, all) => index === 0 || index === all.length - 1)
  if (small === undefined || large === undefined) return null
  const [below, above] = [small, large].map(({ rounds }) =>
    median(
      rounds.flatMap(({ list, version }) =>
        list && version ? [list.wallMs - version.wallMs] : [],
      ),
    ),
  )
  if (Number.isNaN(above) || Number.isNaN(below)) return null
  return { from: small.processes, to: large.processes, value: above / below }
}

/** Of a look at two processes, start-up taken off; null: not measured. */
function costOf(rounds) {
  const costs = rounds.flatMap(({ diff, version }) =>
    diff && version ? [diff.wallMs - version.wallMs] : [],
  )
  return costs.length === 0 ? null : median(costs)
}

function phasesOf(runs) {
  const phases = runs.flatMap((run) => (run.timing ? [run.timing] : []))
  if (phases.length === 0) return null
  return Object.fromEntries(
    Object.keys(phases[0]).map((phase) => [phase, median(phases.map((each) => each[phase]))]),
  )
}

export function renderPopulation({ processes, cases, ratios, missing, cost }) {
  const title = processes === 0 ? 'The machine as it is' : `${processes} processes`
  const rows = cases.map((each) => [
    each.label,
    each.wallMs.toFixed(1),
    `${each.fastestMs.toFixed(1)}-${each.slowestMs.toFixed(1)}`,
    each.cpuMs.toFixed(1),
    each.peakMiB.toFixed(1),
    String(each.bytes),
  ])
  const phases = cases.flatMap(({ label, phasesMs }) => {
    if (phasesMs === null) return []
    const parts = Object.entries(phasesMs).map(([phase, ms]) => `${phase} ${ms.toFixed(1)}`)
    return [`${label}: ${parts.join(', ')}`]
  })
  return [
    title,
    table(['', 'wall ms', 'range', 'cpu ms', 'peak MiB', 'bytes'], rows),
    '',
    table(
      ['median of paired ratios', ''],
      ratios.map(({ label, value }) => [label, value === null ? 'skipped' : value.toFixed(2)]),
    ),
    ...(phases.length === 0 ? [] : ['', 'phases, ms', ...phases]),
    ...(cost === null
      ? []
      : ['', `nsx diff PID PID costs ${cost.toFixed(1)} ms more than nsx --version`]),
    ...missing.map(({ label, reason }) => `missing: ${label}: ${reason}`),
    '',
  ].join('\n')
}

export function table(head, rows) {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)))
  return all
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
