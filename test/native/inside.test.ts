import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { endianness } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { NsHandle } from '../../src/host/port.ts'
import { NS_TYPE_NAMES, type NsType } from '../../src/kernel/namespace-types.ts'
import type { InsideQuestion } from '../../src/model/inside.ts'
import { publicPackage } from '../live/support/package.ts'
import * as support from './support.ts'

const { isRoot } = support
const UNAME: InsideQuestion = { ask: 'uname' }
const NETLINK_ROUTE = 0
const [RTM_NEWLINK, RTM_GETLINK, RTM_NEWADDR, RTM_GETADDR] = [16, 18, 20, 22] as const
const NLM_F_REQUEST = 1
const NLM_F_DUMP = 0x300

function inumOf(pid: number | 'self', type: NsType): number {
  return statSync(`/proc/${pid}/ns/${type}`).ino
}

function linkTo(pid: number, type: NsType): NsHandle {
  return { kind: 'link', pid, type, inum: inumOf(pid, type) }
}

function ask(handle: NsHandle, ...questions: InsideQuestion[]): (string | Buffer)[] {
  const answers = support.host.inside?.(handle, questions)
  if (!answers) throw new Error('the native host asks inside')
  return answers.map((answer) => (typeof answer === 'string' ? answer : Buffer.from(answer)))
}

function textsOf(handle: NsHandle, ...questions: InsideQuestion[]): string[] {
  return ask(handle, ...questions).map((answer) => answer.toString())
}

/** A request with a body of `size` zero bytes, and what comes after. */
function netlink(type: number, size: number, { dump = true, more = Buffer.alloc(0) } = {}) {
  const request = Buffer.alloc(16 + size)
  const whole = Buffer.concat([request, more])
  whole.writeUInt32LE(whole.length, 0)
  whole.writeUInt16LE(type, 4)
  whole.writeUInt16LE(NLM_F_REQUEST | (dump ? NLM_F_DUMP : 0), 6)
  return { ask: 'netlink', protocol: NETLINK_ROUTE, request: whole } as const
}

interface Message {
  readonly type: number
  readonly flags: number
  readonly body: Buffer
}

function messagesOf(answer: string | Buffer | undefined): Message[] {
  if (!Buffer.isBuffer(answer)) throw new Error(answer)
  const messages = []
  for (let at = 0; at < answer.length; ) {
    const size = answer.readUInt32LE(at)
    const [type, flags] = [answer.readUInt16LE(at + 4), answer.readUInt16LE(at + 6)]
    messages.push({ type, flags, body: answer.subarray(at + 16, at + size) })
    at += (size + 3) & ~3
  }
  return messages
}

function nsenter(pid: number, flag: string, ...command: string[]): string {
  return execFileSync('nsenter', [`--target=${pid}`, flag, ...command], { encoding: 'utf8' })
}

/** The namespaces of every thread of ours. */
function ownNamespaces(): string[] {
  return readdirSync('/proc/self/task').map((tid) =>
    NS_TYPE_NAMES.map((type) => readlinkSync(`/proc/self/task/${tid}/ns/${type}`)).join(' '),
  )
}

it('is tested on a machine of this byte order', () => expect(endianness()).toBe('LE'))

describe.skipIf(!isRoot)('a UTS namespace', () => {
  it('says its names, also where no process is in it any more', async () => {
    const script = 'hostname inside.example; echo nis.example > /proc/sys/kernel/domainname'
    const pid = await support.startSleeper(script, ['unshare', '-u'])
    expect(nsenter(pid, '--uts', 'hostname').trim()).toBe('inside.example')
    expect(textsOf(linkTo(pid, 'uts'), UNAME)).toEqual(['inside.example\0nis.example'])
    const file = join(support.temporaryDirectory(), 'uts')
    execFileSync('touch', [file])
    execFileSync('mount', ['--bind', `/proc/${pid}/ns/uts`, file])
    onTestFinished(() => void execFileSync('umount', [file]))
    const inum = inumOf(pid, 'uts')
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => textsOf(linkTo(process.pid, 'uts'), UNAME)).not.toContain('inside')
    expect(textsOf({ kind: 'mount', path: file, inum }, UNAME)).toEqual([
      'inside.example\0nis.example',
    ])
  })
})

describe.skipIf(!isRoot)('a network namespace', () => {
  it('lists its links as ip does inside', async () => {
    const script =
      'ip link add br7 type bridge; ip link set lo up; ip addr add 192.0.2.7/24 dev br7'
    const pid = await support.startSleeper(script, ['unshare', '-n'])
    const links = JSON.parse(nsenter(pid, '--net', 'ip', '-j', 'link')) as { ifname: string }[]
    const [answer, addresses] = ask(
      linkTo(pid, 'net'),
      netlink(RTM_GETLINK, 16),
      netlink(RTM_GETADDR, 8),
    )
    const messages = messagesOf(answer)
    expect(messages.map(({ type }) => type)).toEqual(links.map(() => RTM_NEWLINK))
    for (const { ifname } of links) {
      expect(messages.some(({ body }) => body.includes(`${ifname}\0`))).toBe(true)
    }
    const found = messagesOf(addresses)
    expect(new Set(found.map(({ type }) => type))).toEqual(new Set([RTM_NEWADDR]))
    expect(found.some(({ body }) => body.includes(Buffer.from([192, 0, 2, 7])))).toBe(true)
  })

  it('answers in full, however long the answer is', async () => {
    const script =
      'for i in $(seq 150); do echo "link add a$i type veth peer b$i"; done | ip -batch -'
    const pid = await support.startSleeper(script, ['unshare', '-n'])
    const messages = messagesOf(ask(linkTo(pid, 'net'), netlink(RTM_GETLINK, 16))[0])
    const names = messages.map(({ body }) => /[ab]\d+(?=\0)/.exec(body.toString('latin1'))?.[0])
    expect(messages.length).toBe(301)
    expect(new Set(names).size).toBe(301)
  })

  it('filters a dump, and answers for one thing', async () => {
    const script = 'ip link add d1 type bridge; ip addr add 192.0.2.7/24 dev d1; ip link set lo up'
    const pid = await support.startSleeper(script, ['unshare', '-n'])
    const index = 2
    const byIndex = netlink(RTM_GETADDR, 8)
    byIndex.request.writeUInt32LE(index, 16 + 4)
    const one = netlink(RTM_GETLINK, 16, { dump: false })
    one.request.writeInt32LE(index, 16 + 4)
    const none = netlink(RTM_GETLINK, 16, { dump: false })
    none.request.writeInt32LE(99, 16 + 4)
    const [addresses, link, missing] = ask(linkTo(pid, 'net'), byIndex, one, none)
    expect(messagesOf(addresses).map(({ body }) => body.readUInt32LE(4))).toEqual([index])
    expect(messagesOf(link).map(({ body }) => body.readInt32LE(4))).toEqual([index])
    expect(missing).toBe('ENODEV')
  })

  it('lists the sockets that listen', async () => {
    const script =
      'import socket,time; s=socket.create_server(("", 4242)); print(1); time.sleep(300)'
    const server = spawn('unshare', ['-n', 'python3', '-u', '-c', script])
    onTestFinished(() => void server.kill('SIGKILL'))
    await once(server.stdout, 'data')
    const [NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY] = [4, 20]
    const question = netlink(SOCK_DIAG_BY_FAMILY, 56)
    // struct inet_diag_req_v2: AF_INET, TCP, in state LISTEN.
    question.request.set([2, 6], 16)
    question.request.writeUInt32LE(1 << 10, 20)
    const [answer] = ask(linkTo(server.pid as number, 'net'), {
      ...question,
      protocol: NETLINK_SOCK_DIAG,
    })
    expect(messagesOf(answer).map(({ body }) => body.readUInt16BE(4))).toEqual([4242])
  })

  it('begins anew where something changed meanwhile', async () => {
    const make =
      'for i in $(seq 150); do echo "link add a$i type veth peer b$i"; done | ip -batch -'
    const churn = 'while :; do echo link add x type bridge; echo link del x; done | ip -batch - &'
    const pid = await support.startSleeper(`${make}; ${churn}`, ['unshare', '-n'])
    onTestFinished(() => {
      for (const child of descendantsOf(pid)) process.kill(child, 'SIGKILL')
    })
    const NLM_F_DUMP_INTR = 0x10
    const seen = new Set<string>()
    for (let i = 0; i < 60; i++) {
      const [answer] = ask(linkTo(pid, 'net'), netlink(RTM_GETLINK, 16))
      if (answer === 'EINTR') continue
      const interrupted = messagesOf(answer).some(({ flags }) => (flags & NLM_F_DUMP_INTR) !== 0)
      seen.add(interrupted ? 'interrupted' : 'whole')
    }
    expect([...seen]).toEqual(['whole'])
  })

  it('answers a short request of old, too', async () => {
    const pid = await support.startSleeper('', ['unshare', '-n'])
    expect(messagesOf(ask(linkTo(pid, 'net'), netlink(RTM_GETLINK, 1))[0]).length).toBe(1)
  })

  it('refuses what is no request, without waiting', async () => {
    const pid = await support.startSleeper('', ['unshare', '-n'])
    const wrongSize = Buffer.from(netlink(RTM_GETLINK, 16).request)
    wrongSize.writeUInt32LE(8, 0)
    const begin = performance.now()
    expect(
      ask(
        linkTo(pid, 'net'),
        { ask: 'netlink', protocol: NETLINK_ROUTE, request: Buffer.alloc(3) },
        { ask: 'netlink', protocol: NETLINK_ROUTE, request: wrongSize },
        { ask: 'netlink', protocol: 31, request: netlink(RTM_GETLINK, 16).request },
        netlink(9999, 16),
      ),
    ).toEqual(['EINVAL', 'EINVAL', 'EPROTONOSUPPORT', 'ENOTSUP'])
    expect(performance.now() - begin).toBeLessThan(900)
  })

  it('reads files of procfs inside', async () => {
    const pid = await support.startSleeper('ip link add d1 type bridge', ['unshare', '-n'])
    const [text, missing] = textsOf(
      linkTo(pid, 'net'),
      { ask: 'proc', file: 'thread-self/net/dev' },
      { ask: 'proc', file: 'none' },
    )
    expect(text).toMatch(/^ *d1:/m)
    expect(missing).toBe('ENOENT')
  })
})

const MQ_OPEN = `
import ctypes, time, os, sys
rt = ctypes.CDLL('librt.so.1', use_errno=True)
for name in (b'/one', b'/two'):
    fd = rt.mq_open(name, os.O_RDWR | os.O_CREAT, 0o600, None)
    assert fd >= 0, os.strerror(ctypes.get_errno())
    if name == b'/one': assert rt.mq_send(fd, b'hello', 5, 0) == 0
`

describe.skipIf(!isRoot)('an IPC namespace', () => {
  it('lists what lsipc does inside', async () => {
    const script = 'ipcmk -M 4096 >/dev/null; ipcmk -Q >/dev/null; ipcmk -S 3 >/dev/null'
    const pid = await support.startSleeper(script, ['unshare', '-i'])
    const files = ['shm', 'msg', 'sem'] as const
    const texts = textsOf(
      linkTo(pid, 'ipc'),
      ...files.map((name) => ({ ask: 'proc', file: `sysvipc/${name}` }) as const),
    )
    for (const [i, flag] of ['-m', '-q', '-s'].entries()) {
      const lines = nsenter(pid, '--ipc', 'lsipc', flag, '--raw', '-o', 'KEY').trim().split('\n')
      const ours = (texts[i] as string).trim().split('\n').slice(1)
      expect([flag, ours.length]).toEqual([flag, lines.length - 1])
      const key = Number.parseInt((ours[0] as string).trim().split(/\s+/)[0] as string, 10)
      expect(key >>> 0).toBe(Number(lines[1]))
    }
  })

  it('lists its message queues, which are mounted nowhere', async () => {
    const pid = await support.startSleeper(`python3 -c "${MQ_OPEN}"`, ['unshare', '-i'])
    const [answer] = textsOf(linkTo(pid, 'ipc'), { ask: 'mqueues' })
    const parts = (answer as string).split('\0')
    const queues = new Map([
      [parts[0], parts[1]],
      [parts[2], parts[3]],
    ])
    expect([...queues.keys()].sort()).toEqual(['one', 'two'])
    expect(parts.length).toBe(5)
    expect(queues.get('one')).toMatch(/^QSIZE:[1-9]\d* +NOTIFY:0 +SIGNO:0 +NOTIFY_PID:0 *\n$/)
    expect(queues.get('two')).toMatch(/^QSIZE:0 /)
  })

  it('has no queues where there are none', async () => {
    const pid = await support.startSleeper('', ['unshare', '-i'])
    expect(textsOf(linkTo(pid, 'ipc'), { ask: 'mqueues' })).toEqual([''])
  })
})

describe.skipIf(!isRoot)('a cgroup namespace', () => {
  it('shows the paths of its members as they see them', async () => {
    const pid = await support.startSleeper('', ['unshare', '-C'])
    const [inside] = textsOf(linkTo(pid, 'cgroup'), { ask: 'proc', file: `${pid}/cgroup` })
    expect(inside).toBe(nsenter(pid, '--cgroup', 'cat', `/proc/${pid}/cgroup`))
    expect(inside).toMatch(/^0::\/$/m)
  })
})

describe('joining', () => {
  it('is not needed for our own namespaces', () => {
    const questions = [UNAME, { ask: 'proc', file: 'self/comm' }] as const
    for (const type of ['uts', 'ipc', 'net', 'cgroup'] as const) {
      const [names] = textsOf(linkTo(process.pid, type), ...questions)
      expect(names).toMatch(new RegExp(`^${execFileSync('uname', ['-n']).toString().trim()}\0`))
    }
  })

  it('is refused for the other types', () => {
    for (const type of ['mnt', 'pid', 'user', 'time'] as const) {
      expect(textsOf(linkTo(process.pid, type), UNAME, UNAME)).toEqual(['EINVAL', 'EINVAL'])
    }
  })

  it('fails for all questions alike', () => {
    const stale = { kind: 'link', pid: process.pid, type: 'uts', inum: 0xffff_fff0 } as const
    const gone = { kind: 'link', pid: support.NO_PID, type: 'uts', inum: 0xffff_fff0 } as const
    const none = { kind: 'path', path: '/etc/passwd', inum: null } as const
    expect(textsOf(stale, UNAME, { ask: 'mqueues' })).toEqual(['ESTALE', 'ESTALE'])
    expect(textsOf(gone, UNAME, { ask: 'mqueues' })).toEqual(['ENOENT', 'ENOENT'])
    expect(textsOf(none, UNAME)).toEqual(['EINVAL'])
    expect(textsOf(stale)).toEqual([])
  })

  it.skipIf(!isRoot)('leaves every thread of ours where it was', async () => {
    const pid = await support.startSleeper('', ['unshare', '-u', '-n', '-i', '-C'])
    const before = ownNamespaces()
    expect(new Set(before).size).toBe(1)
    for (let i = 0; i < 100; i++) {
      for (const type of ['uts', 'ipc', 'net', 'cgroup'] as const) {
        expect(textsOf(linkTo(pid, type), UNAME)[0]).not.toMatch(/^E[A-Z]/)
      }
    }
    // The last thread may be on its way out still.
    await expect.poll(() => [...new Set(ownNamespaces())]).toEqual([before[0]])
    for (const type of NS_TYPE_NAMES) {
      expect(readlinkSync(`/proc/thread-self/ns/${type}`)).toBe(
        readlinkSync(`/proc/self/ns/${type}`),
      )
    }
  })
})

describe.skipIf(!isRoot)('peers', () => {
  /** Two named network namespaces joined by a pair of veth, and one apart. */
  async function connected() {
    const pids = await Promise.all(
      ['', '', ''].map((script) => support.startSleeper(script, ['unshare', '-n'])),
    )
    const [a, b, c] = pids as [number, number, number]
    nsenter(a, '--net', 'ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'v1', 'netns', `${b}`)
    return { a, b, c }
  }

  it('are known by the numbers that their links show', async () => {
    const { a, b, c } = await connected()
    const [link] = JSON.parse(nsenter(a, '--net', 'ip', '-j', 'link', 'show', 'v0')) as {
      link_netnsid: number
    }[]
    const candidates = [a, b, c, process.pid].map((pid) => linkTo(pid, 'net'))
    const peers = support.host.peerNsids?.(linkTo(a, 'net'), candidates)
    if (!peers || typeof peers === 'string') throw new Error(peers)
    expect(peers.nsids[1]).toBe(link?.link_netnsid)
    expect([...peers.nsids]).toEqual([-1, link?.link_netnsid, -1, -1])
    expect([...peers.errnos]).toEqual([0, 0, 0, 0])
  })

  it('that cannot be asked for have an errno', async () => {
    const { a, b } = await connected()
    const stale = { ...linkTo(b, 'net'), inum: 0xffff_fff0 } as NsHandle
    const handles = [stale, linkTo(b, 'uts'), linkTo(b, 'net')]
    const peers = support.host.peerNsids?.(linkTo(a, 'net'), handles)
    if (!peers || typeof peers === 'string') throw new Error(peers)
    expect([...peers.errnos]).toEqual([support.ESTALE, support.EINVAL, 0])
    expect([...peers.nsids]).toEqual([-1, -1, 0])
    expect(support.host.peerNsids?.(linkTo(a, 'uts'), [])).toBe('EINVAL')
    expect(support.host.peerNsids?.(stale, handles)).toBe('ESTALE')
  })
})

/** Children of children, too. */
function descendantsOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').match(/\d+/g) ?? []
  return children.map(Number).flatMap((child) => [child, ...descendantsOf(child)])
}

describe.skipIf(!isRoot)('pids', () => {
  it('are translated into a PID namespace and out of it', async () => {
    const script = 'sleep 300 & echo ready; wait'
    const outer = spawn('unshare', ['-p', '-f', '--kill-child', 'sh', '-c', script])
    onTestFinished(() => void outer.kill('SIGKILL'))
    await once(outer.stdout, 'data')
    const [init, sleeper] = descendantsOf(outer.pid as number) as [number, number]
    const inside = [init, sleeper].map((pid) =>
      Number(/^NSpid:.*\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]),
    )
    expect(inside[0]).toBe(1)
    const { pidIn } = support.host
    const handle = linkTo(init, 'pid')
    const none = support.NO_PID
    const ours = Int32Array.of(init, sleeper, process.pid, none)
    expect(pidIn?.(handle, ours, 'in')).toEqual(Int32Array.of(...inside, 0, 0))
    const theirs = Int32Array.of(...inside, none)
    expect(pidIn?.(handle, theirs, 'from')).toEqual(Int32Array.of(init, sleeper, 0))
    expect(pidIn?.(linkTo(init, 'uts'), ours, 'in')).toBe('EINVAL')
    expect(pidIn?.({ ...handle, inum: 0xffff_fff0 } as NsHandle, ours, 'in')).toBe('ESTALE')
    expect(pidIn?.(handle, new Int32Array(0), 'in')).toEqual(new Int32Array(0))
  })
})

describe.skipIf(!isRoot)('an ordinary user', () => {
  it('is answered in their own namespaces, and refused in others', async () => {
    const { root, node } = publicPackage()
    const script = `
      const addon = require(${JSON.stringify(`${root}native/build/Release/nsx.node`)})
      const { statSync } = require('node:fs')
      const [pid, theirs] = process.argv.slice(1)
      const ask = (pid, type, ...asks) => {
        let inum = 1
        try { inum = statSync('/proc/' + pid + '/ns/' + type).ino } catch {}
        const handle = {
          kinds: Uint8Array.of(0), pids: Int32Array.of(pid), fds: Int32Array.of(0),
          names: Uint32Array.of(0), inums: Uint32Array.of(inum), texts: [type],
        }
        const empty = asks.map(() => new Uint8Array(0))
        const answers =
          addon.inside('/proc', handle, Uint8Array.from(asks), new Int32Array(asks.length), empty)
        return answers.map((answer) => typeof answer === 'number' ? answer : 'answered')
      }
      console.log(JSON.stringify([
        ask(process.pid, 'ipc', 0, 3), ask(pid, 'uts', 0), ask(theirs, 'uts', 0),
      ]))`
    const pid = await support.startSleeper('', ['unshare', '-u'])
    const asUser = ['setpriv', '--reuid=12345', '--regid=12345', '--clear-groups']
    const theirs = await support.startSleeper('', [...asUser, 'unshare', '-U', '-u'])
    const args = ['-e', script, String(pid), String(theirs)]
    const output = execFileSync(node, args, { uid: 12_345, gid: 12_345, encoding: 'utf8' })
    const [EPERM, EACCES] = [1, 13]
    expect(JSON.parse(output)).toEqual([['answered', EPERM], [EACCES], [EPERM]])
  })
})

const FORGER = `
import socket, struct, sys
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
print('ready', flush=True)
message = struct.pack('=IHHII', 64, 16, 0, 1, int(sys.argv[1])) + b'EVIL' * 12
while True:
    try: s.sendto(message, (int(sys.argv[1]), 0))
    except OSError: pass
`

describe.skipIf(!isRoot)('whoever is root inside', () => {
  it('cannot answer in the place of the kernel', async () => {
    const pid = await support.startSleeper('', ['unshare', '-n'])
    const args = [`--target=${pid}`, '--net', 'python3', '-c', FORGER, String(process.pid)]
    const forger = spawn('nsenter', args)
    onTestFinished(() => void forger.kill('SIGKILL'))
    await once(forger.stdout, 'data')
    let answered = 0
    for (let i = 0; i < 300; i++) {
      const [answer] = ask(linkTo(pid, 'net'), netlink(RTM_GETLINK, 16))
      expect(answer?.toString('latin1')).not.toContain('EVIL')
      if (Buffer.isBuffer(answer)) answered += 1
    }
    expect(answered).toBeGreaterThan(200)
  })
})
