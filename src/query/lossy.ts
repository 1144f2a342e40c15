/**
 * Where in a document bytes that were not UTF-8 have become U+FFFD, as paths with dots: `mounts.3.mountPoint`.
 * Whoever names something so himself, means as little.
 */
export function lossyPaths(value: unknown, path: string): string[] {
  if (typeof value === 'string') return value.includes('\ufffd') ? [path] : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => lossyPaths(inner, `${path}.${key}`))
}
