// What the compiling of one file works with, and how it tells what is wrong with a place in it.

import type { Problem } from '../model/problem.ts'
import type { Policy } from '../model/policy.ts'
import type { Flows } from './callee.ts'
import type { Parsed, Spot } from './parse.ts'
import type { Shelf } from './shelf.ts'
import { problemAt, type Finding } from './source.ts'

export interface Bench {
  readonly parsed: Parsed
  readonly shelf: Shelf
  readonly files: Files
  readonly flows: Flows
  /** Null: not known here, so names of it are taken as they are. */
  readonly policy: Policy | null
  readonly problems: Problem[]
}

/** The text files beside a flow. What is read becomes part of its closure. */
export interface Files {
  has(path: string): boolean
  /** Null when there is none, or it is no text; then `problem` says why. */
  read(path: string): { readonly text: string } | { readonly problem: Problem | null }
}

/** An entry of a map or a list of the document. */
export interface Slot {
  readonly in: object
  readonly key: string
}

export function slot(container: object, key: string | number): Slot {
  return { in: container, key: String(key) }
}

export function spotOf(bench: Bench, { in: container, key }: Slot): Spot {
  const spots = bench.parsed.spots.get(container)
  const first: Spot | undefined = spots?.values().next().value
  return spots?.get(key) ?? first ?? { keyAt: 0, valueAt: 0, node: null }
}

export function reportValue(bench: Bench, at: Slot, finding: Finding): void {
  bench.problems.push(problemAt(bench.parsed.source, spotOf(bench, at).valueAt, finding))
}

export function reportKey(bench: Bench, at: Slot, finding: Finding): void {
  bench.problems.push(problemAt(bench.parsed.source, spotOf(bench, at).keyAt, finding))
}
