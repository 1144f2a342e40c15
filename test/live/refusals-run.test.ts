import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UID } from './support/foreign.ts'
import { commandPath, requireAddon, requireCommand, requireRoot } from './support/needs.ts'
import { runNsx } from './support/nsx.ts'
import { expectForetold, refusalOf } from './support/refusal.ts'
import { underSeccomp } from './support/seccomp.ts'
import { nsxCommand, publicNsxCommand, runTool } from './support/seen.ts'
import { type Granted, grantSubids } from './support/subids.ts'

const able = requireRoot() && ['unshare', 'setpriv', 'python3', 'newuidmap'].every(requireCommand)

let granted: Granted

beforeAll(() => {
  if (able) granted = grantSubids(['100000:65536'])
})

afterAll(() => granted?.remove())

/** Starts nsx by a script, as root of a user namespace of its own. */
function inOwnUser(script: string): string[] {
  return [commandPath('unshare'), '-U', '-r', '/bin/sh', '-c', `${script}; exec "$@"`, 'sh']
}

describe.runIf(able && requireAddon())('run is refused, and says why', () => {
  test.each(['-n', '-m', '-u', '-p', '-i', '-C', '-T', '-mnp'])(
    'an ordinary user without a user namespace: %s',
    async (flags) => {
      const refusal = await refusalOf(['run', flags], { uid: UID })
      expect(refusal.lines[0]).toMatch(
        /^nsx: cannot create .*namespaces?: .*\(EPERM\): it needs CAP_SYS_ADMIN in the initial/,
      )
      expect(refusal.lines[1]).toMatch(/^ {2}add --user --map-root-user, or .*sudo nsx run/)
      expectForetold(refusal)
      expect(
        await runNsx(['run', flags, '-U', '-r', '--', '/bin/true'], { uid: UID }),
      ).toMatchObject({ code: 0 })
    },
  )

  test('--clone, with the same words', async () => {
    const refusal = await refusalOf(['run', '--clone', '-n'], { uid: UID })
    expect(refusal.lines[1]).toMatch(/^ {2}add --user --map-root-user/)
    expectForetold(refusal)
  })

  test.each(['net', 'uts', 'ipc', 'mnt', 'pid', 'cgroup', 'time', 'user'])(
    'where user.max_%s_namespaces is 0, which it names',
    async (type) => {
      const via = inOwnUser(`echo 0 > /proc/sys/user/max_${type}_namespaces`)
      const flag = `--${type === 'mnt' ? 'mount' : type}`
      const refusal = await refusalOf(['run', flag], { via })
      expect(refusal.lines[0]).toMatch(/cannot create a new \w+ namespace: .*\(ENOSPC\)/)
      expect(refusal.lines[0]).toContain(`user.max_${type}_namespaces is 0`)
      expect(refusal.lines[1]).toContain(`sysctl -w user.max_${type}_namespaces=`)
      expectForetold(refusal)
    },
  )

  test('the 34th user namespace below the initial one', async () => {
    const nest =
      'n=$1; shift; [ $n = 0 ] && exec "$@"; exec unshare -U -r sh -c "$0" "$0" $((n - 1)) "$@"'
    const via = (depth: number) => ['/bin/sh', '-c', nest, nest, String(depth)]
    const env = { PATH: '/usr/bin:/bin' }
    const words = ['run', '-U', '-r', '--', '/bin/true']
    expect(await runNsx(words, { via: via(32), env })).toMatchObject({ code: 0, stderr: '' })
    const refusal = await refusalOf(['run', '-U', '-r'], { via: via(33), env })
    expect(refusal.lines[0]).toMatch(
      /\(ENOSPC\): user namespaces are nested 33 deep here already, or/,
    )
    expect(refusal.lines[0]).toContain('user.max_user_namespaces')
  })

  test('the 33rd PID namespace below the initial one', async () => {
    const nest =
      'n=$1; shift; [ $n = 0 ] && exec "$@"; unshare -p -f -m --mount-proc sh -c "$0" "$0" $((n - 1)) "$@"'
    const via = ['/bin/sh', '-c', nest, nest, '32']
    const refusal = await refusalOf(['run', '-p'], { via, env: { PATH: '/usr/bin:/bin' } })
    expect(refusal.lines[0]).toMatch(
      /\(ENOSPC\): PID namespaces are nested 32 deep here already, or/,
    )
  })

  test('an id that has no number in the own user namespace', async () => {
    const refusal = await refusalOf(['run', '-U'], { via: [commandPath('unshare'), '-U'] })
    expect(refusal.lines[0]).toMatch(/\(EPERM\): the user id of the caller has no number/)
    expectForetold(refusal)
  })

  test('a seccomp filter that forbids it, which may be why', async () => {
    const refusal = await refusalOf(['run', '-n'], underSeccomp())
    expect(refusal.lines[0]).toMatch(/\(EPERM\): a seccomp filter of the caller may forbid it$/)
    expect(refusal.lines[1]).toMatch(/outside of the container/)
    expectForetold(refusal, 'unknown')
  })

  test.each([
    ['-r', '--setgroups=allow'],
    ['--map-group=0', '--setgroups=allow'],
  ])('a group to an ordinary user who keeps setgroups(2): %s %s', async (...flags) => {
    for (const more of [['--dry-run'], ['--', '/bin/true']]) {
      const ran = await runNsx(['run', ...flags, ...more], { uid: UID })
      expect(ran).toMatchObject({ code: 125, stdout: '' })
      expect(ran.stderr).toMatch(/^nsx: --setgroups=allow cannot be: .*\n {2}leave out --setgroups/)
    }
  })

  test('a range that /etc/subuid does not grant', async () => {
    const how = { nsx: publicNsxCommand, ...throughGrant() }
    const refusal = await refusalOf(['run', '--map-users=0:500000:10'], how)
    expect(refusal.lines.at(-2)).toMatch(
      /newuidmap: .*\(EPERM\): \/etc\/subuid does not give uids 500000–500009 to nsx-tester$/,
    )
    expect(refusal.lines.at(-1)).toContain('use what it gives: --map-auto')
    expectForetold(refusal)
  })

  test('a range to a user without a name, or without any', async () => {
    const refusal = await refusalOf(['run', '--map-users=0:100000:10'], { uid: UID })
    expect(refusal.lines.at(-2)).toMatch(/\(EPERM\): uid 12345 has no name in \/etc\/passwd/)
    expectForetold(refusal)
    const auto = await runNsx(['run', '--map-auto', '--', '/bin/true'], { uid: UID })
    expect(auto).toMatchObject({ code: 125, stdout: '' })
    expect(auto.stderr).toMatch(
      /^nsx: \/etc\/subuid has no range for .*\n {2}as root: usermod --add-subuids/,
    )
  })

  test('newuidmap under no_new_privs', async () => {
    const { via, env } = throughGrant()
    const how = { nsx: publicNsxCommand, env, via: [...via, '--no-new-privs'] }
    const refusal = await refusalOf(['run', '--map-users=0:100000:10'], how)
    expect(refusal.lines.at(-2)).toMatch(/\(EPERM\): the caller has no_new_privs set/)
    expectForetold(refusal)
  })

  test('a user namespace in a chroot', async () => {
    const script = 'mount --rbind / "$0" && cd "$0" && exec chroot . "$@"'
    const via = [commandPath('unshare'), '-m', '/bin/sh', '-c', script, '/mnt']
    const refusal = await refusalOf(['run', '-U'], {
      via,
      env: { PATH: '/usr/sbin:/usr/bin:/bin' },
    })
    expect(refusal.lines[0]).toMatch(/cannot create a new user namespace: .*\(EPERM\): .*chroot/)
    expect(refusal.lines[1]).toBe('  run nsx outside of the chroot')
  })

  test('60 network namespaces one after another, of which 3 may be there, are not', async () => {
    const script =
      'echo 3 > /proc/sys/user/max_net_namespaces; for i in $(seq 60); do "$@" || exit $?; done; exit 0'
    const via = [commandPath('unshare'), '-U', '-r', '/bin/sh', '-c', script, 'sh']
    const words = nsxCommand('run', '-n', '--', '/bin/true')
    const env = { PATH: '/usr/bin:/bin' }
    expect(await runTool(words, { via, env })).toMatchObject({ code: 0, stderr: '' })
  })

  test('--mount-proc in a user namespace without --pid', async () => {
    const refusal = await refusalOf(['run', '-r', '--mount-proc'], { uid: UID })
    expect(refusal.lines[0]).toMatch(/cannot mount a new proc at \/proc: .*\(EPERM\)/)
    expect(refusal.lines[1]).toBe('  add --pid')
    expectForetold(refusal)
  })

  test.each([
    ['-R', '/no/such/root'],
    ['-w', '/no/such/place'],
    ['-R', '/etc/passwd'],
  ])('a directory that is none: %s %s', async (...flags) => {
    const refusal = await refusalOf(['run', '-r', ...flags], { uid: UID })
    expect(refusal.lines[0]).toContain(`${flags[1]}: `)
    expectForetold(refusal)
  })

  test('a clock that would show less than nothing', async () => {
    const refusal = await refusalOf(['run', '-r', '-T', '--boottime', '-99999999'], { uid: UID })
    expect(refusal.lines[0]).toMatch(/\(ERANGE\): the boottime clock would show less than 0$/)
    expectForetold(refusal)
  })
})

function throughGrant() {
  return { via: granted.via, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } }
}
