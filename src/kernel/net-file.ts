const NET_FILE = /\/(?:\d+|self|thread-self)\/(?:task\/\d+\/)?net\/(.+)$/

/**
 * The name within /proc/PID/net of an open file, by the text of its descriptor; null for any other file.
 * Wherever that procfs is mounted, such a file keeps the network namespace that it was opened of.
 */
export function netFileName(text: string): string | null {
  return NET_FILE.exec(text)?.[1] ?? null
}

export function isNetFile(text: string): boolean {
  return text.includes('/net/') && netFileName(text) !== null
}
