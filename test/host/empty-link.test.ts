import { expect, it } from 'vitest'
import { Procfs } from '../../src/host/procfs.ts'
import { typescriptHost } from '../../src/host/typescript.ts'

/** As Linux 5.10 shows the links of a process that the reader may not trace. */
class WithoutText extends Procfs {
  override link(): string {
    return ''
  }
}

it('takes a link without text for a refusal', () => {
  const host = typescriptHost(new WithoutText('/proc'), {
    describe: null,
    userName: () => null,
  })
  const { inums, errnos } = host.scanProcesses({
    pids: Int32Array.of(1),
    types: ['net', 'mnt'],
    descriptors: false,
    sockets: false,
  })
  expect([...inums]).toEqual([0, 0])
  expect([...errnos]).toEqual([13, 13])
})
