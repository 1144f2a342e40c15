import type { ContainerFamily } from '../model/container.ts'
import { dockerConfig, dockerNaming } from './docker-files.ts'
import { LONG_ID, userOfPath } from './evidence.ts'
import type { Family } from './family.ts'

/** Runtimes that are told by a form of path alone: `PREFIX/…/ID`. */
const FORMS: readonly {
  readonly family: ContainerFamily
  /** The last directories; the id is the group. */
  readonly form: RegExp
  /** How many directories it is about. */
  readonly depth: number
}[] = [
  // An agent of Amazon's; its containers are docker's.
  { family: 'ecs', form: /^ecs\/[^/]+\/([0-9a-zA-Z-]+)$/, depth: 3 },
  { family: 'garden', form: /^garden\/([0-9a-zA-Z-]+)$/, depth: 2 },
  { family: 'mesos', form: /^mesos\/([0-9a-zA-Z-]+)$/, depth: 2 },
  // Steps of a build, in the cgroup that docker gives to BuildKit.
  { family: 'buildkit', form: /^docker\/buildkit\/([0-9a-z]+)$/, depth: 3 },
  { family: 'buildkit', form: /^buildkit\/([0-9a-z]{25})$/, depth: 2 },
  { family: 'nomad', form: /^nomad\/([0-9a-f-]{36})$/, depth: 2 },
  { family: 'nomad', form: /^(?:share|reserve)\.slice\/([0-9a-f-]{36}\..+)\.scope$/, depth: 2 },
  { family: 'kata', form: /^kata_overhead\/([0-9a-zA-Z-]+)$/, depth: 2 },
  { family: 'kata', form: /^kata_([0-9a-f]{64})$/, depth: 1 },
]

export const OTHERS: readonly Family[] = [...new Set(FORMS.map(({ family }) => family))].map(
  (family) => ({
    family,
    inCgroup({ path }) {
      for (const { form, depth } of FORMS.filter((row) => row.family === family)) {
        const id = form.exec(path.slice(-depth).join('/'))?.[1]
        if (id === undefined) continue
        const docker = family === 'ecs' && LONG_ID.test(id) && userOfPath(path) === null
        return {
          ...{ kind: 'container', id, monitor: null, rest: path.length - depth },
          told: docker ? {} : { name: null, image: null },
          tells: docker ? ['name', 'image'] : [],
          wants: docker ? [{ below: 'host', path: dockerConfig('var/lib/docker', id) }] : [],
        }
      }
      return null
    },
    name: dockerNaming,
  }),
)
