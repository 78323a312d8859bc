// What each file stands for after a revision: pure, from what stood before. A file with an error keeps what it had.

import type { Problem } from '../model/problem.ts'
import type { Revision } from '../model/revision.ts'
import type { FlowHead } from '../store/revisions.ts'

/** Every file that holds a flow now or held one before; unchanged rows are the very objects of `before`. */
export function nextHeads(before: readonly FlowHead[], revision: Revision): readonly FlowHead[] {
  const old = new Map(before.map((head) => [head.file, head]))
  const problems = Map.groupBy(revision.problems, (problem) => problem.place.file)
  const good = revision.flows.map(({ flow }): FlowHead => {
    const was = old.get(flow.file)
    return {
      file: flow.file,
      name: flow.name,
      version: flow.version,
      commit: was?.version === flow.version ? was.commit : revision.commit,
      state: 'active',
      suspended: flow.suspended,
      problems: problems.get(flow.file) ?? [],
      description: flow.description,
    }
  })
  const taken = new Set(good.map((head) => head.name))
  const broken = [...revision.broken].sort().map((file): FlowHead => {
    const head = brokenHead({ file, was: old.get(file), commit: revision.commit, taken })
    taken.add(head.name)
    return { ...head, problems: problems.get(file) ?? [] }
  })
  const present = new Set([...good, ...broken].map((head) => head.file))
  const removed = before.filter((head) => !present.has(head.file)).map(asRemoved)
  return [...good, ...broken, ...removed].map((head) => unchanged(old.get(head.file), head))
}

interface BrokenFile {
  readonly file: string
  readonly was: FlowHead | undefined
  readonly commit: string
  readonly taken: ReadonlySet<string>
}

/** Two files cannot stand for one flow: the good one has the name, and the broken one goes by its path. */
function brokenHead({ file, was, commit, taken }: BrokenFile): FlowHead {
  const nothing: readonly Problem[] = []
  if (was !== undefined && was.state !== 'removed' && !taken.has(was.name))
    return { ...was, state: 'broken', problems: nothing }
  const stem = file.replace(/^.*\//, '').replace(/\.yaml$/, '')
  const name = taken.has(stem) ? file : stem
  const empty = { version: null, suspended: false, problems: nothing, description: '' } as const
  return { file, name, commit, state: 'broken', ...empty }
}

function asRemoved(head: FlowHead): FlowHead {
  return head.state === 'removed' ? head : { ...head, state: 'removed', problems: [] }
}

function unchanged(was: FlowHead | undefined, head: FlowHead): FlowHead {
  return was !== undefined && JSON.stringify(sorted(was)) === JSON.stringify(sorted(head)) ? was : head
}

function sorted(head: FlowHead): readonly unknown[] {
  const { file, name, version, commit, state, suspended, problems, description } = head
  const shown = problems.map((one) => [
    one.code,
    one.severity,
    one.place.line,
    one.place.column,
    one.message,
    one.hint,
    one.excerpt,
  ])
  return [file, name, version, commit, state, suspended, description, shown]
}

/** Names of flows that have a version before and none after. */
export function lostFlows(before: readonly FlowHead[], after: readonly FlowHead[]): readonly string[] {
  const left = new Set(after.filter(isInForce).map((head) => head.name))
  return before.filter((head) => isInForce(head) && !left.has(head.name)).map((head) => head.name)
}

export function isInForce(head: FlowHead): boolean {
  return head.state !== 'removed' && head.version !== null
}

/** From so many flows on, losing more than a third of them asks a person; losing all of them always does. */
export const massRemovalFlowsMin = 3

export function isMassRemoval(before: readonly FlowHead[], after: readonly FlowHead[]): boolean {
  const total = before.filter(isInForce).length
  const lost = lostFlows(before, after).length
  if (total > 0 && after.filter(isInForce).length === 0) return true
  return total >= massRemovalFlowsMin && lost * 3 > total
}
