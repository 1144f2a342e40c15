export interface ResolvConf {
  readonly nameservers: readonly string[]
  readonly search: readonly string[]
  readonly options: readonly string[]
}

/**
 * Parses a resolv.conf(5) as glibc does: a keyword begins the line, the last `search` or `domain` counts,
 * whatever else is a comment. It is a file of a container's, so its words can be anything.
 */
export function parseResolvConf(text: string): ResolvConf {
  const nameservers: string[] = []
  const options: string[] = []
  let search: string[] = []
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line.trimEnd().split(/[ \t]+/)
    if (keyword === 'nameserver' && words[0]) nameservers.push(words[0])
    else if (keyword === 'options') options.push(...words)
    else if (keyword === 'search') search = words
    else if (keyword === 'domain' && words[0]) search = [words[0]]
  }
  return { nameservers, search, options }
}
