import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { NsHandle } from '../../src/host/port.ts'
import { decodePath } from '../../src/kernel/mountinfo.ts'
import { parseStatmounts, type StatmountRow } from '../../src/kernel/statmount.ts'
import { publicPackage } from '../live/support/package.ts'
import * as support from './support.ts'

const { isRoot } = support

function linkTo(pid: number, type: string): NsHandle {
  const { ino: inum } = statSync(`/proc/${pid}/ns/${type}`)
  return { kind: 'link', pid, type: type as 'mnt', inum }
}

function mountsOf(handle: NsHandle): readonly StatmountRow[] {
  const answer = support.host.statmount?.(handle)
  if (typeof answer !== 'object') throw new Error(answer)
  const rows = parseStatmounts(answer)
  if (!rows) throw new Error('the answer is not of its form')
  return rows
}

/** What mountinfo says, in the same words; the order is another one. */
function mountinfoRows(text: string): object[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [mount = '', file = ''] = line.split(' - ')
      const [id, parentId, device, root = '', point = '', mountOptions, ...tags] = mount.split(' ')
      const [fsType, source = '', options = ''] = file.split(' ')
      const tag = (name: string) => tags.find((each) => each.startsWith(name))?.split(':')[1]
      const groups = [tag('shared'), tag('master')]
      const propagation = ['shared', 'slave'].filter((_, i) => groups[i] !== undefined).join()
      return {
        ...{ id: Number(id), parentId: Number(parentId), device, mountOptions, fsType },
        ...{ root: decodePath(root), mountPoint: decodePath(point), source: decodePath(source) },
        options: decodePath(options),
        propagation: propagation || (tags.includes('unbindable') ? 'unbindable' : 'private'),
        peerGroup: groups[0] ? Number(groups[0]) : null,
        master: groups[1] ? Number(groups[1]) : null,
      }
    })
    .sort((a, b) => a.id - b.id)
}

function comparable(rows: readonly StatmountRow[]): object[] {
  return [...rows].sort((a, b) => a.id - b.id).map(({ uniqueId: _, ...row }) => row)
}

/** Mounts of many kinds below a tmpfs. */
const MOUNTS = `
mount --make-rprivate /
mount -t tmpfs -o size=1m,mode=700,nosuid,nodev,noexec,noatime 'a source' /mnt
cd /mnt
mkdir shared slave both unbindable 'a b\\c' "$(printf 'new\\nline')" gone ro sub
touch ns
mount --bind shared shared; mount --make-shared shared
mount --bind shared slave; mount --make-slave slave
mount --bind shared both; mount --make-slave both; mount --make-shared both
mount --bind unbindable unbindable; mount --make-unbindable unbindable
mount --bind 'a b\\c' 'a b\\c'
mount -t tmpfs none "$(printf 'new\\nline')"
mount --bind gone sub; rmdir gone
mount -t tmpfs -o ro,strictatime,nodiratime tmpfs ro
mount --bind /proc/self/ns/uts ns
mkdir 'lower dir' upper work merged
mount -t overlay -o 'lowerdir=/mnt/lower dir,upperdir=upper,workdir=work' over merged
mkdir 'ro dir' && mount -t ramfs caf\u00e9 'ro dir'
`

/** mount(8) would read mountinfo anew for each. */
const MOUNT_ALL = `
import ctypes, os
mount = ctypes.CDLL(None, use_errno=True).mount
for i in range(1, 601):
    path = os.path.join(os.getcwd(), str(i)).encode()
    assert mount(b"none", path, b"tmpfs", 0, None) == 0, os.strerror(ctypes.get_errno())
`

describe('the mounts of our own namespace', () => {
  // Somebody else may mount something between the two.
  it('are those of mountinfo', { retry: 5 }, () => {
    const rows = mountsOf(linkTo(process.pid, 'mnt'))
    expect(comparable(rows)).toEqual(mountinfoRows(readFileSync('/proc/self/mountinfo', 'latin1')))
  })
})

describe.skipIf(!isRoot)('the mounts of another namespace', () => {
  it('are those of mountinfo, whatever they are', async () => {
    const pid = await support.startSleeper(`set -e\n${MOUNTS}`, ['unshare', '-m'])
    const rows = mountsOf(linkTo(pid, 'mnt'))
    expect(comparable(rows)).toEqual(
      mountinfoRows(readFileSync(`/proc/${pid}/mountinfo`, 'latin1')),
    )
    const ours = mountsOf(linkTo(process.pid, 'mnt')).map(({ uniqueId }) => uniqueId)
    expect(rows.some(({ uniqueId }) => ours.includes(uniqueId))).toBe(false)
    expect(new Set(rows.map(({ propagation }) => propagation)).size).toBe(5)
  })

  it('are all there where they are many, and their texts long', async () => {
    const name = 'n'.repeat(200)
    const script = `mount -t tmpfs none /mnt; cd /mnt; mkdir -p ${Array(15).fill(name).join('/')}
      cd ${Array(15).fill(name).join('/')}
      mkdir $(seq 600); mount --bind 1 2
      python3 -c '${MOUNT_ALL}'`
    const pid = await support.startSleeper(script, ['unshare', '-m'])
    const text = readFileSync(`/proc/${pid}/mountinfo`, 'latin1')
    expect(text.split('\n').length).toBeGreaterThan(600)
    expect(comparable(mountsOf(linkTo(pid, 'mnt')))).toEqual(mountinfoRows(text))
  })

  it('can be read where no process is in it', () => {
    const directory = support.temporaryDirectory()
    const file = join(directory, 'mnt')
    execFileSync('mount', ['-t', 'tmpfs', '--make-private', 'none', directory])
    onTestFinished(() => void execFileSync('umount', ['-R', directory]))
    execFileSync('touch', [file])
    execFileSync('unshare', [`--mount=${file}`, 'mount', '-t', 'tmpfs', 'of the dead', '/mnt'])
    const { ino: inum } = statSync(file)
    const rows = mountsOf({ kind: 'mount', path: file, inum })
    expect(rows.filter(({ source }) => source === 'of the dead')).toMatchObject([
      { mountPoint: '/mnt', fsType: 'tmpfs' },
    ])
  })

  it('are there also where the mounts of a process are hidden from it by a chroot', async () => {
    const root = support.temporaryDirectory()
    const script = `mount --bind / ${root}; mount -t tmpfs outside /mnt; exec chroot ${root} sleep 300`
    const pid = await support.startSleeper(script, ['unshare', '-m'])
    expect(readFileSync(`/proc/${pid}/mountinfo`, 'latin1')).not.toContain('outside')
    expect(mountsOf(linkTo(pid, 'mnt')).some(({ source }) => source === 'outside')).toBe(true)
  })

  it('have an errno where they cannot be read', async () => {
    const pid = await support.startSleeper('', ['unshare', '-m'])
    const { statmount } = support.host
    expect(statmount?.({ ...linkTo(pid, 'mnt'), inum: 0xffff_fff0 } as NsHandle)).toBe('ESTALE')
    expect(statmount?.(linkTo(pid, 'uts'))).toBe('EINVAL')
    expect(statmount?.({ ...linkTo(pid, 'mnt'), pid: support.NO_PID } as NsHandle)).toBe('ENOENT')
  })

  it('are for its owner to see, and for nobody else without rights', async () => {
    const { root, node } = publicPackage()
    const script = `
      const addon = require(${JSON.stringify(`${root}native/build/Release/nsx.node`)})
      const ask = (pid) => {
        const link = '/proc/' + pid + '/ns/mnt'
        const inum = require('node:fs').statSync(link, { throwIfNoEntry: false })?.ino ?? 1
        const answer = addon.statmounts('/proc', {
          kinds: Uint8Array.of(0), pids: Int32Array.of(pid), fds: Int32Array.of(0),
          names: Uint32Array.of(0), inums: Uint32Array.of(inum), texts: ['mnt'],
        })
        return typeof answer === 'number' ? answer : 'answered'
      }
      const [theirs] = process.argv.slice(1)
      console.log(JSON.stringify([ask(process.pid), ask(theirs)]))`
    const asUser = ['setpriv', '--reuid=12345', '--regid=12345', '--clear-groups']
    const theirs = await support.startSleeper('', [...asUser, 'unshare', '-U', '-r', '-m'])
    const args = ['-e', script, String(theirs)]
    const output = execFileSync(node, args, { uid: 12_345, gid: 12_345, encoding: 'utf8' })
    expect(JSON.parse(output)).toEqual(['answered', 'answered'])
  })
})
