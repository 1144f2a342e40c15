import { describe, expect, it } from 'vitest'
import { type ColorQuestion, colorLevel, readScreen } from '../../src/cli/screen.ts'

describe('colorLevel', () => {
  const xterm = { TERM: 'xterm' }
  it.each<[string, ColorQuestion, number]>([
    ['a pipe', { color: undefined, env: xterm, terminal: false }, 0],
    ['a terminal', { color: undefined, env: xterm, terminal: true }, 1],
    ['256 colours', { color: undefined, env: { TERM: 'xterm-256color' }, terminal: true }, 2],
    [
      'all colours',
      { color: undefined, env: { ...xterm, COLORTERM: 'truecolor' }, terminal: true },
      3,
    ],
    ['TERM=dumb', { color: undefined, env: { TERM: 'dumb' }, terminal: true }, 0],
    ['no TERM', { color: undefined, env: {}, terminal: true }, 0],
    ['NO_COLOR', { color: undefined, env: { ...xterm, NO_COLOR: '1' }, terminal: true }, 0],
    ['an empty NO_COLOR', { color: undefined, env: { ...xterm, NO_COLOR: '' }, terminal: true }, 1],
    ['FORCE_COLOR', { color: undefined, env: { FORCE_COLOR: '' }, terminal: false }, 1],
    ['FORCE_COLOR=3', { color: undefined, env: { FORCE_COLOR: '3' }, terminal: false }, 3],
    ['FORCE_COLOR=0', { color: undefined, env: { ...xterm, FORCE_COLOR: '0' }, terminal: true }, 0],
    ['both', { color: undefined, env: { FORCE_COLOR: '1', NO_COLOR: '1' }, terminal: false }, 1],
    ['--no-color', { color: false, env: { FORCE_COLOR: '1' }, terminal: true }, 0],
    ['--color into a pipe', { color: true, env: { NO_COLOR: '1' }, terminal: false }, 1],
    ['--color, TERM=dumb', { color: true, env: { TERM: 'dumb' }, terminal: false }, 1],
  ])('%s', (_, question, level) => {
    expect(colorLevel(question)).toBe(level)
  })
})

describe('readScreen', () => {
  it.each([
    [{ LANG: 'en_US.UTF-8' }, true],
    [{ LANG: 'C.utf8' }, true],
    [{ LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false],
    [{ LANG: 'C', LC_CTYPE: 'de_DE.UTF-8' }, true],
    [{}, false],
  ])('the locale %j', (env, unicode) => {
    expect(readScreen(undefined, env).unicode).toBe(unicode)
  })
})
