import { describe, expect, it } from 'vitest'
import { keptDescriptors } from '../../src/act/kept-descriptors.ts'
import type { NsxError } from '../../src/errors.ts'

/** Descriptors as they are at first; a process of Node's own begins at the lowest that is free. */
const LINKS = [
  '/dev/pts/0',
  'pipe:[5]',
  '/dev/null',
  '/tmp/log',
  'socket:[9]',
  'anon_inode:[eventpoll]',
]

function linkOf(fd: number): string {
  const link = LINKS[fd]
  if (link !== undefined) return link
  throw Object.assign(new Error('gone'), { errno: -2, code: 'ENOENT' })
}

function kept(preserveFds: number, statusFd: number | null = null): readonly number[] {
  return keptDescriptors({ preserveFds, statusFd }, linkOf)
}

function errorOf(call: () => unknown): NsxError | null {
  try {
    call()
    return null
  } catch (error) {
    return error as NsxError
  }
}

describe('the descriptors that nsx-exec has', () => {
  it('are none past 2 where none was asked for', () => {
    expect(kept(0)).toEqual([])
  })

  it('are so many from 3 on', () => {
    expect(kept(2)).toEqual([3, 4])
  })

  it('are the one for the status, too, once', () => {
    expect(kept(0, 4)).toEqual([4])
    expect(kept(2, 4)).toEqual([3, 4])
  })

  it('need not be asked for where it is standard output or error', () => {
    expect(kept(1, 2)).toEqual([3])
  })
})

describe('a descriptor that nsx was started without', () => {
  it.each([
    ['is one that is not open', () => kept(0, 9), 9, '--status-fd'],
    ['is one whose number Node has taken', () => kept(3), 5, '--preserve-fds'],
  ])('%s', (_, call, fd, flag) => {
    const error = errorOf(call)
    expect(error?.message).toBe(
      `cannot pass on descriptor ${fd} (${flag}): nsx was started without it`,
    )
    expect(error?.details).toMatchObject({ exitCode: 125, errno: 'EBADF', target: String(fd) })
    expect(error?.details.hint).toContain(`${fd}>FILE`)
  })
})

describe('past the first descriptor that Node has taken', () => {
  const links = ['tty', 'tty', 'tty', 'anon_inode:[eventpoll]', 'pipe:[1]', 'pipe:[1]']
  const later = [...links, 'anon_inode:[eventfd]', 'pipe:[9]', '/tmp/log']
  const linkAt = (fd: number) => later[fd] ?? linkOf(99)

  it.each([4, 5, 6])('%i is one of its own', (statusFd) => {
    const ask = () => keptDescriptors({ preserveFds: 0, statusFd }, linkAt)
    expect(errorOf(ask)?.message).toMatch(/nsx was started without it$/)
  })

  it.each([7, 8])('%i may be one of whoever started nsx', (statusFd) => {
    expect(keptDescriptors({ preserveFds: 0, statusFd }, linkAt)).toEqual([statusFd])
  })

  it('the same pipe twice is fine below of it', () => {
    const own = ['tty', 'tty', 'tty', 'pipe:[1]', 'pipe:[1]', 'anon_inode:[eventpoll]']
    const kept = keptDescriptors({ preserveFds: 2, statusFd: null }, (fd) => own[fd] ?? linkOf(99))
    expect(kept).toEqual([3, 4])
  })
})
