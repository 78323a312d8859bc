// From the journal's outline to bars over time: a lane per step or element, spans of work and of waiting. Pure.

import type { Mark } from './mark.ts'
import type { OutlineRow } from '../store/view-run.ts'
import type { RunStatus } from '../model/run.ts'

export type SpanKind = 'work' | 'people' | 'timer' | 'retry'

export interface Span {
  readonly kind: SpanKind
  readonly fromMs: number
  readonly toMs: number
  /** What this stretch came to; `running`, `people` or `waiting` while it lasts. */
  readonly mark: Mark
  /** From 1; 0 where it means nothing. */
  readonly attempt: number
}

export interface Lane {
  readonly key: string
  readonly step: string
  readonly element: number | null
  readonly mark: Mark
  readonly uses: string | null
  readonly choice: string | null
  /** Elements of the list, for a step with `each`. */
  readonly elements: number | null
  readonly spans: readonly Span[]
}

/** The run, as far as the picture needs it. */
export interface Timed {
  readonly status: RunStatus
  readonly startedMs: number
  /** When it ended, or now. */
  readonly untilMs: number
}

/** Lanes in the order in which the journal names them. */
export function timelineOf(outline: readonly OutlineRow[], run: Timed): readonly Lane[] {
  const lanes = new Map<string, Draft>()
  let previousMs = run.startedMs
  for (const row of outline) {
    if (row.step !== null && row.is !== 'failing') take(laneFor(lanes, row, row.step), row, previousMs)
    previousMs = Math.max(previousMs, row.atMs)
  }
  return [...lanes.values()].map((lane) => finished(lane, run))
}

interface Open {
  readonly kind: SpanKind
  readonly fromMs: number
  readonly attempt: number
  /** A planned end, for timers. */
  readonly dueMs: number | null
  /** What it shows while it lasts, where its kind does not say it. */
  readonly mark?: Mark
}

interface Draft {
  readonly key: string
  readonly step: string
  readonly element: number | null
  mark: Mark
  uses: string | null
  choice: string | null
  elements: number | null
  open: Open | null
  readonly spans: Span[]
}

function laneFor(lanes: Map<string, Draft>, row: OutlineRow, step: string): Draft {
  const key = row.element === null ? step : `${step}#${row.element}`
  const known = lanes.get(key)
  if (known !== undefined) return known
  const empty = { mark: 'pending', uses: null, choice: null, elements: null, open: null } as const
  const fresh: Draft = { key, step, element: row.element, ...empty, spans: [] }
  lanes.set(key, fresh)
  return fresh
}

function take(lane: Draft, row: OutlineRow, previousMs: number): void {
  lane.uses = row.uses ?? lane.uses
  lane.choice = row.choice ?? lane.choice
  switch (row.is) {
    case 'listed':
      lane.elements = row.count
      return
    case 'skipped':
      lane.mark = 'skipped'
      return
    case 'decided':
      // After a wait (for Claude to be there again) nobody knows when the asking began: the wait lasts until then.
      if (lane.open !== null && lane.open.kind !== 'work') return close(lane, row.atMs, 'succeeded')
      return work(lane, { fromMs: previousMs, toMs: row.atMs, mark: 'succeeded', attempt: 0 }, 'running')
    case 'asked':
      return begin(lane, { kind: 'people', fromMs: row.atMs, attempt: 0, dueMs: null }, 'people')
    case 'answered':
      return close(lane, row.atMs, yeses.has(row.verdict) ? 'succeeded' : 'denied')
    case 'denied':
      close(lane, row.atMs, 'denied')
      lane.mark = 'denied'
      return
    case 'waiting':
      return begin(lane, { kind: 'timer', fromMs: row.atMs, attempt: 0, dueMs: null }, 'waiting')
    case 'waited':
      close(lane, row.atMs, 'succeeded')
      lane.mark = 'succeeded'
      return
    case 'intended':
      return begin(
        lane,
        { kind: 'work', fromMs: row.atMs, attempt: row.attempt ?? 1, dueMs: null },
        'running',
      )
    case 'succeeded':
      return work(lane, workOf(row, 'succeeded'), 'succeeded')
    case 'failed':
      work(lane, workOf(row, 'failed'), row.retryAtMs === null ? 'failed' : 'waiting')
      if (row.retryAtMs !== null)
        lane.open = { kind: 'retry', fromMs: row.atMs, attempt: 0, dueMs: row.retryAtMs }
      return
    case 'cancel_requested':
    case 'failing':
      return
    default:
      // A fact of a newer program: its lane is there, its bar is not.
      return
  }
}

const yeses: ReadonlySet<string | null> = new Set(['yes', 'choice', 'done'])

function workOf(row: OutlineRow, mark: Mark): Omit<Span, 'kind'> {
  return { fromMs: row.atMs - (row.tookMs ?? 0), toMs: row.atMs, mark, attempt: row.attempt ?? 1 }
}

/** A finished stretch of work; it replaces the open one that announced it. */
function work(lane: Draft, span: Omit<Span, 'kind'>, mark: Mark): void {
  const open = lane.open
  if (open !== null && open.kind !== 'work')
    close(lane, Math.min(span.fromMs, open.dueMs ?? span.fromMs), 'waiting')
  lane.open = null
  lane.spans.push({ kind: 'work', ...span })
  lane.mark = mark
}

function begin(lane: Draft, open: Open, mark: Mark): void {
  const before = lane.open
  // Work that left no outcome before people are asked: whether it took effect is what they are asked.
  const unknown = before?.kind === 'work' && open.kind === 'people'
  if (before !== null)
    close(lane, Math.min(open.fromMs, before.dueMs ?? open.fromMs), unknown ? 'unknown' : 'waiting')
  lane.open = unknown ? { ...open, mark: 'unknown' } : open
  lane.mark = mark
}

function close(lane: Draft, atMs: number, mark: Mark): void {
  const open = lane.open
  if (open === null) return
  lane.spans.push({
    kind: open.kind,
    fromMs: open.fromMs,
    toMs: Math.max(open.fromMs, atMs),
    mark,
    attempt: open.attempt,
  })
  lane.open = null
  lane.mark = 'running'
}

/** What is still open lasts until now, or was cut off by the end of the run. */
function finished(lane: Draft, run: Timed): Lane {
  const over = run.status === 'succeeded' || run.status === 'failed' || run.status === 'cancelled'
  const { open, ...rest } = lane
  if (open === null) return { ...rest, mark: over && lane.mark === 'running' ? 'cancelled' : lane.mark }
  const mark = markOfOpen(open, run.status)
  const span = {
    kind: open.kind,
    fromMs: open.fromMs,
    toMs: Math.max(open.fromMs, run.untilMs),
    mark,
    attempt: open.attempt,
  }
  return { ...rest, mark, spans: [...lane.spans, span] }
}

function markOfOpen(open: Open, status: RunStatus): Mark {
  const over = status === 'succeeded' || status === 'failed' || status === 'cancelled'
  if (open.kind !== 'work')
    return over ? 'cancelled' : (open.mark ?? (open.kind === 'people' ? 'people' : 'waiting'))
  return status === 'running' || status === 'ready' ? 'running' : over ? 'cancelled' : 'unknown'
}
