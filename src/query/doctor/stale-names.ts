import { countOf, shellWord } from '../why/words.ts'
import type { Observation } from './finding.ts'
import type { Scene } from './scene.ts'

/** Files that would name a network namespace, and name none: left behind by a crash, or a reboot. */
export function checkStaleNames({ checkup, subject }: Scene): Observation[] {
  return checkup.staleNames.map((path) => ({
    ...{ code: 'stale-name', severity: 'warning', type: 'net' },
    group: path.slice(0, path.lastIndexOf('/')),
    subject: subject({ path }),
    say: (subjects) => {
      const folder = path.slice(0, path.lastIndexOf('/'))
      const names = countOf(subjects.length, ['name', 'names'])
      const verb = subjects.length === 1 ? 'leads' : 'lead'
      return {
        text: `${names} in ${folder} ${verb} to no namespace: nothing is mounted there (any more)`,
        remedy:
          folder === '/run/netns'
            ? `ip netns delete ${subjects.length === 1 ? shellWord(path.slice(folder.length + 1)) : 'NAME'}, or remove the file`
            : 'remove the files, once nothing uses them',
      }
    },
  }))
}
