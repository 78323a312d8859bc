// Bounds the work of loops inside an expression: all, exists, map, filter, also nested.

import type { ASTNode } from '@marcbachmann/cel-js'
import { Failure } from '../model/error.ts'

/** Rounds of all loops of one evaluation together. */
export const roundsMax = 100_000
/** Each round may look through every character that was read: with more characters, fewer rounds. */
export const roundsTimesCharactersMax = 10_000_000_000

/**
 * The library expands a macro into a comprehension whose `condition` it calls before each round. This leans on
 * its internals (version 8.0.0 exactly); a test sees that a long loop ends.
 */
interface Expanded {
  readonly meta?: { readonly alternate?: { readonly op: string; readonly args: Comprehension } }
}

interface Comprehension {
  condition?: (accumulated: unknown) => boolean
}

export interface Meter {
  /** Before each evaluation; it is synchronous, so one meter per expression is enough. */
  reset(charactersRead: number): void
}

export function limitLoops(ast: ASTNode): Meter {
  let left = 0
  for (const comprehension of comprehensionsIn(ast)) {
    const { condition } = comprehension
    comprehension.condition = (accumulated) => {
      left -= 1
      if (left < 0) throw new Failure('invalid', 'the loops of the expression take too many rounds')
      return condition === undefined || condition(accumulated)
    }
  }
  return {
    reset: (charactersRead) => {
      left = Math.min(roundsMax, Math.floor(roundsTimesCharactersMax / Math.max(1, charactersRead)))
    },
  }
}

function comprehensionsIn(ast: ASTNode): Comprehension[] {
  const found: Comprehension[] = []
  const open: unknown[] = [ast]
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (Array.isArray(part)) open.push(...(part as unknown[]))
    if (typeof part !== 'object' || part === null || !('op' in part)) continue
    const node = part as ASTNode
    const alternate = (node as Expanded).meta?.alternate
    if (alternate?.op === 'comprehension') found.push(alternate.args)
    open.push(node.args)
  }
  return found
}
