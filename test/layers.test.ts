import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
// @ts-expect-error a script without types
import * as layers from '../scripts/layers.mjs'

const offences = layers.offences as (file: string, text: string) => string[]
const SRC = join(import.meta.dirname, '../src')

describe('the layers', () => {
  it.each([
    ['a room may not import a room above it', 'kernel/a.ts', `import { x } from '../host/port.ts'`],
    ['nor for its types alone', 'model/a.ts', `import type { X } from '../query/rows.ts'`],
    ['nor by passing it on', 'model/a.ts', `export { x } from '../collect/list.ts'`],
    ['nor all of it', 'model/a.ts', `export * from '../render/theme.ts'`],
    ['nor lazily', 'query/a.ts', `const { x } = await import('../render/theme.ts')`],
    ['nor for its effects', 'query/a.ts', `import '../host/open.ts'`],
    ['nor over several lines', 'query/a.ts', `import {\n  x,\n  y,\n} from '../host/port.ts'`],
    [
      'nor as its second import',
      'query/a.ts',
      `import a from './b.ts'\nimport c from '../cli/d.ts'`,
    ],
    ['nor from a room within a room', 'query/deep/a.ts', `import { x } from '../../host/port.ts'`],
    ['collect does not know screens', 'collect/a.ts', `import { x } from '../render/notes.ts'`],
    ['the edge reads no machine', 'cli/a.ts', `import { x } from '../host/procfs.ts'`],
    ['commands are known to nobody', 'cli/a.ts', `import x from '../commands/list.ts'`],
    ['only the host reads files', 'collect/a.ts', `import { readFileSync } from 'node:fs'`],
    ['nor by another name', 'query/a.ts', `import { readFile } from 'node:fs/promises'`],
    ['nor starts children', 'render/a.ts', `import { spawn } from 'node:child_process'`],
    ['nor loads addons', 'collect/a.ts', `import { createRequire } from 'node:module'`],
    ['nor requires', 'collect/a.ts', `const fs = require('node:fs')`],
    ['only the edge knows oclif', 'collect/a.ts', `import { Command } from '@oclif/core/command'`],
    ['only render knows colour', 'commands/a.ts', `const { Chalk } = await import('chalk')`],
    ['only render knows boxes', 'cli/a.ts', `import Table from 'cli-table3'`],
    ['only render knows widths', 'query/a.ts', `import width from 'string-width'`],
    ['only query knows CEL', 'render/a.ts', `import { x } from '@marcbachmann/cel-js'`],
    ['no catch is empty', 'host/a.ts', 'try { x() } catch {}'],
    ['nor explained away', 'host/a.ts', 'try { x() } catch (error) {\n  // never mind\n}'],
    ['nor with a long comment', 'host/a.ts', 'try { x() } catch { /* never\nmind */ }'],
  ])('%s', (_, file, text) => {
    expect(offences(file, text)).toHaveLength(1)
    expect(offences(file, text)[0]).toContain(`${file}: `)
  })

  it.each([
    ['a room knows itself', 'query/a.ts', `import { x } from './rows.ts'`],
    ['and what is below it', 'query/a.ts', `import { x } from '../model/snapshot.ts'`],
    ['and the errors', 'kernel/a.ts', `import { x } from '../errors.ts'`],
    ['the host reads files', 'host/a.ts', `import { readFileSync } from 'node:fs'`],
    ['a catch does something', 'host/a.ts', 'try { x() } catch (error) { errnoOf(error) }'],
    ['and so does one that answers', 'host/a.ts', 'try { x() } catch { return null }'],
    ['a room may be named in a comment', 'kernel/a.ts', '/** As in ../host/port.ts. */'],
    ['pure built-ins are for all', 'kernel/a.ts', `import { isUtf8 } from 'node:buffer'`],
  ])('allow that %s', (_, file, text) => {
    expect(offences(file, text)).toEqual([])
  })

  it('says every offence of a file', () => {
    const text = `import { x } from '../host/port.ts'\nimport fs from 'node:fs'\ntry {} catch {}`
    expect(offences('query/a.ts', text)).toHaveLength(3)
  })

  it('hold in the sources', () => {
    const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    const sources = files.filter((file) => file.endsWith('.ts'))
    expect(sources.length).toBeGreaterThan(50)
    expect(
      sources.flatMap((file) => offences(file, readFileSync(join(SRC, file), 'utf8'))),
    ).toEqual([])
  })
})
