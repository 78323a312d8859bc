// The flows of a commit: each on its own, and those that call others after these.

import type { Problem } from '../model/problem.ts'
import { askedFiles } from './files.ts'
import { callsDeepMax, type Callee, type Called, type Flows } from './callee.ts'
import { callDepths, callWay } from './call-way.ts'
import { compileFlow, type CompiledFlow, type ReadDocument } from './compile.ts'
import { compileHere, keep, openFlow, type Loading, type Opened } from './open-flow.ts'
import { readFlow } from './read-flow.ts'
import { shelfOf } from './shelf.ts'

export interface Loaded extends CompiledFlow {
  readonly path: string
}

export function loadFlows(loading: Loading, paths: readonly string[]): readonly Loaded[] {
  const opened = paths.map((path) => openFlow(loading, path))
  const book: Book = {
    loading,
    byName: Map.groupBy(opened, (one) => one.name),
    depths: callDepths(new Map(opened.map(({ name, calls }) => [name ?? '', calls]))),
    finished: new Map(),
  }
  return opened.map((one) => ({ path: one.path, ...finish(book, one) }))
}

interface Book {
  readonly loading: Loading
  /** Under null those of which not even the name can be read. */
  readonly byName: ReadonlyMap<string | null, readonly Opened[]>
  /** Calls below each flow; absent: they lead into a circle. */
  readonly depths: ReadonlyMap<string, number>
  readonly finished: Map<Opened, CompiledFlow>
}

function finish(book: Book, opened: Opened): CompiledFlow {
  const done = book.finished.get(opened)
  if (done !== undefined) return done
  const compiled = stillHolds(book, opened) ?? compileCaller(book, opened)
  book.finished.set(opened, compiled)
  return compiled
}

/** What was compiled before, when every flow that it calls is the very same. */
function stillHolds(book: Book, opened: Opened): CompiledFlow | null {
  if (opened.known === null) return null
  const { asked, compiled } = opened.known
  const same = [...asked].every(([name, sign]) => lookUp(book, opened, name).sign === sign)
  return same ? compiled : null
}

function compileCaller(book: Book, opened: Opened): CompiledFlow {
  const { loading } = book
  const read = opened.read ?? readAgain(loading, opened.path)
  const asked = new Map<string, unknown>()
  const { name, calls } = opened
  const result = compileHere(loading, read, flowsFor(book, opened, asked))
  return keep(loading, opened.path, { name, calls, asked, ...result }).known.compiled
}

/** What is known of it was read from this very text, so it is a flow. */
function readAgain(loading: Loading, path: string): ReadDocument {
  const read = readFlow(path, loading.files.get(path) ?? new Uint8Array())
  if (read.is === 'misfit') throw new Error(`${path} was a flow before`)
  return read
}

function flowsFor(book: Book, from: Opened, asked: Map<string, unknown>): Flows {
  return {
    called: (name) => {
      const { called, sign } = lookUp(book, from, name)
      asked.set(name, sign)
      return called
    },
  }
}

interface Found {
  readonly called: Called
  /** The same one means that nothing has changed. */
  readonly sign: unknown
}

const unknown: Found = { called: { is: 'unknown' }, sign: 'unknown' }

function lookUp(book: Book, from: Opened, name: string): Found {
  const [opened, ...others] = book.byName.get(name) ?? []
  if (opened === undefined) {
    // It may stand in a file that cannot be read now.
    if (book.byName.has(null)) return unknown
    const known = [...book.byName.keys()].filter((one) => one !== null).sort()
    return { called: { is: 'missing', known }, sign: `missing among ${known.join(' ')}` }
  }
  if (others.length > 0) return unknown
  const depth = book.depths.get(name)
  if (depth === undefined) return tangled(book, from.name ?? '', name)
  // So deep the loading itself goes at most.
  if (depth >= callsDeepMax) return { called: { is: 'deep' }, sign: 'deep' }
  const compiled = finish(book, opened)
  if (compiled.version === null) return unknown
  return { called: { is: 'there', callee: calleeOf(book, opened, compiled) }, sign: compiled }
}

/** Calls of the called flow lead into a circle; it is the caller's fault when the caller stands in it. */
function tangled(book: Book, from: string, name: string): Found {
  const way = callWay(name, from, (one) => book.byName.get(one)?.[0]?.calls ?? [])
  if (way === null) return unknown
  const whole = [from, ...way]
  return { called: { is: 'circle', way: whole }, sign: `circle ${whole.join(' ')}` }
}

/** By the inputs that are not trusted. Keeps nothing of the commit, which a compiled flow outlives. */
const faults = new WeakMap<CompiledFlow, Map<string, Problem | null>>()

function calleeOf(book: Book, opened: Opened, compiled: CompiledFlow): Callee {
  const known = faults.get(compiled) ?? new Map<string, Problem | null>()
  faults.set(compiled, known)
  return {
    name: opened.name ?? '',
    inputs: compiled.version?.flow.inputs ?? {},
    outputs: compiled.outputs,
    fault: (untrusted) => {
      const key = untrusted.toSorted().join(' ')
      const fault = known.has(key) ? (known.get(key) ?? null) : faultOf(book, opened, untrusted)
      known.set(key, fault)
      return fault
    },
  }
}

/** What is wrong with the flow once a call is what starts it. */
function faultOf(book: Book, opened: Opened, untrusted: readonly string[]): Problem | null {
  const { files, actions, policy } = book.loading
  const { problems } = compileFlow({
    file: opened.path,
    bytes: files.get(opened.path) ?? new Uint8Array(),
    shelf: shelfOf(actions),
    files: askedFiles(files),
    flows: flowsFor(book, opened, new Map()),
    policy,
    start: { event: 'called', untrusted: new Set(untrusted) },
  })
  return problems.find((problem) => problem.severity === 'error') ?? null
}
