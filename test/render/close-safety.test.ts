import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NS_TYPE_NAMES } from '../../src/kernel/namespace-types.ts'
import type { DiffView } from '../../src/query/diff.ts'
import type { ShowView } from '../../src/query/show.ts'
import type { NamespaceView } from '../../src/query/show-namespace.ts'
import { renderDiff } from '../../src/render/diff.ts'
import { renderShow } from '../../src/render/show.ts'
import { renderNamespace } from '../../src/render/show-namespace.ts'
import { type Theme, themeOf } from '../../src/render/theme.ts'
import { anyText } from '../support/any-text.ts'
import { fixtureHost } from '../support/fixture-host.ts'
import { diffOf, namespaceOf, showOf } from '../support/inspect.ts'

/** What nothing but a newline of our own may be: a control, a mark of direction, half a character. */
const STEERING =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/

/** Words of our own, among which there is no other: the kernel's types and our enumerations. */
const OWN_WORDS = new Set([
  ...['type', 'kind', 'of', 'sharing', 'state', 'family', 'rule', 'id', 'uniqueId', 'startTicks'],
  ...['capabilities', 'inheritable', 'permitted', 'effective', 'bounding', 'ambient'],
  ...['unknown', 'atLeast', 'inferred', 'lossy'],
])

/** Every text that anybody else could have chosen is another one, the same everywhere. */
function withText<T>(value: T, text: string, key = ''): T {
  if (OWN_WORDS.has(key)) return value
  if (typeof value === 'string') return text as T
  if (Array.isArray(value)) return value.map((each) => withText(each, text, key)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, withText(inner, text, name)]),
  ) as T
}

/** The first word of a path decides how a value is said; keys are whatever they are. */
function withTextInPaths(view: DiffView, text: string): DiffView {
  const types = Object.entries(view.types).map(([type, diff]) => [
    type,
    {
      ...withText(diff, text),
      differences: diff.differences.map(({ path, a, b }) => ({
        path: [path[0] ?? '', ...path.slice(1).map(() => text)],
        ...{ a: withText(a, text), b: withText(b, text) },
      })),
    },
  ])
  return { ...withText(view, text), types: Object.fromEntries(types) }
}

const host = () => fixtureHost('two-containers')
const SHOWN = (await showOf(host(), 1100)).view
const PLACES = await Promise.all(
  (
    ['net:[4026532305]', 'ipc:[4026532303]', 'mnt:[4026532301]', 'cgroup:[4026532306]'] as const
  ).map(async (named) => (await namespaceOf(host(), named)).view),
)
const COMPARED = (await diffOf(host(), [2000, 1100])).view

const THREADS: ShowView['threads'] = [
  {
    ...{ pid: 1100, tid: 1102, startTicks: '1', comm: 'x', unknown: [], lossy: [] },
    namespaces: { net: { type: 'net', inum: 4026531833, id: null } },
  },
]

async function screens(text: string, look: { width: number | null; theme: Theme }) {
  const types = new Set(NS_TYPE_NAMES)
  const shown = withText({ ...SHOWN, threads: THREADS }, text)
  const places = PLACES.map((view) => withText<NamespaceView>(view, text))
  return [
    await renderShow(shown, { ...look, types, verbose: true }),
    ...(await Promise.all(places.map((view) => renderNamespace(view, { ...look, most: null })))),
    await renderDiff(withTextInPaths(COMPARED, text), { ...look, most: null }),
  ]
}

const THEMES = [
  { name: 'UTF-8', theme: await themeOf({ colorLevel: 0, unicode: true }) },
  { name: 'ASCII', theme: await themeOf({ colorLevel: 0, unicode: false }) },
] as const

describe.each(THEMES)('a screen in $name', ({ theme }) => {
  it.each([80, null])(
    'holds nothing that steers a terminal, at a width of %s',
    { timeout: 30_000 },
    async (width) => {
      await fc.assert(
        fc.asyncProperty(anyText, async (text) => {
          for (const screen of await screens(text, { width, theme })) {
            expect(screen).not.toMatch(STEERING)
            if (!theme.unicode) expect(screen).toMatch(/^[\n -~]*$/)
          }
        }),
        { numRuns: 25 },
      )
    },
  )

  it('has as many lines in a pipe, whatever newlines are in the text', async () => {
    const lines = async (text: string) =>
      (await screens(text, { width: null, theme })).map((screen) => screen.split('\n').length)
    expect(await lines('a\nb\r\nc\u2028d\u0085e')).toEqual(await lines('abcde'))
  })
})

describe('a screen', () => {
  it('shows the text that it makes harmless', async () => {
    const theme = THEMES[0].theme
    for (const screen of await screens('\u001b[2J\u202e', { width: null, theme })) {
      expect(screen).toContain('\\x1b[2J\\u{202e}')
    }
  })
})
