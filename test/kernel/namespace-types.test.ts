import { expect, it } from 'vitest'
import {
  isInitialInum,
  isNsType,
  NAMESPACE_TYPES,
  NS_TYPE_NAMES,
  nsTypeOfBit,
  nsTypeRow,
} from '../../src/kernel/namespace-types.ts'

it('names the eight types in the order of every listing', () => {
  expect(NS_TYPE_NAMES).toEqual(['mnt', 'net', 'pid', 'uts', 'ipc', 'user', 'cgroup', 'time'])
})

// Retyped from include/uapi/linux/sched.h.
it.each([
  ['mnt', 'CLONE_NEWNS', 0x00020000],
  ['net', 'CLONE_NEWNET', 0x40000000],
  ['pid', 'CLONE_NEWPID', 0x20000000],
  ['uts', 'CLONE_NEWUTS', 0x04000000],
  ['ipc', 'CLONE_NEWIPC', 0x08000000],
  ['user', 'CLONE_NEWUSER', 0x10000000],
  ['cgroup', 'CLONE_NEWCGROUP', 0x02000000],
  ['time', 'CLONE_NEWTIME', 0x00000080],
] as const)('knows the flag of %s', (type, flag, bit) => {
  expect(nsTypeRow(type)).toMatchObject({ flag, bit })
  expect(nsTypeOfBit(bit)).toBe(type)
})

it('has a type of exactly one bit only', () => {
  expect(nsTypeOfBit(0)).toBeUndefined()
  expect(nsTypeOfBit(0x40020000)).toBeUndefined()
})

// Retyped from include/uapi/linux/nsfs.h; those of mnt and net are fixed since 6.18 only.
it.each([
  [4026531834, true],
  [4026531835, true],
  [4026531836, true],
  [4026531837, true],
  [4026531838, true],
  [4026531839, true],
  [4026531832, true],
  [4026531833, true],
  [4026531831, false],
  [4026531840, false],
  [0, false],
])('takes the inode %i for one of the boot: %s', (inum, initial) => {
  expect(isInitialInum(inum)).toBe(initial)
})

it('says of user and PID namespaces alone that they have parents', () => {
  expect(NAMESPACE_TYPES.filter((row) => row.hasParent).map((row) => row.name)).toEqual([
    'pid',
    'user',
  ])
})

it.each(['NET', 'network', '', 'pid_for_children', 'toString', '__proto__'])(
  'does not take %j for a type',
  (text) => {
    expect(isNsType(text)).toBe(false)
  },
)
