import type { NsType } from '../kernel/namespace-types.ts'
import type { CapsFacts } from '../model/caps-facts.ts'
import { misuse } from './misuse.ts'

/** @throws NsxError (usage) where a namespace was named, and other types asked for. */
export function checkCapsTypes(
  { b, inums, bText }: Pick<CapsFacts, 'b' | 'inums' | 'bText'>,
  types: ReadonlySet<NsType> | null,
): void {
  if (b !== null || types === null) return
  const [own] = Object.keys(inums) as NsType[]
  if (own === undefined || types.has(own)) return
  throw misuse('different-types', `${bText} is of type ${own}, which --type leaves out`, {
    target: bText,
    hint: 'leave out --type, or name a process',
  })
}
