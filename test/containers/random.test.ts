import fc from 'fast-check'
import { expect, it } from 'vitest'
import { recognise } from '../../src/containers/recognise.ts'
import type { Container } from '../../src/model/container.ts'
import { anyText } from '../support/any-text.ts'
import { containerIn, evidenceOf, nameOf } from './support.ts'

const digits = fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: 64, maxLength: 64 })
const longId = digits.map((some) => some.join(''))
const word = fc
  .array(fc.constantFrom(...'abcxyz019-'), { minLength: 1, maxLength: 12 })
  .map((letters) => `n${letters.join('')}`)
const uuid = fc.uuid()

/** systemd-escape(1), of a name that is no path. */
const escaped = (name: string): string =>
  name.replace(/[^a-zA-Z0-9:_.]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)

interface Made {
  readonly family: string
  readonly id: string | null
  /** Null: the cgroup does not tell. */
  readonly name: string | null
  /** Below the cgroup of whatever it runs in. */
  readonly path: string
}

const made = (family: string, path: string, told: Partial<Made>): Made => ({
  ...{ family, path, id: null, name: null },
  ...told,
})

const ROOTS = ['docker', 'libpod_parent', 'kubepods']
const withId = (family: string, form: (id: string, pod: string) => string) =>
  fc.tuple(longId, uuid).map(([id, pod]) => made(family, form(id, pod), { id }))
const slice = (pod: string) => `kubepods-burstable-pod${pod.replaceAll('-', '_')}.slice`

/** Containers of both cgroup drivers, as their runtimes make them. */
const containers: fc.Arbitrary<Made> = fc.oneof(
  withId('docker', (id) => `/docker/${id}`),
  withId('docker', (id) => `/system.slice/docker-${id}.scope`),
  withId('podman', (id) => `/libpod_parent/libpod-${id}`),
  withId('podman', (id) => `/machine.slice/libpod-${id}.scope/container`),
  withId('podman', (id) => `/system.slice/web.service/libpod-payload-${id}`),
  withId('crio', (id) => `/kubepods.slice/crio-${id}.scope`),
  withId('cri', (id, pod) => `/kubepods/besteffort/pod${pod}/${id}`),
  withId('cri', (id, pod) => `/kubepods.slice/${slice(pod)}/cri-containerd-${id}.scope`),
  withId('containerd', (id) => `/system.slice/nerdctl-${id}.scope`),
  word.map((name) => made('lxc', `/lxc.payload.${name}`, { name })),
  word.map((name) =>
    made('machine', `/machine.slice/machine-${escaped(name)}.scope/payload`, { name }),
  ),
)

/** What a container may make of its own cgroup, which is no family's. */
const below = fc.constantFrom('', '/sub', '/a b/c', '/init')

const nested = fc.array(fc.tuple(containers, below), { minLength: 1, maxLength: 3 })

/** The lines of a process whose cgroup tells in some hierarchy only. */
const layouts = fc.constantFrom<(path: string) => string>(
  (path) => `0::${path}\n`,
  (path) => `2:memory:${path}\n1:name=systemd:${path}\n0::/\n`,
  (path) => `2:memory:/\n1:name=systemd:${path}\n0::/\n`,
  (path) => `2:cpu,cpuacct:/\n1:name=systemd:/\n0::${path}\n`,
)

function chain(container: Container): Container[] {
  return container.outer === null ? [container] : [container, ...chain(container.outer)]
}

it('containers in containers are each recognised, whatever the driver and the hierarchy', () => {
  fc.assert(
    fc.property(nested, layouts, (levels, layout) => {
      const path = levels.map(([{ path }, sub]) => path + sub).join('')
      const found = chain(containerIn({ cgroup: layout(path) })).filter(
        ({ kind }) => kind !== 'unit',
      )
      expect(found.map(({ family, id }) => [family, id])).toEqual(
        levels.map(([{ family, id }]) => [family, id]).reverse(),
      )
      const names = levels.map(([{ name }]) => name).reverse()
      expect(found.map(({ name }, i) => (names[i] === null ? null : name))).toEqual(names)
    }),
  )
})

it('what is nearly a form of somebody is not taken for it', () => {
  const broken = fc
    .tuple(longId, fc.constantFrom(...ROOTS))
    .map(([id, root]) => [
      `/${root}/${id.slice(1)}`,
      `/${root}x/${id}x`,
      `/${root}/${id.toUpperCase().replace(/[0-9]/g, 'G')}`,
    ])
  fc.assert(
    fc.property(broken, (paths) => {
      for (const cgroup of paths) expect(nameOf({ cgroup })).toBeNull()
    }),
  )
})

const anyArgs = fc.array(
  fc.oneof(
    anyText,
    fc.constantFrom('conmon', 'bwrap', '-c', '-n', '-id', '-namespace', 'moby', '-M'),
  ),
  { maxLength: 6 },
)
const anyComm = fc.constantFrom(
  'conmon',
  'bwrap',
  'firejail',
  'systemd-nspawn',
  'containerd-shim',
  '',
)

it('no text of a cgroup, a command line or a file makes it throw', () => {
  const relative = fc.record({ comm: anyComm, args: anyArgs })
  const names = fc.constantFrom(
    'docker',
    'libpod-',
    'machine-',
    '.scope',
    '.service',
    'a',
    '/',
    ':',
  )
  const path = fc.array(fc.oneof(names, anyText)).map((parts) => parts.join(''))
  fc.assert(
    fc.property(path, fc.array(relative), anyText, (cgroup, lineage, mountinfo) => {
      recognise(evidenceOf({ cgroup: `0::/${cgroup}`, lineage, mountinfo }))
      nameOf({ cgroup, lineage: [{}, ...lineage], files: {} })
    }),
  )
})
