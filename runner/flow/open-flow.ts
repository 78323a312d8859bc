// A flow file looked at once: what it is called, which flows it calls, and its compiled form where that needs no others.

import type { Action } from '../model/action.ts'
import type { Policy } from '../model/policy.ts'
import type { SourceFiles } from '../model/revision.ts'
import { noFlows } from './callee.ts'
import { compileRead, misfit, type CompiledFlow, type ReadDocument, type Surrounding } from './compile.ts'
import type { FlowDocument } from './document.ts'
import { askedFiles, type Hashes } from './files.ts'
import { readFlow } from './read-flow.ts'
import { remembering, type Remembering } from './remember.ts'
import { shelfOf } from './shelf.ts'
import { stepsOfFlow } from './walk-steps.ts'

export interface Loading {
  readonly files: SourceFiles
  readonly hashes: Hashes
  readonly actions: readonly Action[]
  readonly policy: Policy | null
}

export interface Opened {
  readonly path: string
  /** Null: not even that can be read. */
  readonly name: string | null
  readonly calls: readonly string[]
  /** From before; whether it still holds, the flows it calls have to say. */
  readonly known: Remembered | null
  /** Kept only for those that call others and are not known. */
  readonly read: ReadDocument | null
}

/** What was compiled from the same text, with the same files beside it, the same policy and the same called flows. */
export interface Remembered {
  readonly name: string | null
  readonly calls: readonly string[]
  readonly looked: readonly (readonly [path: string, hash: string | null])[]
  /** Name of a called flow → what it was. */
  readonly asked: ReadonlyMap<string, unknown>
  readonly compiled: CompiledFlow
}

export function openFlow(loading: Loading, path: string): Opened {
  const known = memoryOf(loading.actions).get(keyOf(loading, path)) ?? null
  if (known?.looked.every(([other, hash]) => loading.hashes.of(other) === hash) === true)
    return { path, name: known.name, calls: known.calls, known, read: null }
  const read = readFlow(path, loading.files.get(path) ?? new Uint8Array())
  if (read.is === 'misfit') {
    const outline = { name: read.name, calls: [], looked: [], asked: new Map() }
    return keep(loading, path, { ...outline, compiled: misfit(read.problems) })
  }
  const { name } = read.document
  const calls = callsOf(read.document)
  if (calls.length > 0) return { path, name, calls, known: null, read }
  return keep(loading, path, { name, calls, asked: new Map(), ...compileHere(loading, read, noFlows) })
}

function callsOf(document: FlowDocument): readonly string[] {
  return [...new Set(stepsOfFlow(document).flatMap(({ step }) => step.call ?? []))]
}

/** Compiles with the files of the commit, and says which of them were looked at. */
export function compileHere(
  { files, hashes, actions, policy }: Loading,
  read: ReadDocument,
  flows: Surrounding['flows'],
): Pick<Remembered, 'compiled' | 'looked'> {
  const asked = askedFiles(files)
  const compiled = compileRead(read, { shelf: shelfOf(actions), files: asked, flows, policy })
  return { compiled, looked: [...asked.looked].map((other) => [other, hashes.of(other)]) }
}

const flowsRememberedMax = 20_000
const memories = new WeakMap<readonly Action[], Remembering<Remembered>>()

function memoryOf(actions: readonly Action[]): Remembering<Remembered> {
  const memory = memories.get(actions) ?? remembering<Remembered>(flowsRememberedMax)
  memories.set(actions, memory)
  return memory
}

function keyOf({ hashes, policy }: Loading, path: string): string {
  return `${path}\0${hashes.of(path)}\0${policy?.version ?? ''}`
}

export function keep(loading: Loading, path: string, known: Remembered): Opened & { known: Remembered } {
  memoryOf(loading.actions).set(keyOf(loading, path), known)
  return { path, name: known.name, calls: known.calls, known, read: null }
}
