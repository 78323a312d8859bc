// What an expression at one place of a file can see: names with their types, and what is known to be there.

import type { ASTNode } from '@marcbachmann/cel-js'
import { joined as joinedTrust, type Trust } from '../model/trust.ts'
import type { Fields, Type } from './type.ts'

export interface View {
  readonly roots: Fields
  /** Paths that are known to be there although their field is uncertain, like `steps.a` behind `when: has(steps.a)`. */
  readonly certain: ReadonlySet<string>
  /** What follows from a comparison: `steps.triage.choice=reply` → `steps.triage.output`. */
  readonly grants: ReadonlyMap<string, readonly string[]>
  /** Names that exist but cannot be read here: path → what to do instead. */
  readonly elsewhere: ReadonlyMap<string, string>
  /** Null: which files there are is not known here. */
  readonly files: { has(path: string): boolean } | null
}

/** One view with more names. */
export function withRoots(view: View, roots: Fields): View {
  return { ...view, roots: new Map([...view.roots, ...roots]) }
}

export function withCertain(view: View, paths: Iterable<string>): View {
  return { ...view, certain: new Set([...view.certain, ...paths]) }
}

/** A mistake inside an expression, by offsets into its text. */
export interface Fault {
  readonly code:
    | 'expression-syntax'
    | 'expression-type'
    | 'reference-unknown'
    | 'reference-unguarded'
    | 'file-missing'
  readonly start: number
  readonly message: string
  readonly hint: string
}

export interface Read {
  readonly keys: readonly string[]
  readonly type: Type
  readonly trust: Trust
  /** False: null counts as absent. */
  readonly certain: boolean
}

/** What one look at an expression gathers. */
export interface Inference {
  readonly view: View
  readonly reads: Map<string, Read>
  readonly faults: Fault[]
  readonly files: Set<string>
}

export interface Judged {
  readonly type: Type
  readonly trust: Trust
}

/** Where in an expression: what is known to be there, and the names that its own macros bring. */
export interface At {
  readonly inference: Inference
  /** `infer` of infer.ts, for the parts of an expression. */
  readonly infer: (node: ASTNode, at: At) => Judged
  readonly facts: ReadonlySet<string>
  readonly locals: ReadonlyMap<string, Judged>
}

export function withFacts(at: At, paths: readonly string[]): At {
  return paths.length === 0 ? at : { ...at, facts: new Set([...at.facts, ...paths]) }
}

export function trustOf(judged: readonly Judged[]): Trust {
  return joinedTrust(judged.map((one) => one.trust))
}
