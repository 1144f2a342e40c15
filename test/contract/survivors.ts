/**
 * Changes that leave a document valid, and why each of them must. `**.` stands for wherever the shape is.
 *
 * TEXT: any text is right. NULL: null is an answer of its own, and nothing else in the document tells
 * whether it is the right one. NUMBER: null is one, and so is any number. MAP: any set of keys is right.
 */
const TEXT = ['made another word']
const ANY_TEXT = ['made another word', 'made empty']
const NULL = ['made null']
const NUMBER = ['made null', 'made number']
const NAME = [...NULL, ...TEXT, 'made string']
const MAP = ['deleted']
const NEGATIVE = ['made negative']

type Table = Readonly<Record<string, readonly string[]>>

/** What is in the documents of several commands. */
const SHARED: Table = {
  // Any path: it is the user's.
  'host.procfs': TEXT,
  'host.bootId': NULL,
  'host.kernel': NULL,
  'host.hostname': NAME,
  'host.pidMax': NUMBER,
  'host.nsfsDev': NULL,
  'host.userNs': NULL,
  'host.pidNs': NULL,
  'host.userNs.id': NULL,
  'host.pidNs.id': NULL,
  'host.mntNs': NULL,
  'host.mntNs.id': NULL,
  'coverage.unidentified.net': MAP,
  'coverage.unidentified.mnt': MAP,
  'coverage.unidentified.pid': MAP,
  '**.owner.id': NULL,
  '**.parent.id': NULL,
  '**.comm': ANY_TEXT,
  '**.command': ANY_TEXT,
  '**.args.*': ANY_TEXT,
  '**.ppid': NUMBER,
  '**.user': NAME,
  '**.container': NULL,
  '**.container.name': [...NULL, ...ANY_TEXT, 'made string'],
  '**.container.image': [...NULL, ...ANY_TEXT],
  '**.container.compose': NULL,
  '**.container.compose.project': TEXT,
  '**.container.compose.service': TEXT,
  '**.container.evidence.*.where': TEXT,
  '**.container.evidence.*.uid': NUMBER,
  '**.holders.*.process': NULL,
  '**.holders.*.process.tid': ['made number'],
  // A mount that leads nowhere, and a descriptor of the namespace itself, have none.
  '**.holders.*.path': NULL,
  '**.holders.*.mountNamespace': NULL,
  '**.holders.*.mountNamespace.id': NULL,
  '**.holders.*.namespace.id': NULL,
}

/** What is inside of a namespace, and its one line. */
const CONTENTS: Table = {
  // What was not asked for is null, too.
  '**.contents': NULL,
  '**.summary': NAME,
  '**.contents.mounts.*.root': TEXT,
  '**.contents.mounts.*.fsType': TEXT,
  '**.contents.mounts.*.source': ANY_TEXT,
  '**.contents.root.root': TEXT,
  '**.contents.root.fsType': TEXT,
  '**.contents.root.source': ANY_TEXT,
  '**.contents.interfaces.*.index': ['made number', 'made null'],
  '**.contents.interfaces.*.name': TEXT,
  '**.contents.interfaces.*.mac': NULL,
  '**.contents.interfaces.*.master': NAME,
  '**.contents.interfaces.*.peer': NULL,
  '**.contents.interfaces.*.peer.nsid': ['made number'],
  '**.contents.interfaces.*.peer.namespace': NULL,
  '**.contents.interfaces.*.peer.namespace.id': NULL,
  '**.contents.interfaces.*.peer.name': NAME,
  '**.contents.routes.*.gateway': NULL,
  '**.contents.routes.*.interface': NAME,
  '**.contents.routes.*.metric': NUMBER,
  '**.contents.routes.*.source': NULL,
  '**.contents.dns': NULL,
  '**.contents.dns.nameservers.*': TEXT,
  '**.contents.dns.search.*': TEXT,
  '**.contents.dns.options.*': TEXT,
  '**.contents.hostname': ANY_TEXT,
  '**.contents.domainname': [...NULL, ...ANY_TEXT, 'made string'],
  '**.contents.queues.*.key': NEGATIVE,
  '**.contents.semaphores.*.key': NEGATIVE,
  '**.contents.segments.*.key': NEGATIVE,
  '**.contents.mqueues.*.name': TEXT,
  '**.contents.mqueues.*.notifyPid': NUMBER,
  '**.contents.uidMap.*.outside': NUMBER,
  '**.contents.gidMap.*.outside': NUMBER,
  '**.contents.projidMap.*.outside': NULL,
  '**.contents.setgroups': NULL,
  '**.contents.monotonic.seconds': NEGATIVE,
  '**.contents.boottime.seconds': NEGATIVE,
}

/** One task that was looked at closely. */
const SUBJECT: Table = {
  '**.subject.tid': ['made number'],
  '**.credentials.noNewPrivs': NULL,
  '**.credentials.seccomp': NULL,
  '**.credentials.seccompFilters': NULL,
  '**.credentials.umask': NULL,
}

/** A plan: what its operations are told is the user's, or the machine's. */
const PLAN: Table = {
  'notes.*': TEXT,
  'skipped.*': TEXT,
  'steps.*.what': TEXT,
  'steps.*.group': NUMBER,
  'steps.*.errno': NULL,
  'steps.*.why': NAME,
  'steps.*.hint': NAME,
  'steps.*.details.statusFd': NUMBER,
  'steps.*.details.go': NUMBER,
  'steps.*.details.inum': NUMBER,
  'steps.*.details.startTicks': NULL,
  'steps.*.details.inode': NULL,
  'steps.*.details.soft': NULL,
  'steps.*.details.hard': NULL,
  'steps.*.details.path': TEXT,
  'steps.*.details.program': TEXT,
  'steps.*.details.target': TEXT,
  'steps.*.details.file': ANY_TEXT,
  'steps.*.details.text': ANY_TEXT,
  'steps.*.details.source': ANY_TEXT,
  'steps.*.details.type': ANY_TEXT,
  'steps.*.details.data': ANY_TEXT,
  'steps.*.details.content': ANY_TEXT,
  'steps.*.details.environment.*': ANY_TEXT,
}

/** By schema; what begins with a capital is shared by those below. */
export const SURVIVORS: Readonly<Record<string, Table>> = {
  ...{ SHARED, CONTENTS, SUBJECT, PLAN },
  list: { 'namespaces.*.nsid': NUMBER },
  show: {
    // A zombie has none, and nothing but its state tells which.
    'namespaces.*': NULL,
    'namespaces.*.forChildren': NULL,
    '**.contents.cgroups.*.controllers.*': TEXT,
    // Not looked for.
    '**.contents.listening.*.processes': ['made array'],
    'threads.*.namespaces.*': MAP,
    'threads.*.namespaces.*.id': NULL,
  },
  namespace: {
    'namespace.nsid': NUMBER,
    'namespace.children.*.id': NULL,
    'namespace.ownedCounts.*': MAP,
    '**.contents.listening.*.processes': NULL,
  },
  diff: {
    // A namespace was named.
    'a.subject': NULL,
    'a.target': TEXT,
    'b.target': TEXT,
    'consequences.*.holds': ['made null', 'made boolean'],
    // One that neither has is left out.
    'types.*': MAP,
    'types.*.a.id': NULL,
    'types.*.b.id': NULL,
    // A zombie has none.
    'types.*.b': NULL,
    'types.*.relation': NULL,
    'types.*.relation.common.id': NULL,
    'types.*.summary.a': NAME,
    'types.*.summary.b': NAME,
    'types.*.differences.*.path.*': ANY_TEXT,
    // Any JSON: the value of whatever field it is.
    'types.*.differences.*.a': ['*'],
    'types.*.differences.*.b': ['*'],
  },
  tree: {
    // The whole tree.
    target: NAME,
    // Nothing was found that holds it.
    '**.heldBy': [...NULL, ...TEXT],
    '**.changed.*': MAP,
    '**.changed.*.id': NULL,
  },
  matrix: {
    'targets.*': TEXT,
    'rows.*.label': TEXT,
    'rows.*.pod': ['made string'],
    'rows.*.cells.*': MAP,
    'rows.*.cells.*.ns.id': NULL,
    'rows.*.cells.*.with.*.label': TEXT,
    'rows.*.risks.*.text': TEXT,
  },
  pid: {
    in: NULL,
    'in.ns': NULL,
    'in.target': TEXT,
    'in.ns.id': NULL,
    'pids.*.target': TEXT,
    'pids.*.inside': NUMBER,
    'pids.*.levels.*.ns.id': NULL,
  },
  id: {
    in: TEXT,
    'ids.*.target': TEXT,
    'ids.*.subject': NULL,
    'ids.*.id': NUMBER,
    'ids.*.inside': NUMBER,
    'ids.*.levels.*.ns.id': NULL,
    'ids.*.levels.*.id': NUMBER,
    'ids.*.levels.*.name': NAME,
    'ids.*.levels.*.line': NULL,
    'ids.*.levels.*.line.outside': NUMBER,
    'ids.*.inLevels.*.ns.id': NULL,
    'ids.*.inLevels.*.id': NUMBER,
    'ids.*.inLevels.*.name': NAME,
    'ids.*.inLevels.*.line': NULL,
    'ids.*.inLevels.*.line.outside': NULL,
    'ids.*.grants.*.owner': TEXT,
  },
  caps: {
    'a.target': TEXT,
    'b.target': TEXT,
    'capabilities.*.namespaces.*.id': NULL,
    'capabilities.*.userNs.id': NULL,
    'capabilities.*.steps.*.ns.id': NULL,
    'capabilities.*.steps.*.level': NUMBER,
    'capabilities.*.steps.*.ownerUid': NUMBER,
    'consequences.*.ns': NULL,
    'consequences.*.ns.id': NULL,
    'consequences.*.holds': ['made null', 'made boolean'],
    'consequences.*.together': NULL,
    'consequences.*.together.id': NULL,
  },
  limits: {
    // The caller.
    target: NAME,
    'userNs.id': NULL,
    'levels.*.userNs.id': NULL,
    'levels.*.types.*': MAP,
    'levels.*.types.*.full': NULL,
    'gates.*.value': NAME,
    'gates.*.text': TEXT,
    'runs.*.why': TEXT,
    'runs.*.hint': [...NULL, ...TEXT],
  },
  why: {
    'namespace.nsid': NUMBER,
    // The root of the reader does not reach it.
    'namespace.holders.*.path': NULL,
    // A task whose children go elsewhere may be a thread.
    'namespace.holders.*.process.tid': ['made number'],
    'verdict.text': TEXT,
    'release.*': TEXT,
    // No process is in it, or nothing that holds it could be seen.
    'dependents.*.leader': NULL,
    'dependents.*.heldBy': [...NULL, ...TEXT],
    'dependents.*.of.id': NULL,
    'dependents.*.namespace.id': NULL,
  },
  doctor: {
    'findings.*.text': TEXT,
    'findings.*.remedy': TEXT,
    // What a finding is about depends on what was found.
    'findings.*.subjects.*.namespace': NULL,
    'findings.*.subjects.*.namespace.id': NULL,
    'findings.*.subjects.*.process': NULL,
    'findings.*.subjects.*.process.tid': NUMBER,
    'findings.*.subjects.*.path': NULL,
    'findings.*.subjects.*.detail': NAME,
  },
  columns: { 'columns.*.description': TEXT },
  error: {
    command: NAME,
    'error.message': TEXT,
    'error.hint': NAME,
    'error.target': [...NULL, ...ANY_TEXT, 'made string'],
    'error.errno': NULL,
  },
}

/** Tells of a label, such as `host.pidMax: made null`, whether the change must leave a document valid. */
export function changesAllowed(name: string, only?: Table): (label: string) => boolean {
  const tables = only ? [only] : [SHARED, CONTENTS, SUBJECT, PLAN, SURVIVORS[name] ?? {}]
  const rules = tables.flatMap((table) =>
    Object.entries(table).flatMap(([path, changes]) =>
      changes.map((change) => ({ path: pattern(path, change === '*'), change })),
    ),
  )
  return (label) => {
    const [path = '', change] = label.split(': ')
    return rules.some(
      (rule) => rule.path.test(path) && (rule.change === '*' || rule.change === change),
    )
  }
}

/** `*` is one step of a path, `**.` any number of them; `below`: whatever is below of it, too. */
function pattern(path: string, below: boolean): RegExp {
  const anywhere = path.startsWith('**.')
  const steps = (anywhere ? path.slice(3) : path).split('.').map((s) => (s === '*' ? '[^.]+' : s))
  const begin = anywhere ? '(.+\\.)?' : ''
  return new RegExp(`^${begin}${steps.join('\\.')}${below ? '(\\..+)?' : ''}$`)
}
