// A pinned version of a flow from its stored closure, for runs that started with it.

import type { Action } from '../model/action.ts'
import { digestOf } from '../model/digest.ts'
import { Stop } from '../model/error.ts'
import type { Flow } from '../model/flow.ts'
import { showProblem } from '../model/problem.ts'
import { noFlows } from './callee.ts'
import { compileFlow } from './compile.ts'
import { askedFiles } from './files.ts'
import { remembering } from './remember.ts'
import { shelfOf } from './shelf.ts'

export type Closure = Readonly<Record<string, string>>

/** What `Flow.version` is: the hash of every file the flow can read, by path and content. */
export function closureHash(closure: Closure): string {
  return digestOf(closure)
}

export interface StoredVersion {
  readonly file: string
  readonly closure: Closure
}

/** Runs of one version share it. */
const versionsMax = 2_000
const remembered = new WeakMap<readonly Action[], ReturnType<typeof remembering<Flow>>>()

/** `untrusted`: inputs that were given what came from outside. Throws `Stop` when the version does not compile any more, which an older runner could still run. */
export function compileVersion(
  stored: StoredVersion,
  actions: readonly Action[],
  untrusted: readonly string[] = [],
): Flow {
  const versions = remembered.get(actions) ?? remembering<Flow>(versionsMax)
  remembered.set(actions, versions)
  const key = [stored.file, closureHash(stored.closure), ...untrusted.toSorted()].join('\0')
  return versions.of(key, () => compiled(stored, actions, new Set(untrusted)))
}

function compiled(
  { file, closure }: StoredVersion,
  actions: readonly Action[],
  untrusted: ReadonlySet<string>,
): Flow {
  const encoder = new TextEncoder()
  const files = new Map(Object.entries(closure).map(([path, text]) => [path, encoder.encode(text)]))
  const bytes = files.get(file)
  if (bytes === undefined) throw new Error(`the closure lacks its own flow ${file}`)
  const { version, problems } = compileFlow({
    file,
    bytes,
    shelf: shelfOf(actions),
    files: askedFiles(files),
    flows: noFlows,
    policy: null,
    start: { event: 'own', untrusted },
  })
  if (version !== null) return version.flow
  const [first] = problems
  const why = first === undefined ? 'unknown reason' : showProblem(first)
  throw new Stop(
    1,
    `the stored version of ${file} does not compile any more: ${why}`,
    'run it with the runner it was made for, or cancel the run',
  )
}
