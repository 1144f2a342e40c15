/** How text looks. The plain theme is the identity. */
export interface Theme {
  readonly heading: (text: string) => string
  /** What matters less. */
  readonly dim: (text: string) => string
  /** What is the same, shared, or holds. */
  readonly good: (text: string) => string
  /** What differs, or does not hold. */
  readonly bad: (text: string) => string
  /** What is not known. */
  readonly unsure: (text: string) => string
  /** False: the locale is not UTF-8, only ASCII may be written. */
  readonly unicode: boolean
}

export interface ThemeQuestion {
  /** As in chalk: 0 none, 1 sixteen colours, 2 256, 3 all. */
  readonly colorLevel: 0 | 1 | 2 | 3
  readonly unicode: boolean
}

const plain = (text: string): string => text

/** The theme for an output; chalk is loaded only where there is colour. */
export async function themeOf({ colorLevel, unicode }: ThemeQuestion): Promise<Theme> {
  if (colorLevel === 0) {
    return { heading: plain, dim: plain, good: plain, bad: plain, unsure: plain, unicode }
  }
  const { Chalk } = await import('chalk')
  const chalk = new Chalk({ level: colorLevel })
  return {
    heading: (text) => chalk.bold(text),
    dim: (text) => chalk.dim(text),
    good: (text) => chalk.green(text),
    bad: (text) => chalk.yellow(text),
    unsure: (text) => chalk.magenta(text),
    unicode,
  }
}
