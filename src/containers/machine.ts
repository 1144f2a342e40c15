import { monitorOf, optionOf, programOf, userOfPath } from './evidence.ts'
import type { Family, Match, Relative } from './family.ts'

/**
 * Machines of systemd-machined: systemd-nspawn's containers (`machine-NAME.scope`, a
 * `systemd-nspawn@NAME.service`, or nothing but systemd-nspawn as the parent), and libvirt's, whose names
 * say which driver and number they have.
 */
export const machine: Family = {
  family: 'machine',
  inCgroup({ path, below, evidence }) {
    const leaf = path.at(-1) ?? ''
    // systemd-nspawn itself stays outside of the machine.
    if (below[0] === 'supervisor') return null
    const escaped = /^(?:machine-(.+)\.scope|systemd-nspawn@(.+)\.service)$/.exec(leaf)
    const name = escaped?.[1] ?? escaped?.[2]
    if (name === undefined || isPodman(name)) return null
    const plain = unescapeUnit(name)
    const libvirt = /^(?:lxc|qemu|xen)-\d+-(.+)$/s.exec(plain)?.[1]
    const monitor = monitorOf(
      evidence.lineage,
      userOfPath(path),
      (relative) => isNspawn(relative) && nameOf(relative) === plain,
    )
    return {
      ...matchOf(libvirt ?? plain, monitor),
      rest: path.length - (path.at(-2) === 'machine.slice' ? 2 : 1),
    }
  },
  byProcess({ index, relative }) {
    return index > 0 && isNspawn(relative) ? matchOf(nameOf(relative), index) : null
  },
}

/** Its pods are slices of machine.slice, which are no machines. */
function isPodman(name: string): boolean {
  return name.startsWith('libpod')
}

function matchOf(name: string | null, monitor: number | null): Match {
  return {
    ...{ kind: 'machine', id: null, monitor, tells: [], wants: [] },
    told: { name, image: null },
  }
}

/** Undoes the escape of unit names (systemd.unit(5)): `-` was a slash, `\x2d` a dash. */
function unescapeUnit(name: string): string {
  const bytes = name
    .replaceAll('-', '/')
    .replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

function isNspawn(relative: Relative): boolean {
  return programOf(relative) === 'systemd-nspawn' || relative.comm === 'systemd-nspawn'
}

/** The name it was given, else that of its directory or image (systemd-nspawn(1), --machine). */
function nameOf({ args }: Relative): string | null {
  const given = shortOption(args, 'M') ?? optionOf(args, '--machine')
  if (given) return given
  const from = shortOption(args, 'D') ?? optionOf(args, '--directory') ?? imageOf(args)
  return from?.split('/').filter(Boolean).at(-1) ?? null
}

function imageOf(args: readonly string[]): string | null {
  const image = shortOption(args, 'i') ?? optionOf(args, '--image')
  return image?.replace(/\.raw$/, '') ?? null
}

/** `-M NAME`, `-MNAME`, and among other letters: `-qM NAME`. */
function shortOption(args: readonly string[], letter: string): string | null {
  const form = new RegExp(`^-[a-zA-Z]*?${letter}(.*)$`, 's')
  for (const [i, arg] of args.entries()) {
    if (arg === '--') return null
    const value = form.exec(arg)?.[1]
    if (value !== undefined) return value || (args[i + 1] ?? null)
  }
  return null
}
