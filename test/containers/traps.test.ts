import { describe, expect, it } from 'vitest'
import { recognise } from '../../src/containers/recognise.ts'
import { isOwnedEvidence } from '../../src/model/container-owner.ts'
import { conmon, containerIn, evidenceOf, ID, ID2, labelOf, nameOf, POD, shim } from './support.ts'

const SHORT = ID.slice(0, 12)

describe('what is no sign of a container', () => {
  it('the marks that are inherited or lie about: a .dockerenv, an environment, mounts of another', () => {
    // None of these is evidence at all: there is no way to hand them in. Mounts are, but of podman's own.
    const mountinfo = [
      `90 80 254:0 /var/lib/docker/containers/${ID2}/hosts /etc/hosts rw - ext4 /dev/vda rw`,
      `91 80 0:50 /containers/overlay-containers/${ID2}/userdata/hosts /etc/hosts rw - tmpfs t rw`,
      `92 80 254:0 /.dockerenv /.dockerenv rw - ext4 /dev/vda rw`,
    ].join('\n')
    expect(nameOf({ mountinfo })).toBeNull()
    expect(labelOf({ cgroup: `/docker/${ID}`, mountinfo })).toBe(`docker:${SHORT}`)
  })

  it('the working directory of the one who started it, in the cgroups of this machine', () => {
    const cgroup = [
      '9:name=systemd:/',
      '8:pids:/',
      '4:memory:/process_api/5e31b6d2a99272b9999a9b475a46f190',
      '0::/',
    ].join('\n')
    expect(recognise(evidenceOf({ cgroup }))).toBeNull()
  })

  it('a zombie, which has nothing left', () => {
    expect(nameOf({ cgroup: '0::/\n', lineage: [{ comm: 'sleep' }, 'bash'] })).toBeNull()
  })
})

describe('the cgroup that counts', () => {
  it("is the container's, where the shim has the id of the sandbox", () => {
    const seen = { cgroup: `/kubepods/pod${POD}/${ID}`, lineage: ['x', shim('k8s.io', ID2)] }
    expect(containerIn(seen)).toMatchObject({ id: ID, outer: null })
  })

  it.each([
    ['v1 alone, v2 at its root', `5:devices:/docker/${ID}\n4:memory:/docker/${ID}\n0::/`],
    ['v2 alone, v1 at its root', `5:devices:/\n4:memory:/\n0::/docker/${ID}`],
    ["systemd's hierarchy alone", `5:devices:/\n1:name=systemd:/docker/${ID}\n0::/`],
    [
      'a unit in one, the container in another',
      `5:pids:/system.slice/x.service\n4:memory:/docker/${ID}`,
    ],
    ['the container first', `4:memory:/docker/${ID}\n5:pids:/system.slice/x.service`],
  ])('is in any line: %s', (_, cgroup) => {
    expect(labelOf({ cgroup })).toBe(`docker:${SHORT}`)
  })

  it('is the line that tells of more containers', () => {
    const cgroup = `2:pids:/docker/${ID}\n1:name=systemd:/machine.slice/machine-box.scope/payload/docker/${ID}`
    expect(labelOf({ cgroup })).toBe(`machine:box/docker:${SHORT}`)
  })

  it('is one with runc below the memory cgroup of the caller', () => {
    const cgroup = '8:pids:/web\n4:memory:/process_api/5e31/web\n1:name=systemd:/web\n0::/web'
    const files = { '/run/runc/web/state.json': { id: 'web' } }
    expect(labelOf({ cgroup, files })).toBe('runc:web')
  })

  it('can be out of sight of our own cgroup namespace', () => {
    expect(labelOf({ cgroup: '/../..' })).toBeNull()
    expect(labelOf({ cgroup: `/../${ID}` })).toBeNull()
    expect(labelOf({ cgroup: `/../docker-${ID}.scope` })).toBe(`docker:${SHORT}`)
  })

  it('is that of a removed container, too', () => {
    expect(labelOf({ cgroup: `0::/docker/${ID} (deleted)` })).toBe(`docker:${SHORT}`)
  })

  it('may be found below, in what the container made', () => {
    const cgroup = `0::/system.slice/docker-${ID}.scope/init.scope/a b/c:d`
    expect(labelOf({ cgroup })).toBe(`docker:${SHORT}/unit:init.scope`)
  })

  it('does not need a namespace of its own: a container of the host is one, too', () => {
    expect(labelOf({ cgroup: `/docker/${ID}`, lineage: ['x'] })).toBe(`docker:${SHORT}`)
  })
})

describe('whoever makes a container up', () => {
  const uid = 12345

  it.each([
    ['conmon', conmon(ID, 'web', { uid })],
    ['a shim', shim('moby', ID, { uid })],
    ['a shim of ctr', shim('jobs', 'web', { uid })],
    ['bubblewrap', { comm: 'bwrap', args: ['bwrap'], uid }],
    ['nspawn', { comm: 'systemd-nspawn', args: ['systemd-nspawn', '-M', 'web'], uid }],
    ["LXC's monitor", { comm: 'lxc-start', args: ['[lxc monitor] /var/lib/lxc web'], uid }],
  ])('is told as %s', (_, fake) => {
    const container = nameOf({ lineage: ['x', fake] })
    expect(container === null ? 'none' : container).toSatisfy(
      (found) => found === 'none' || !isOwnedEvidence(found, 0),
    )
  })

  it('may be the caller, who is not fooled by it', () => {
    expect(isOwnedEvidence(containerIn({ lineage: ['x', conmon(ID, 'web', { uid })] }), uid)).toBe(
      true,
    )
  })

  it('reads nothing but their own: the wanted files are to be theirs', () => {
    const found = recognise(evidenceOf({ lineage: ['x', conmon(ID, 'web', { uid })] }))
    expect(found).toMatchObject({ maker: uid })
  })

  it('below their own manager has a cgroup of theirs, in which root has no containers', () => {
    const cgroup = `/user.slice/user-${uid}.slice/user@${uid}.service/docker-${ID}.scope`
    const files = { [`/var/lib/docker/containers/${ID}/config.v2.json`]: { ID, Name: '/web' } }
    const container = containerIn({ cgroup, files })
    expect(container).toMatchObject({ name: null, unknown: ['name', 'image', 'compose'] })
    expect(isOwnedEvidence(container, 0)).toBe(false)
  })

  it('within a container is no monitor of it: the outermost is', () => {
    const lineage = [
      'x',
      shim('moby', ID, { pid: 50 }),
      'sh',
      shim('moby', ID, { pid: 40 }),
      'systemd',
    ]
    const container = containerIn({ cgroup: `/docker/${ID}`, lineage })
    expect(container.evidence).toContainEqual({
      kind: 'process',
      where: 'containerd-shim(40)',
      uid: 0,
    })
  })

  it.each([
    ['docker', `/docker/${ID}`, shim('moby', ID, { uid })],
    ['podman', `/libpod_parent/libpod-${ID}`, conmon(ID, 'other', { uid })],
    ['docker with gVisor', `/docker/${ID}`, { args: ['runsc-sandbox', ID], uid }],
    ['LXC', '/lxc.payload.web', { args: ['[lxc monitor] /var/lib/lxc web'], uid }],
    ['nspawn', '/machine.slice/machine-web.scope', { args: ['systemd-nspawn', '-M', 'web'], uid }],
  ])('within %s neither adds to the evidence nor takes from it', (_, cgroup, fake) => {
    const found = recognise(evidenceOf({ cgroup, lineage: ['x', fake] }))
    expect(found?.evidence.map(({ kind }) => kind)).toEqual(['cgroup'])
    expect(found).toMatchObject({ maker: 0, outer: null })
  })

  it('is not listened to where the cgroup is root’s', () => {
    const container = containerIn({
      cgroup: `/docker/${ID}`,
      lineage: ['x', shim('moby', ID, { uid })],
    })
    expect(container.evidence).toContainEqual({ kind: 'cgroup', where: `/docker/${ID}`, uid: null })
    expect(isOwnedEvidence(container, 0)).toBe(false)
  })
})
