import { decodeText } from '../kernel/text.ts'
import { bytesOf } from './answers.ts'
import { comparable, compareFields } from './compare.ts'
import type { Answers, Contents, ContentsType } from './contents.ts'

export interface UtsContents extends Contents {
  readonly type: 'uts'
  /** Null: unknown. */
  readonly hostname: string | null
  /** The NIS domain name; null: none is set. */
  readonly domainname: string | null
}

/** What the kernel has where no domain name was ever set (init/version.c). */
const NO_DOMAIN = '(none)'

export const utsContents: ContentsType<UtsContents> = {
  type: 'uts',
  needs: {
    uname: { from: 'inside', question: { ask: 'uname' } },
    hostname: { from: 'own', file: 'sys/kernel/hostname', ifFailed: 'uname' },
    domainname: { from: 'own', file: 'sys/kernel/domainname', ifFailed: 'uname' },
  },
  parse(answers) {
    const uname = bytesOf(answers, 'uname')
    const [hostname, domainname] = uname
      ? decodeText(uname).text.split('\0')
      : [lineOf(answers, 'hostname'), lineOf(answers, 'domainname')]
    return {
      type: 'uts',
      hostname: hostname ?? null,
      domainname: domainname && domainname !== NO_DOMAIN ? domainname : null,
      unknown: [
        ...(hostname === undefined ? ['hostname'] : []),
        ...(domainname === undefined ? ['domainname'] : []),
      ],
    }
  },
  summarise({ hostname, domainname }) {
    if (hostname === null) return ''
    const name = hostname === '' ? 'no hostname' : hostname
    return domainname === null ? name : `${name}, domain ${domainname}`
  },
  compare: (a, b) => compareFields({ known: comparable(a, b) }, [a, b], ['hostname', 'domainname']),
}

/** A sysctl: the value and a newline. */
function lineOf(answers: Answers, name: string): string | undefined {
  const bytes = bytesOf(answers, name)
  return bytes ? decodeText(bytes).text.replace(/\n$/, '') : undefined
}
