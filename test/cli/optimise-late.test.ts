import { join } from 'node:path'
import { expect, it } from 'vitest'
import { node, type Ran, ROOT } from './run-cli.ts'

function loadedAfter(processes: number): Ran {
  const file = join(ROOT, 'dist/cli/optimise-late.js')
  const code = `import(${JSON.stringify(file)}).then(({ optimiseLate }) => {
    optimiseLate(${processes})
    console.log(process.moduleLoadList.includes('NativeModule v8'))
  })`
  return node(['-e', code])
}

it('sets a flag that this V8 knows, where many processes are read', () => {
  expect(loadedAfter(10_000)).toEqual({ stdout: 'true\n', stderr: '', status: 0 })
})

it('loads nothing for a few processes', () => {
  expect(loadedAfter(100)).toEqual({ stdout: 'false\n', stderr: '', status: 0 })
})
