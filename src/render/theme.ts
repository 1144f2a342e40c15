/** How text looks. The plain theme is the identity. */
export interface Theme {
  readonly heading: (text: string) => string
  /** False: the locale is not UTF-8, only ASCII may be written. */
  readonly unicode: boolean
}

export interface ThemeQuestion {
  /** As in chalk: 0 none, 1 sixteen colours, 2 256, 3 all. */
  readonly colorLevel: 0 | 1 | 2 | 3
  readonly unicode: boolean
}

/** The theme for an output; chalk is loaded only where there is colour. */
export async function themeOf({ colorLevel, unicode }: ThemeQuestion): Promise<Theme> {
  if (colorLevel === 0) return { heading: (text) => text, unicode }
  const { Chalk } = await import('chalk')
  const chalk = new Chalk({ level: colorLevel })
  return { heading: (text) => chalk.bold(text), unicode }
}
