// How one look at the branch can end, in words for people.

import { Failure } from '../model/error.ts'
import type { Flow } from '../model/flow.ts'
import type { HeadCondition } from '../model/head.ts'
import type { Commit } from '../model/id.ts'
import type { Revision } from '../model/revision.ts'

export interface Outcome {
  readonly condition: HeadCondition
  readonly result: 'changed' | 'unchanged' | 'failed'
  /** Flows of a revision that was just loaded. */
  readonly compiled: readonly Flow[]
}

export interface Words {
  readonly why: string
  readonly remedy: string
}

export function outcome(condition: HeadCondition, result: Outcome['result'], revision?: Revision): Outcome {
  return { condition, result, compiled: revision?.flows.map(({ flow }) => flow) ?? [] }
}

/** Throws whatever is no failure of the world. */
export function unreachable(thrown: unknown): Outcome {
  if (!(thrown instanceof Failure)) throw thrown
  return outcome({ is: 'unreachable', ...wordsOf(thrown) }, 'failed')
}

export function wordsOf(failure: Failure): Words {
  return { why: failure.message, remedy: failure.remedy ?? 'Run `watchbill doctor`.' }
}

export function missingBranch(branch: string | null): Outcome {
  const why =
    branch === null ? 'the repository has no commit yet' : `the branch ${branch} does not exist any more`
  const remedy =
    branch === null
      ? 'Commit the flows; they are read at the next look.'
      : 'If it was renamed, set WATCHBILL_BRANCH to its new name; what was in force stays in force.'
  return outcome({ is: 'unreachable', why, remedy }, 'failed')
}

export function rewritten(branch: string | null, commit: Commit): Words {
  const why = `the branch ${branch ?? ''} was rewritten: ${short(commit)} does not build on the commit in force`
  return { why, remedy: acceptance(commit) }
}

const namesMax = 10

export function tooManyRemoved(lost: readonly string[], commit: Commit): Words {
  const more = lost.length > namesMax ? ` and ${lost.length - namesMax} more` : ''
  const why = `${short(commit)} removes ${lost.length} flows at once: ${lost.slice(0, namesMax).join(', ')}${more}`
  return { why, remedy: acceptance(commit) }
}

function acceptance(commit: Commit): string {
  return `Look at it, and if it is meant: watchbill accept ${commit}`
}

const short = (commit: Commit): string => commit.slice(0, 12)
