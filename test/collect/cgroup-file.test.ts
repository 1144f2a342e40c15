import { describe, expect, it } from 'vitest'
import { cgroupFile } from '../../src/collect/cgroup-file.ts'
import { parseMountinfo } from '../../src/kernel/mountinfo.ts'

const MOUNTS = `30 1 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
31 1 0:31 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer
32 1 0:32 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
33 1 0:33 /pod /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
34 1 0:34 /x /tmp/cpuset rw - tmpfs cpuset rw,cpuset
`
const CGROUPS = `5:memory:/pod/a\n4:cpuset:/x\n3:cpu,cpuacct:/c\n2:freezer:/f/g\n0::/\n`

function find(controller: string, cgroups = CGROUPS) {
  const wanted = { controller, file: 'state' }
  const found = cgroupFile(parseMountinfo(MOUNTS), Buffer.from(cgroups), wanted)
  return found && typeof found === 'object' ? `${found.root}${found.path}` : found
}

describe('a file of a cgroup', () => {
  it.each([
    ['of cgroup2', '', '/sys/fs/cgroup/unified/state'],
    ['of version 1', 'freezer', '/sys/fs/cgroup/freezer/f/g/state'],
    ['of a controller with another', 'cpuacct', '/sys/fs/cgroup/cpu,cpuacct/c/state'],
    ['of a hierarchy that is mounted from a part', 'memory', '/sys/fs/cgroup/memory/a/state'],
    ['that no cgroup file system has', 'cpuset', 'ENODEV'],
    ['of a hierarchy that the process is not in', 'pids', null],
  ])('%s is found where it is mounted', (_, controller, path) => {
    expect(find(controller)).toBe(path)
  })

  it.each([
    ['beside of the part that is mounted', 'memory', '5:memory:/podx/a\n', 'ENODEV'],
    ['of that part itself', 'memory', '5:memory:/pod\n', '/sys/fs/cgroup/memory/state'],
    ['above of our own root', '', '0::/../other\n', 'ENODEV'],
    ['at the root of what is not mounted', 'cpuset', '4:cpuset:/\n', 'ENOENT'],
    ['of a text that is none', '', 'x\n', null],
  ])('%s is not looked for elsewhere', (_, controller, cgroups, path) => {
    expect(find(controller, cgroups)).toBe(path)
  })
})
