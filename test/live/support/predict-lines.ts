import { UID_A } from './callers.ts'
import { type Targets, TYPES } from './predict-targets.ts'
import type { Random } from './random.ts'

const NOTHING = ['--', '/bin/true']

function maybe(random: Random, flags: readonly (readonly [number, ...string[]])[]): string[] {
  return flags.flatMap(([probability, ...words]) => (random.chance(probability) ? words : []))
}

function idOf(random: Random): string {
  return random.pick(['0', '5', '100000', String(UID_A), '65534'])
}

/** A command line of `enter`. */
export function enterLine(random: Random, { pids, files }: Targets): string[] {
  const words = ['enter', random.pick(pids)]
  const how = random.below(10)
  if (how < 2) words.push('--all')
  else if (how < 8) {
    for (const type of random.some(TYPES, random.pick([0.15, 0.4, 0.7]))) {
      const other = random.chance(0.15) ? random.pick(files.filter(([of]) => of === type)) : null
      words.push(other ? `--${type}=${other[1]}` : `--${type}`)
    }
  }
  words.push(
    ...maybe(random, [
      [0.1, '-S', random.chance(0.3) ? 'follow' : idOf(random)],
      [0.1, '-G', random.chance(0.3) ? 'follow' : idOf(random)],
      [0.1, '--preserve-credentials'],
      [0.1, '--keep-caps'],
      [0.12, '--like'],
      [0.15, random.chance(0.3) ? '--root=/' : '--root'],
      [0.15, random.pick(['--wd', '--wd=/tmp', '--wdns=/', '--wdns=/nowhere'])],
      [0.1, '--no-fork'],
      [0.05, '--user-parent'],
      [0.04, '--sys'],
      [0.04, '--dns'],
      [0.03, '--env'],
      [0.5, '--no-pty'],
    ]),
  )
  return [...words, ...commandOf(random)]
}

function commandOf(random: Random): readonly string[] {
  return random.chance(0.08)
    ? ['--', random.pick(['/nowhere/x', 'nsx-nowhere', '/', '/etc/passwd', 'true'])]
    : NOTHING
}

/** A command line of `run`. @param binds it may name files to which namespaces are bound */
export function runLine(random: Random, { binds }: { readonly binds: boolean }): string[] {
  const types = random.some(TYPES, random.pick([0.15, 0.35, 0.6]))
  const has = (type: string) => types.some((each) => each === type)
  const words = types.map((type) =>
    binds && random.chance(0.25)
      ? `--${type}=${random.pick(['@folder', '@folder', '@folder/none'])}/${type}-${random.below(1e9)}`
      : `--${type}`,
  )
  words.push(
    ...maybe(random, [
      [0.15, '--clone'],
      [0.1, '--fork'],
      [0.1, '--keep-caps'],
      [0.15, '--setuid', idOf(random)],
      [0.15, '--setgid', idOf(random)],
      [0.1, `--root=${random.pick(['/', '@folder', '/nowhere'])}`],
      [0.1, `--wd=${random.pick(['/tmp', '/nowhere', '/etc/passwd'])}`],
    ]),
  )
  if (has('user')) words.push(...mapFlags(random))
  if (has('mount')) {
    words.push(
      ...maybe(random, [
        [0.2, '--propagation', random.pick(['private', 'slave', 'shared', 'unchanged'])],
        [0.25, random.pick(['--mount-proc', '--mount-proc', '--mount-proc=/nowhere'])],
        [0.04, '--mount-binfmt'],
      ]),
    )
  }
  if (has('pid')) words.push(...maybe(random, [[0.15, '--no-init']]))
  if (has('uts')) words.push(...maybe(random, [[0.3, '--hostname', 'box']]))
  if (has('net')) words.push(...maybe(random, [[0.3, '--loopback']]))
  if (has('time')) {
    words.push(...maybe(random, [[0.3, '--monotonic', random.pick(['86400', '-99999999'])]]))
  }
  return ['run', ...words, ...commandOf(random)]
}

function mapFlags(random: Random): string[] {
  const flags = random.pick([
    [],
    ['-r'],
    ['-r'],
    ['-c'],
    ['--map-user', '7'],
    ['--map-group', '7'],
    ['-r', '--map-auto'],
    ['--map-users', '0:100000:1000', '--map-groups', '0:100000:1000'],
    ['--map-users', '0:0:10', '--map-groups', '0:0:10'],
    ['--map-users', 'all', '--map-groups', 'all'],
    ['--map-users', `0:${UID_A}:1`],
    ['--map-users', '5:4294967000:2'],
    ['-r', '--owner', '0:0'],
    ['-r', '--owner', `${UID_A}:${UID_A}`],
  ])
  return [...flags, ...maybe(random, [[0.2, '--setgroups', random.pick(['allow', 'deny'])]])]
}
