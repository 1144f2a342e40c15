import type { NsType } from '../../kernel/namespace-types.ts'
import type { Pair } from '../../model/pair.ts'
import { one, type Rule, sharing, type Told } from './rule.ts'

/** What both have together exactly where they are in one namespace; rights on single objects aside. */
export const SHARED: readonly Rule[] = [
  { rule: 'localhost', tell: localhost },
  rule('abstract-sockets', 'net', {
    yes: ({ a, b }) => `${a.name} and ${b.name} share abstract unix sockets`,
    no: ({ a, b }) => `${a.name} and ${b.name} share no abstract unix sockets`,
  }),
  rule('sysv-ipc', 'ipc', {
    yes: ({ a, b }) => `${a.name} and ${b.name} can share System V memory, semaphores and queues`,
    no: ({ a, b }) => `${a.name} and ${b.name} cannot share System V memory, semaphores or queues`,
  }),
  rule('message-queues', 'ipc', {
    yes: ({ a, b }) => `${a.name} and ${b.name} can share POSIX message queues`,
    no: ({ a, b }) => `${a.name} and ${b.name} cannot share POSIX message queues`,
  }),
  rule('hostname', 'uts', {
    yes: ({ a, b }) => `a host name that is set by ${a.name} or ${b.name} is the other's too`,
    no: ({ a, b }) => `${a.name} and ${b.name} each have a host name of their own`,
  }),
]

const LOCALHOST = rule('localhost', 'net', {
  yes: ({ a, b }) => `${a.name} and ${b.name} reach each other over localhost`,
  no: ({ a, b }) => `a port of ${b.name} on localhost is not in reach of ${a.name}`,
})

interface Sentences {
  readonly yes: (pair: Pair) => string
  readonly no: (pair: Pair) => string
}

function localhost(pair: Pair): Told {
  const told = LOCALHOST.tell(pair)
  if (!told.holds || pair.loopback === true) return told
  const both = `${pair.a.name} and ${pair.b.name}`
  if (pair.loopback === null) {
    const why = 'the state of the loopback interface that they share cannot be read'
    return {
      holds: null,
      text: `whether ${both} reach each other over localhost is unknown: ${why}`,
    }
  }
  const why = 'the loopback interface that they share is down, or has no address'
  return { holds: false, text: `${both} do not reach each other over localhost: ${why}` }
}

function rule(name: string, type: NsType, { yes, no }: Sentences): Rule {
  return {
    rule: name,
    tell(pair): Told {
      const { same, why } = sharing(pair, type)
      if (same) return { holds: same, text: `${yes(pair)}: they share ${one(type)}` }
      if (same === false) return { holds: same, text: `${no(pair)}: ${why}` }
      return { holds: same, text: `whether ${yes(pair)} is unknown: ${why}` }
    },
  }
}
