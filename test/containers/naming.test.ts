import { describe, expect, it } from 'vitest'
import type { Container } from '../../src/model/container.ts'
import { conmon, containerIn, ID, ID2, nameOf, POD, PODID, type Seen, shim } from './support.ts'

const DOCKER = `/var/lib/docker/containers/${ID}/config.v2.json`
const TASKS = 'io.containerd.runtime.v2.task'
const WEB = {
  ID,
  Name: '/web',
  Config: {
    Image: 'nginx:1.27',
    Labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'front' },
  },
}
const NAMED = {
  name: 'web',
  image: 'nginx:1.27',
  compose: { project: 'shop', service: 'front' },
  unknown: [],
}

const STORAGE = 'var/lib/containers/storage/overlay-containers'
const LISTED = [
  { id: ID2, names: ['other'] },
  { id: ID, names: ['web'], metadata: JSON.stringify({ 'image-name': 'docker.io/library/nginx' }) },
]

const CRI = {
  annotations: {
    'io.kubernetes.cri.container-type': 'container',
    'io.kubernetes.cri.container-name': 'nginx',
    'io.kubernetes.cri.image-name': 'docker.io/library/nginx:1',
    'io.kubernetes.cri.sandbox-id': ID2,
    'io.kubernetes.cri.sandbox-name': 'front-0',
    'io.kubernetes.cri.sandbox-namespace': 'shop',
    'io.kubernetes.cri.sandbox-uid': POD,
  },
}
const POD_FULL = { name: 'front-0', namespace: 'shop', uid: POD }

const CRIO = {
  annotations: {
    'io.kubernetes.cri-o.ContainerType': 'container',
    'io.kubernetes.cri-o.ImageName': 'quay.io/nginx',
    'io.kubernetes.container.name': 'nginx',
    'io.kubernetes.pod.name': 'front-0',
    'io.kubernetes.pod.namespace': 'shop',
    'io.kubernetes.pod.uid': POD,
  },
}

/** What the files of a family tell. */
const TOLD: readonly [what: string, seen: Seen, told: Partial<Container>][] = [
  ['docker', { cgroup: `/docker/${ID}`, files: { [DOCKER]: WEB } }, { id: ID, ...NAMED }],
  [
    'docker as its shim sees it',
    {
      cgroup: `/docker/${ID}`,
      lineage: ['x', shim('moby', ID)],
      files: { [`999/root${DOCKER}`]: WEB },
    },
    NAMED,
  ],
  [
    'docker with another data-root, by the mounts of its bundle',
    {
      cgroup: `/docker/${ID}`,
      lineage: ['x', shim('moby', ID)],
      files: {
        '999/cwd/config.json': {
          // It shares the network of another container, and so that one's files.
          mounts: [{ source: 'proc' }, { source: `/srv/d/containers/${ID2}/hosts` }],
        },
        [`999/root/srv/d/containers/${ID}/config.v2.json`]: WEB,
      },
    },
    NAMED,
  ],
  [
    'docker with another data-root, by the root of its bundle',
    {
      cgroup: `/docker/${ID}`,
      lineage: ['x', shim('moby', ID)],
      files: {
        [`999/root/run/containerd/${TASKS}/moby/${ID}/config.json`]: {
          root: { path: '/srv/d/overlay2/abc/merged' },
        },
        [`999/root/srv/d/containers/${ID}/config.v2.json`]: WEB,
      },
    },
    NAMED,
  ],
  [
    "docker, a file that is another container's",
    { cgroup: `/docker/${ID}`, files: { [DOCKER]: { ...WEB, ID: ID2 } } },
    { name: null, image: null, compose: null, unknown: ['name', 'image', 'compose'] },
  ],
  [
    'docker without labels',
    { cgroup: `/docker/${ID}`, files: { [DOCKER]: { ...WEB, Config: { Image: 'x' } } } },
    { ...NAMED, image: 'x', compose: null },
  ],
  [
    'docker, a file cut short',
    { cgroup: `/docker/${ID}`, files: { [DOCKER]: '{"ID": ' } },
    { name: null, unknown: ['name', 'image', 'compose'] },
  ],
  [
    'docker, a file that may not be read',
    { cgroup: `/docker/${ID}`, files: { [DOCKER]: 'EACCES' } },
    { name: null, unknown: ['name', 'image', 'compose'] },
  ],
  [
    "rootless docker, whose files are its user's",
    {
      cgroup: `/user.slice/user@7.service/user.slice/docker-${ID}.scope`,
      lineage: ['x', shim('moby', ID, { uid: 7 })],
      files: {
        '999/cwd/config.json': { mounts: [{ source: `/home/u/d/containers/${ID}/hostname` }] },
        [`999/root/home/u/d/containers/${ID}/config.v2.json`]: WEB,
      },
    },
    NAMED,
  ],
  [
    'dockershim',
    {
      cgroup: `/kubepods/pod${POD}/${ID}`,
      lineage: ['x', shim('moby', ID)],
      files: {
        [`999/root${DOCKER}`]: {
          ID,
          Name: `/k8s_nginx_front-0_shop_${POD}_0`,
          Config: { Image: 'sha256:1' },
        },
      },
    },
    {
      family: 'cri',
      name: 'nginx',
      image: 'sha256:1',
      pod: POD_FULL,
      kind: 'container',
      unknown: [],
    },
  ],
  [
    "dockershim's pause container",
    {
      cgroup: `/kubepods/pod${POD}/${ID}`,
      lineage: ['x', shim('moby', ID)],
      files: { [`999/root${DOCKER}`]: { ID, Name: `/k8s_POD_front-0_shop_${POD}_0` } },
    },
    { name: 'POD', pod: POD_FULL, kind: 'sandbox' },
  ],
  [
    'nerdctl',
    {
      cgroup: `/default/${ID}`,
      files: {
        [`/run/containerd/${TASKS}/default/${ID}/config.json`]: {
          annotations: { 'nerdctl/name': 'web', ...WEB.Config.Labels },
        },
      },
    },
    { name: 'web', compose: NAMED.compose, image: null },
  ],
  [
    'ctr',
    { cgroup: '/jobs/web', lineage: ['x', shim('jobs', 'web')] },
    { id: 'web', name: 'web', image: null, compose: null, unknown: [] },
  ],
  [
    'CRI, by the state of its own and not of the sandbox that the shim is for',
    {
      cgroup: `/kubepods/pod${POD}/${ID}`,
      lineage: ['x', shim('k8s.io', ID2)],
      files: {
        '999/cwd/config.json': { annotations: { 'io.kubernetes.cri.container-type': 'sandbox' } },
        [`999/root/run/containerd/${TASKS}/k8s.io/${ID}/config.json`]: CRI,
      },
    },
    { id: ID, name: 'nginx', image: 'docker.io/library/nginx:1', pod: POD_FULL, kind: 'container' },
  ],
  [
    "CRI's sandbox",
    {
      cgroup: `/kubepods/pod${POD}/${ID}`,
      lineage: ['x', shim('k8s.io', ID)],
      files: {
        '999/cwd/config.json': {
          annotations: { ...CRI.annotations, 'io.kubernetes.cri.container-type': 'sandbox' },
        },
      },
    },
    { id: ID, name: null, pod: POD_FULL, kind: 'sandbox', unknown: [] },
  ],
  [
    'CRI that tells nothing',
    { cgroup: `/kubepods/pod${POD}/${ID}` },
    { name: null, pod: { name: null, namespace: null, uid: POD }, unknown: ['name', 'image'] },
  ],
  [
    'CRI-O, by conmon',
    {
      cgroup: `/kubepods/pod${POD}/crio-${ID}`,
      lineage: ['x', conmon(ID, `k8s_nginx_front-0_shop_${POD}_0`)],
    },
    { name: 'nginx', pod: POD_FULL, unknown: ['image'] },
  ],
  [
    'CRI-O, by its file',
    {
      cgroup: `/kubepods/pod${POD}/crio-${ID}`,
      files: { [`/run/containers/storage/overlay-containers/${ID}/userdata/config.json`]: CRIO },
    },
    { name: 'nginx', image: 'quay.io/nginx', pod: POD_FULL, unknown: [] },
  ],
  [
    'podman, by conmon alone',
    { cgroup: `/libpod_parent/libpod-${ID}`, lineage: ['x', conmon(ID, 'web')] },
    { name: 'web', image: null, unknown: ['image'], pod: null },
  ],
  [
    'podman, by its list',
    { cgroup: `/libpod_parent/libpod-${ID}`, files: { [`/${STORAGE}/containers.json`]: LISTED } },
    { name: 'web', image: 'docker.io/library/nginx', unknown: [] },
  ],
  [
    'podman, as conmon sees it',
    {
      lineage: ['x', conmon(ID, 'web')],
      files: { [`999/root/${STORAGE}/containers.json`]: LISTED },
    },
    { name: 'web', image: 'docker.io/library/nginx', unknown: [] },
  ],
  [
    'podman, in a pod',
    {
      cgroup: `/libpod_parent/${PODID}/libpod-${ID}`,
      lineage: ['x', conmon(ID, 'web')],
      files: {
        [`999/root/${STORAGE}/${ID}/userdata/config.json`]: {
          annotations: { 'io.kubernetes.cri-o.SandboxID': ID2 },
        },
        // The infra container's.
        [`999/root/${STORAGE}/${ID2}/userdata/config.json`]: { hostname: 'shop' },
      },
    },
    { name: 'web', pod: { name: 'shop', namespace: null, uid: PODID } },
  ],
  [
    'podman, a list that is none',
    {
      cgroup: `/libpod_parent/libpod-${ID}`,
      files: { [`/${STORAGE}/containers.json`]: [null, 5] },
    },
    { name: null, unknown: ['name', 'image'] },
  ],
  [
    'runc, with the labels of its bundle',
    {
      cgroup: '/web',
      files: {
        '/run/runc/web/state.json': {
          id: 'web',
          config: {
            labels: [
              'bundle=/x',
              'com.docker.compose.project=shop',
              'com.docker.compose.service=front',
              3,
            ],
          },
        },
      },
    },
    { name: 'web', image: null, compose: NAMED.compose },
  ],
  [
    'ECS',
    { cgroup: `/ecs/0123/${ID}`, files: { [DOCKER]: WEB } },
    { family: 'ecs', name: 'web', image: 'nginx:1.27' },
  ],
]

describe('the name', () => {
  it.each(TOLD)('%s', (_, seen, told) => {
    const container = containerIn(seen)
    expect(container).toMatchObject(told)
    expect(Object.keys(container.pod ?? POD_FULL)).toEqual(Object.keys(POD_FULL))
  })

  it('is said to come from the file that told it', () => {
    expect(containerIn({ cgroup: `/docker/${ID}`, files: { [DOCKER]: WEB } }).evidence).toEqual([
      { kind: 'cgroup', where: `/docker/${ID}`, uid: null },
      { kind: 'file', where: DOCKER, uid: 0 },
    ])
  })

  it.each(['null', '[]', '5', '"x"', '{}', '{"annotations":[]}', '{"mounts":5,"root":null}', '\0'])(
    'survives a file that says %j',
    (text) => {
      const lineage = ['x', shim('moby', ID)]
      const cri = `999/root/run/containerd/${TASKS}/k8s.io/${ID}/config.json`
      const files = {
        ...{ '999/cwd/config.json': text, [`999/root${DOCKER}`]: text, [cri]: text },
        [`/${STORAGE}/containers.json`]: text,
        '/run/runc/web/state.json': text,
        '/run/crun/web/status': text,
      }
      expect(nameOf({ cgroup: `/docker/${ID}`, lineage, files })).toMatchObject({ name: null })
      expect(nameOf({ cgroup: `/x/libpod-${ID}`, files })).toMatchObject({ name: null })
      expect(nameOf({ cgroup: `/kubepods/pod${POD}/${ID}`, files })).toMatchObject({ name: null })
      expect(nameOf({ cgroup: '/web', files })).toBeNull()
    },
  )
})
