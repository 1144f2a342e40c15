import type { Difference } from '../contents/contents.ts'
import { contentsType } from '../contents/contents-types.ts'
import type { ContentsData } from '../model/inspection.ts'

/** One line about what is inside of a namespace; null: nothing of it could be told. */
export function summariseContents(contents: ContentsData): string | null {
  return contentsType(contents.type).summarise(contents) || null
}

/** What differs inside of two namespaces of a type; what is unknown on either side is no difference. */
export function compareContents(a: ContentsData, b: ContentsData): readonly Difference[] {
  return contentsType(a.type).compare(a, b)
}
