import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { byteWords } from '../../src/cli/byte-words.ts'

const NEVER = (): Buffer => {
  throw new Error('asked for the bytes')
}

/** As execve(2) lays them out, and as Node reads them. */
function given(words: readonly Buffer[]): { raw: () => Buffer; words: string[] } {
  const line = [Buffer.from('node'), Buffer.from('run.js'), ...words]
  const raw = Buffer.concat(line.flatMap((word) => [word, Buffer.of(0)]))
  return { raw: () => raw, words: words.map((word) => word.toString('utf8')) }
}

describe('byteWords', () => {
  it('makes a character of each byte, and asks nobody for what it can read', () => {
    expect(byteWords(['é', 'a', ''], NEVER)).toEqual(['\xc3\xa9', 'a', ''])
  })

  it('takes what is not UTF-8 from the bytes', () => {
    const { raw, words } = given([Buffer.from([0x61, 0xff]), Buffer.from('é'), Buffer.from('')])
    expect(byteWords(words, raw)).toEqual(['a\xff', '\xc3\xa9', ''])
  })

  it('gives back any bytes', () => {
    const word = fc.uint8Array({ min: 1 }).map((bytes) => Buffer.from(bytes))
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), (bytes) => {
        const { raw, words } = given(bytes)
        expect(byteWords(words, raw)).toEqual(bytes.map((each) => each.toString('latin1')))
      }),
    )
  })

  it('takes nothing that is not the same word', () => {
    const { raw } = given([Buffer.from([0xff, 0x61])])
    expect(() => byteWords(['\ufffdb'], raw)).toThrow('/proc/self/cmdline')
  })

  it('finds the bytes of the words that Node was started with', () => {
    const module = join(import.meta.dirname, '../../dist/cli/byte-words.js')
    const script = `import(${JSON.stringify(module)}).then(({ byteWords, ownCmdline }) =>
      process.stdout.write(JSON.stringify(byteWords(process.argv.slice(2), ownCmdline))))`
    const shell = `exec "$0" -e "$1" first "$(printf 'a\\377')" '' "$(printf '\\303(')"`
    const { stdout } = spawnSync('sh', ['-c', shell, process.execPath, script], {
      encoding: 'utf8',
    })
    expect(JSON.parse(stdout)).toEqual(['a\xff', '', '\xc3('])
  })
})
