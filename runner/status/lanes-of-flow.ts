// The lanes of a run in the order of its flow's steps: those not reached yet, and the one at work, included. Pure.

import type { Mark } from './mark.ts'
import type { Lane, Timed } from './timeline.ts'
import type { Flow, Step } from '../model/flow.ts'

/** Without the compiled flow, the lanes as they are. */
export function withSteps(lanes: readonly Lane[], flow: Flow | null, run: Timed): readonly Lane[] {
  if (flow === null) return lanes
  const failing = lanes.some((lane) => lane.step.startsWith('on_failure.'))
  const steps = inOrder(failing ? [...flow.steps, ...flow.onFailure.steps] : flow.steps)
  const known = new Set<string>(steps.map((step) => step.path))
  const lanesOf = Map.groupBy(lanes, (lane) => lane.step)
  const ended = new Set(steps.filter((step) => isEnded(lanesOf.get(step.path) ?? [])).map((step) => step.id))
  const latestMs = lanes
    .flatMap((lane) => lane.spans)
    .reduce((last, span) => Math.max(last, span.toMs), run.startedMs)
  const placed = steps.flatMap((step) => {
    const own = lanesOf.get(step.path) ?? []
    const head = own.find((lane) => lane.element === null)
    const elements = own.filter((lane) => lane.element !== null)
    return [headLane({ step, head, elements, run, ended, latestMs }), ...elements]
  })
  return [...placed, ...lanes.filter((lane) => !known.has(lane.step))]
}

interface Reached extends Pick<Step, 'id' | 'path' | 'needs'> {
  /** Ids of the groups around it. */
  readonly groups: readonly string[]
}

/** The steps of a group after the group; they start no earlier than it does. */
function inOrder(steps: readonly Step[], group: Omit<Reached, 'path' | 'id'> = top): readonly Reached[] {
  return steps.flatMap(({ id, path, needs, work }) => {
    const all = [...group.needs, ...needs]
    const inside = { needs: all, groups: [...group.groups, id] }
    const own: Reached = { id, path, needs: all, groups: group.groups }
    return [own, ...(work.is === 'group' ? inOrder(work.steps, inside) : [])]
  })
}

const top = { needs: [], groups: [] } as const

const endMarks: ReadonlySet<Mark> = new Set(['succeeded', 'failed', 'denied', 'skipped'])

function isEnded(lanes: readonly Lane[]): boolean {
  return lanes.length > 0 && lanes.every((lane) => lane.elements !== null || endMarks.has(lane.mark))
}

interface Placing {
  readonly step: Reached
  readonly head: Lane | undefined
  readonly elements: readonly Lane[]
  readonly run: Timed
  readonly ended: ReadonlySet<string>
  readonly latestMs: number
}

function headLane({ step, head, elements, run, ended, latestMs }: Placing): Lane {
  if (head !== undefined)
    return elements.length === 0 ? head : { ...head, mark: together(elements), spans: around(elements) }
  const empty = { key: step.path, step: step.path, element: null, uses: null, choice: null, elements: null }
  if (elements.length > 0) return { ...empty, mark: together(elements), spans: around(elements) }
  // Only what is durable stands in the journal: a step at work leaves its first trace when it is done.
  const reached = step.needs.every((need) => ended.has(need)) && !step.groups.some((id) => ended.has(id))
  const atWork = run.status === 'running' && reached
  if (!atWork) return { ...empty, mark: 'pending', spans: [] }
  const span = { kind: 'work', fromMs: latestMs, toMs: run.untilMs, mark: 'running', attempt: 0 } as const
  return { ...empty, mark: 'running', spans: [span] }
}

/** One span from the first to the last work of the elements. */
function around(elements: readonly Lane[]): Lane['spans'] {
  const spans = elements.flatMap((lane) => lane.spans).filter((span) => span.kind === 'work')
  if (spans.length === 0) return []
  const fromMs = Math.min(...spans.map((span) => span.fromMs))
  const toMs = Math.max(...spans.map((span) => span.toMs))
  return [{ kind: 'work', fromMs, toMs, mark: together(elements), attempt: 0 }]
}

const weight: readonly Mark[] = [
  'unknown',
  'people',
  'running',
  'waiting',
  'failed',
  'denied',
  'cancelled',
  'succeeded',
]

/** One state for a list: the one that most wants to be seen. */
function together(elements: readonly Lane[]): Mark {
  return weight.find((mark) => elements.some((lane) => lane.mark === mark)) ?? 'skipped'
}
