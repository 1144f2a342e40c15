import type { ContentsType } from '../contents.ts'
import { compareNet } from './compare.ts'
import { describeNet } from './describe.ts'
import { netNeeds } from './needs.ts'
import type { NetContents } from './net-contents.ts'
import { parseNet } from './parse.ts'
import { summariseNet } from './summary.ts'

export const netContents: ContentsType<NetContents> = {
  type: 'net',
  needs: netNeeds,
  parse: parseNet,
  summarise: summariseNet,
  compare: compareNet,
  describe: describeNet,
}
