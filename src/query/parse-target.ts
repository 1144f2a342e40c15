import { EXIT, NsxError } from '../errors.ts'
import { isNsType, NS_TYPE_NAMES } from '../kernel/namespace-types.ts'
import { parseNsLink } from '../kernel/ns-link.ts'
import { CONTAINER_FAMILIES } from '../model/container.ts'
import type { ContainerTarget, Target } from '../model/target.ts'

/** pids end here (PID_MAX_LIMIT of a 64-bit kernel, include/linux/threads.h). */
const PID_MAX_LIMIT = 4_194_304

/** The families of containers by the word that stands before the colon. */
export const FAMILY_WORDS: ReadonlySet<string> = new Set(CONTAINER_FAMILIES)

/** Words before a colon that mean something else than a family. */
const RESERVED: ReadonlySet<string> = new Set(['id', 'netns', ...NS_TYPE_NAMES])

/**
 * Reads what a person can name on the command line, in this order:
 * `net:[4026532281]` · `7@web` · `docker:web`, `machine:box/docker:web` (a family of ours, so it may hold
 * a `/`) · anything else with a `/`: a path to a namespace file · `self` · digits alone: a pid, above
 * 4194304 an inode · `net:4026532281` · `id:7353` · `netns:blue` · a container by its bare name.
 *
 * @throws NsxError (usage) for anything else
 */
export function parseTarget(text: string): Target {
  const target = readTarget(text)
  if (target) return target
  throw new NsxError(`'${text}' names neither a process nor a namespace nor a container`, {
    code: 'bad-target',
    exitCode: EXIT.usage,
    target: text,
    hint: 'write a pid, self, NAME, docker:NAME, 7@NAME, net:[4026532281], id:7353, netns:NAME or a path',
  })
}

/** As parseTarget; null for what is none. */
export function readTarget(text: string): Target | null {
  const link = parseNsLink(text)
  if (link) return { kind: 'inum', text, inum: link.inum, type: link.type }
  return readInner(text) ?? readLabel(text) ?? readPath(text) ?? readNumber(text) ?? readWord(text)
}

function readInner(text: string): Target | null {
  const [, digits = '', rest = ''] = /^(\d{1,7})@(.+)$/s.exec(text) ?? []
  const pid = Number(digits)
  if (pid < 1 || pid > PID_MAX_LIMIT) return null
  const container = readLabel(rest) ?? (rest.includes('/') ? null : readWord(rest))
  return container?.kind === 'container' ? { kind: 'inner', text, pid, container } : null
}

/** `docker:web`; only a word that is known makes one of what holds a `/`. */
function readLabel(text: string): ContainerTarget | null {
  const [, family = '', name = ''] = /^([a-z]+):(.+)$/s.exec(text) ?? []
  if (RESERVED.has(family) || !isName(name)) return null
  if (name.startsWith('/') || (name.includes('/') && !FAMILY_WORDS.has(family))) return null
  return { kind: 'container', text, family, name }
}

function readPath(text: string): Target | null {
  return text.includes('/') ? { kind: 'path', text, path: text } : null
}

function readNumber(text: string): Target | null {
  const [, prefix = '', digits = ''] = /^(?:([a-z]+):)?(\d{1,20})$/.exec(text) ?? []
  if (digits === '') return null
  if (prefix === 'id') return { kind: 'id', text, id: BigInt(digits).toString() }
  const number = Number(digits)
  if (number > PID_MAX_LIMIT && number <= 0xffff_ffff && (prefix === '' || isNsType(prefix))) {
    return { kind: 'inum', text, inum: number, type: isNsType(prefix) ? prefix : null }
  }
  const isPid = prefix === '' && number > 0 && number <= PID_MAX_LIMIT
  return isPid ? { kind: 'process', text, pid: number } : null
}

function readWord(text: string): Target | null {
  if (text === 'self') return { kind: 'process', text, pid: 'self' }
  const [, netns = ''] = /^netns:(.+)$/s.exec(text) ?? []
  if (netns) return { kind: 'path', text, path: `/run/netns/${netns}` }
  // `net:blue`, `netns:` and `id:x` are mistakes, and so are numbers that are neither pid nor inode.
  const [, prefix] = /^([a-z]*):/.exec(text) ?? []
  const isMistake = prefix !== undefined && (prefix === '' || RESERVED.has(prefix))
  if (isMistake || /^\d+$/.test(text) || text.endsWith(':') || !isName(text)) return null
  return { kind: 'container', text, family: null, name: text }
}

/** What runtimes allow is narrower; the rest is for a shell's mistakes to be seen as such. */
function isName(text: string): boolean {
  return /^[^\s\p{C}-](?:[^\p{C}]*[^\s\p{C}])?$/u.test(text)
}
