import { describe, expect, it } from 'vitest'
import { conmon, ID, ID2, labelOf, POD, PODID, type Seen, shim } from './support.ts'

const SHORT = ID.slice(0, 12)
const POD_ = POD.replaceAll('-', '_')
const RUNC = `run/runc/web/state.json`

/** Every form of CONTAINERS: what is seen, and in one word what it is. */
const FORMS: readonly [what: string, seen: Seen, label: string | null][] = [
  ['docker, cgroupfs', { cgroup: `/docker/${ID}` }, `docker:${SHORT}`],
  ['docker, systemd', { cgroup: `/system.slice/docker-${ID}.scope` }, `docker:${SHORT}`],
  [
    'docker, rootless',
    { cgroup: `/user.slice/user-7.slice/user@7.service/user.slice/docker-${ID}.scope` },
    `docker:${SHORT}`,
  ],
  [
    'docker with --cgroup-parent, by its shim',
    { cgroup: `/jobs/${ID}`, lineage: ['sleep 9', shim('moby', ID)] },
    `docker:${SHORT}`,
  ],
  ['a number below any other directory', { cgroup: `/jobs/${ID}` }, null],
  [
    'docker by the shim alone, where the cgroup cannot be seen',
    { cgroup: '/../..', lineage: ['sleep 9', shim('moby', ID), 'systemd'] },
    `docker:${SHORT}`,
  ],
  [
    'docker in docker',
    { cgroup: `/docker/${ID}/docker/${ID2}` },
    `docker:${SHORT}/docker:${ID2.slice(0, 12)}`,
  ],
  ['ctr', { cgroup: '/jobs/mine', lineage: ['sleep 9', shim('jobs', 'mine')] }, 'containerd:mine'],
  ['nerdctl, systemd', { cgroup: `/system.slice/nerdctl-${ID}.scope` }, `containerd:${SHORT}`],
  ['nerdctl, cgroupfs', { cgroup: `/default/${ID}` }, `containerd:${SHORT}`],
  ['CRI, cgroupfs, burstable', { cgroup: `/kubepods/burstable/pod${POD}/${ID}` }, `cri:${SHORT}`],
  ['CRI, cgroupfs, guaranteed', { cgroup: `/kubepods/pod${POD}/${ID}` }, `cri:${SHORT}`],
  [
    'CRI, systemd',
    {
      cgroup: `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${POD_}.slice/cri-containerd-${ID}.scope`,
    },
    `cri:${SHORT}`,
  ],
  [
    'CRI, a driver told of systemd by mistake',
    { cgroup: `/system.slice/containerd.service/kubepods-pod${POD_}.slice:cri-containerd:${ID}` },
    `cri:${SHORT}`,
  ],
  [
    'kind: CRI in docker',
    {
      cgroup: `/docker/${ID2}/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${POD_}.slice/cri-containerd-${ID}.scope`,
    },
    `docker:${ID2.slice(0, 12)}/cri:${SHORT}`,
  ],
  [
    'dockershim',
    { cgroup: `/kubepods.slice/kubepods-pod${POD_}.slice/docker-${ID}.scope` },
    `cri:${SHORT}`,
  ],
  ['CRI-O', { cgroup: `/kubepods.slice/x.slice/crio-${ID}.scope/container` }, `crio:${SHORT}`],
  ['CRI-O, cgroupfs', { cgroup: `/kubepods/pod${POD}/crio-${ID}` }, `crio:${SHORT}`],
  [
    "CRI-O's monitor",
    { cgroup: `/system.slice/crio-conmon-${ID}.scope` },
    `unit:crio-conmon-${ID}.scope`,
  ],
  ['podman, cgroupfs', { cgroup: `/libpod_parent/libpod-${ID}` }, `podman:${SHORT}`],
  ['podman, in a pod', { cgroup: `/libpod_parent/${PODID}/libpod-${ID}` }, `podman:${SHORT}`],
  ['podman, systemd', { cgroup: `/machine.slice/libpod-${ID}.scope` }, `podman:${SHORT}`],
  ['podman, crun', { cgroup: `/machine.slice/libpod-${ID}.scope/container` }, `podman:${SHORT}`],
  [
    'podman, systemd, in a pod',
    { cgroup: `/machine.slice/machine-libpod_pod_${PODID}.slice/libpod-${ID}.scope` },
    `podman:${SHORT}`,
  ],
  ['Quadlet', { cgroup: `/system.slice/web.service/libpod-payload-${ID}` }, `podman:${SHORT}`],
  [
    "podman's monitor",
    { cgroup: `/machine.slice/libpod-conmon-${ID}.scope` },
    `unit:libpod-conmon-${ID}.scope`,
  ],
  [
    'rootless podman',
    {
      cgroup: `/user.slice/user-7.slice/user@7.service/user.slice/libpod-${ID}.scope/container`,
    },
    `podman:${SHORT}`,
  ],
  [
    'rootless podman without a cgroup, by conmon',
    { lineage: ['sleep 9', conmon(ID, 'web', { uid: 1000 })] },
    'podman:web',
  ],
  [
    'rootless podman without a cgroup and out of sight of conmon, by its mounts',
    {
      cgroup: '/user.slice/session-3.scope',
      mountinfo: `90 80 0:50 /containers/overlay-containers/${ID}/userdata/.containerenv /run/.containerenv rw - tmpfs tmpfs rw`,
    },
    `podman:${SHORT}`,
  ],
  ['runc, by its parent', { cgroup: '/web', lineage: ['sh', 'runc run -b /x web'] }, 'runc:web'],
  ['runc, by its state', { cgroup: '/web', files: { [`/${RUNC}`]: { id: 'web' } } }, 'runc:web'],
  ['any directory', { cgroup: '/web' }, null],
  [
    'any directory, the state of another',
    { cgroup: '/web', files: { [`/${RUNC}`]: { id: 'a' } } },
    null,
  ],
  ['what only root could tell', { cgroup: '/web', files: { [`/${RUNC}`]: 'EACCES' } }, 'untold'],
  [
    'crun, by its state',
    { cgroup: '/web', files: { '/run/crun/web/status': { bundle: '/x', pid: 5 } } },
    'crun:web',
  ],
  ['crun, systemd', { cgroup: '/system.slice/crun-web.scope' }, 'crun:web'],
  [
    'nspawn',
    { cgroup: '/machine.slice/machine-my\\x2dbox.scope/payload/init.scope' },
    'machine:my-box/unit:init.scope',
  ],
  [
    'nspawn itself',
    { cgroup: '/machine.slice/machine-box.scope/supervisor' },
    'unit:machine-box.scope',
  ],
  [
    'nspawn, a service',
    { cgroup: '/machine.slice/systemd-nspawn@box.service/payload' },
    'machine:box',
  ],
  [
    'nspawn --keep-unit, by its parent',
    { cgroup: '/payload', lineage: ['sleep 9', 'systemd-nspawn -qM box --keep-unit'] },
    'machine:box',
  ],
  [
    'nspawn without a name',
    { cgroup: '/payload', lineage: ['sleep 9', 'systemd-nspawn --directory=/srv/tree/'] },
    'machine:tree',
  ],
  [
    'docker in nspawn',
    { cgroup: `/machine.slice/machine-box.scope/payload/system.slice/docker-${ID}.scope` },
    `machine:box/docker:${SHORT}`,
  ],
  ['libvirt LXC', { cgroup: '/machine.slice/machine-lxc\\x2d7\\x2dweb.scope' }, 'machine:web'],
  [
    'libvirt QEMU',
    { cgroup: '/machine.slice/machine-qemu\\x2d12\\x2dmy\\x2dvm.scope/libvirt/emulator' },
    'machine:my-vm',
  ],
  ['LXC', { cgroup: '/lxc.payload.web' }, 'lxc:web'],
  [
    'LXC with systemd inside',
    { cgroup: '/lxc.payload.web/system.slice/ssh.service' },
    'lxc:web/unit:ssh.service',
  ],
  ["LXC's monitor", { cgroup: '/lxc.monitor.web' }, null],
  ['LXC before 4', { cgroup: '/lxc/web' }, 'lxc:web'],
  [
    'LXC by its monitor alone',
    { lineage: ['sleep 9', { comm: 'lxc-start', args: ['[lxc monitor] /var/lib/lxc web'] }] },
    'lxc:web',
  ],
  [
    'Incus, in a project',
    {
      cgroup: '/lxc.payload.my_proj_web',
      lineage: ['sleep 9', { args: ['[lxc monitor] /var/lib/incus/containers my_proj_web'] }],
    },
    'lxc:web',
  ],
  [
    'firejail',
    { lineage: ['sh', 'firejail --name=box sh', 'firejail --name=box sh'] },
    'firejail:box',
  ],
  [
    'firejail, by its file',
    {
      lineage: ['sh', 'firejail sh', 'firejail sh', 'bash'],
      files: { '/run/firejail/name/998': 'box\n' },
    },
    'firejail:box',
  ],
  ['firejail without a name', { lineage: ['sh', 'firejail sh'] }, 'firejail'],
  ['firejail itself', { lineage: ['firejail sh', 'bash'] }, null],
  ['bubblewrap', { lineage: ['sh', 'bwrap --unshare-all sh', 'bwrap --unshare-all sh'] }, 'bwrap'],
  [
    'the first process of bubblewrap',
    { lineage: ['bwrap --unshare-all sh', 'bwrap --unshare-all sh'] },
    'bwrap',
  ],
  ['bubblewrap itself', { lineage: ['bwrap --unshare-all sh', 'bash'] }, null],
  [
    'bubblewrap in bubblewrap',
    { lineage: ['sh', 'bwrap a', 'bwrap a', 'bwrap b', 'bwrap b', 'bash'] },
    'bwrap/bwrap',
  ],
  [
    'bubblewrap in docker',
    { cgroup: `/docker/${ID}`, lineage: ['sh', 'bwrap a', 'sh', shim('moby', ID)] },
    `docker:${SHORT}/bwrap`,
  ],
  [
    'podman in bubblewrap',
    {
      cgroup: `/libpod_parent/libpod-${ID}`,
      lineage: ['sh', conmon(ID, 'web'), 'bwrap a', 'bash'],
    },
    'bwrap/podman:web',
  ],
  [
    'flatpak',
    {
      cgroup:
        '/user.slice/user-7.slice/user@7.service/app.slice/app-flatpak-org.example.App-812.scope',
      lineage: ['app', 'bwrap --args 40 app', 'bwrap --args 40 app'],
    },
    'flatpak:org.example.App',
  ],
  ['snap of old', { cgroup: `/user.slice/snap.code.code.${POD}.scope` }, 'snap:code'],
  ['snap', { cgroup: `/user.slice/snap.lxd.hook-${POD}.scope` }, 'snap:lxd.hook'],
  ['snap, a service', { cgroup: '/system.slice/snap.lxd.daemon.service' }, 'snap:lxd.daemon'],
  [
    'gVisor',
    { lineage: [{ comm: 'exe', args: ['runsc-sandbox', '--root=/run/runsc', 'boot', 'web'] }] },
    'gvisor:web',
  ],
  [
    'gVisor as a runtime of docker',
    {
      cgroup: `/docker/${ID}`,
      lineage: [{ comm: 'exe', args: ['runsc-sandbox', 'boot', ID] }, shim('moby', ID)],
    },
    `docker:${SHORT}`,
  ],
  [
    'Chromium',
    {
      lineage: [
        '/opt/chrome --type=renderer --lang=en',
        '/opt/chrome --type=zygote',
        '/opt/chrome',
      ],
    },
    'chromium:renderer',
  ],
  [
    'Chromium, its title one string',
    {
      lineage: [
        { comm: 'chrome', args: ['/opt/chrome --type=renderer'] },
        '/opt/chrome --type=zygote',
      ],
    },
    'chromium:renderer',
  ],
  ['the like of Chromium', { lineage: ['curl --type=renderer', 'bash'] }, null],
  ['a service', { cgroup: '/system.slice/nginx.service' }, 'unit:nginx.service'],
  [
    'a scope in the manager of a user',
    { cgroup: '/user.slice/user-7.slice/user@7.service/app.slice/app-x.scope' },
    'unit:app-x.scope',
  ],
  ['a slice', { cgroup: '/user.slice/user-7.slice' }, null],
  ['the root', { cgroup: '/' }, null],
  ['Amazon ECS', { cgroup: `/ecs/0123abcd/${ID}` }, `ecs:${SHORT}`],
  ['Garden', { cgroup: '/garden/ab12-34' }, 'garden:ab12-34'],
  ['Mesos', { cgroup: '/mesos/ab12-34' }, 'mesos:ab12-34'],
  ['BuildKit', { cgroup: '/docker/buildkit/x1y2z3' }, 'buildkit:x1y2z3'],
  ['Nomad', { cgroup: `/nomad.slice/share.slice/${POD}.web.scope` }, `nomad:${POD}.web`],
  ['Kata', { cgroup: `/kata_${ID}` }, `kata:${SHORT}`],
]

describe('a process is recognised', () => {
  it.each(FORMS)('%s', (_, seen, label) => {
    expect(labelOf(seen)).toBe(label)
  })
})
