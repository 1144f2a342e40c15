/** True, false, or it cannot be told. */
export type Truth = boolean | null

/** All of them: one that is false decides, whatever cannot be told. */
export function every(...truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false
  return truths.includes(null) ? null : true
}

/** One of them: one that is true decides. */
export function some(...truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true
  return truths.includes(null) ? null : false
}
