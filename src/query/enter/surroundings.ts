import { EXIT, NsxError } from '../../errors.ts'
import { variableOf } from '../../kernel/environ.ts'
import { type PasswdEntry, passwdEntryOf } from '../../kernel/passwd.ts'
import { USUAL_PATH } from '../../kernel/program-paths.ts'
import type { EnterFacts } from '../../model/enter-facts.ts'
import type { EnterRequest } from '../../model/enter-request.ts'
import type { ByteString, PlannedStep } from '../../model/exec-plan.ts'
import { programRefusal } from '../forecast/files.ts'
import { lookUpForecast, seenFiles } from './look-up.ts'
import { step } from './step.ts'

const OTHERS = 'name one that is there, such as /bin/sh; --net alone runs programs of our own'
const NO_SHELL = 'name a program that is there, or run one of our own: --net -- ip address'

export interface Surroundings {
  /** The files are those of another root or mount namespace. */
  readonly elsewhere: boolean
  /** Who the command is there. */
  readonly uid: number
}

/** Runs the command: of none, the shell of its user there, or the caller's own. */
export function execStep(
  request: EnterRequest,
  facts: EnterFacts,
  where: Surroundings,
): PlannedStep {
  const environment = environmentOf(request, facts, where)
  const args = commandOf(request, facts, where)
  const [file = '/bin/sh'] = args
  const program = Buffer.from(file, 'latin1').toString('utf8')
  const path = variableOf(environment, 'PATH')
  const place = where.elsewhere ? `in ${facts.target?.name ?? 'the mount namespace'}` : 'here'
  const searched = path === null ? 'there is no PATH' : `its PATH is ${path}`
  const looked = file.includes('/') ? '' : `; ${searched}`
  const advice = [
    {
      errno: 'ENOENT',
      why: `there is no such program ${place}, or its interpreter is missing${looked}`,
      hint: file === '/bin/sh' ? NO_SHELL : OTHERS,
    },
    { errno: 'EACCES', why: `it is no program that this user may run ${place}`, hint: null },
    { errno: 'ENOEXEC', why: 'it is of no format that the kernel can run', hint: null },
  ]
  const files = seenFiles(facts, where.elsewhere)
  const forecast = lookUpForecast(programRefusal(file, path, files), advice)
  return step({ name: 'exec', file, args, environment }, `run ${program}`, { forecast, advice })
}

/** Of another machine's files little of the caller's environment is true: only its terminal and language. */
function environmentOf(
  { keepEnvironment, targetEnvironment }: EnterRequest,
  { caller, target, passwd }: EnterFacts,
  { elsewhere, uid }: Surroundings,
): readonly ByteString[] {
  if (targetEnvironment) return target?.environment ?? unreadable(target?.name)
  if (keepEnvironment || !elsewhere) return caller.environment
  const entry = passwd === null ? null : passwdEntryOf(passwd, uid)
  return [
    ...caller.environment.filter((each) => /^(?:TERM|COLORTERM|LANG|LC_[A-Z]+)=/.test(each)),
    `PATH=${USUAL_PATH}`,
    `HOME=${homeOf(entry, uid)}`,
    `SHELL=${shellOf(entry)}`,
    ...(entry ? [`USER=${entry.name}`, `LOGNAME=${entry.name}`] : []),
  ]
}

function unreadable(name: string | undefined): never {
  throw new NsxError(`the environment of ${name ?? 'the target'} cannot be read`, {
    ...{ code: 'permission-denied', exitCode: EXIT.permission, target: '--env' },
    hint: 'it takes the right to trace it (ptrace(2)): run it as root, or leave out --env',
  })
}

/** Where nobody says it: root's own where it mostly is, else the root directory. */
function homeOf(entry: PasswdEntry | null, uid: number): string {
  if (entry && entry.home !== '') return entry.home
  return uid === 0 ? '/root' : '/'
}

/** A shell that turns everybody away is nobody's choice here. */
function shellOf(entry: PasswdEntry | null): string {
  const shell = entry?.shell ?? ''
  return shell === '' || /\/(?:nologin|false)$/.test(shell) ? '/bin/sh' : shell
}

function commandOf(
  { command }: EnterRequest,
  { caller, passwd }: EnterFacts,
  { elsewhere, uid }: Surroundings,
): readonly ByteString[] {
  if (command.length > 0) return command
  if (!elsewhere) return [caller.shell ?? '/bin/sh']
  return [shellOf(passwd === null ? null : passwdEntryOf(passwd, uid))]
}
