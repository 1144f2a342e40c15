import { isNsType, type NsType, nsTypeRow } from '../kernel/namespace-types.ts'
import type { NsTarget, Target } from '../model/target.ts'
import { misuse } from './misuse.ts'
import { nsFlag } from './namespace-words.ts'
import { parseTarget } from './parse-target.ts'
import { readWord } from './read-value.ts'

export interface EnterTarget {
  readonly target: Target | null
  /** That the pidfd of the target must have; null: any. */
  readonly inode: string | null
}

/**
 * The target, by its word or as nsenter writes it (`--target PID[:INODE]`).
 *
 * @throws NsxError (usage) where there are two of them, or where it is none
 */
export function readEnterTarget(flag: string | undefined, word: string | undefined): EnterTarget {
  if (flag === undefined) {
    return { target: word === undefined ? null : parseTarget(word), inode: null }
  }
  if (word !== undefined) {
    throw misuse('two-targets', `two targets: --target ${flag} and ${word}`, {
      target: '--target',
      hint: `leave one of them out; a command named ${word} stands behind --`,
    })
  }
  const [, pid, inode] = /^(\d+):(\d+)$/.exec(flag) ?? []
  const isOther = pid === undefined || inode === undefined
  if (isOther && !/^\d+:/.test(flag)) return { target: parseTarget(flag), inode: null }
  const target = isOther ? null : parseTarget(pid)
  if (target?.kind === 'process') return { target, inode: inode ?? null }
  throw misuse('bad-target', `--target ${flag}: that is no pid with an inode`, {
    target: '--target',
    hint: 'write PID:INODE, where INODE is that of the pidfd of the process',
  })
}

/**
 * What stands behind `=` of the flag of a type: any target, also `:7353` as nsenter writes an id.
 *
 * @throws NsxError (usage) where it is none, or a namespace of another type
 */
export function readSource(type: NsType, text: string): Target {
  const flag = `--${nsFlag(type)}`
  const target = parseTarget(readWord(text, flag, 'a namespace').replace(/^:(?=\d)/, 'id:'))
  const is = isNamespace(target) ? knownType(target) : null
  if (is === null || is === type) return target
  throw misuse('wrong-type', `${flag}=${text}: that is a ${nsTypeRow(is).title} namespace`, {
    target: flag,
    hint: `write --${nsFlag(is)}=${text}`,
  })
}

export function isNamespace(target: Target): target is NsTarget {
  return target.kind === 'inum' || target.kind === 'id' || target.kind === 'path'
}

/** As far as it is written: `net:[…]`, `netns:blue`, `/proc/7/ns/net`. */
export function knownType(target: NsTarget): NsType | null {
  if (target.kind === 'inum') return target.type
  if (target.kind === 'id') return null
  if (target.path.startsWith('/run/netns/')) return 'net'
  const [, name = ''] = /^\/proc\/[^/]+\/(?:task\/\d+\/)?ns\/(\w+)$/.exec(target.path) ?? []
  const type = name.replace('_for_children', '')
  return isNsType(type) ? type : null
}
