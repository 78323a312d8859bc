// A person starts an ended run again from one of its steps: what is before stays as it happened.

import type { Engine } from './engine.ts'
import { limitsOf } from './limits-of.ts'
import { loadState } from './load-state.ts'
import { didYouMean } from '../flow/suggest.ts'
import { Failure, Stop } from '../model/error.ts'
import { type Flow, stepAt } from '../model/flow.ts'
import {
  effectsOf,
  type PastEffect,
  type PastEffects,
  seeEffect,
  stepsToRepeat,
} from '../model/retry-plan.ts'
import type { Fact } from '../model/journal.ts'
import type { Statements, Transaction } from '../store/database.ts'
import { attachLimits } from '../store/limits.ts'
import { type EndedRow, lockEnded, readEnded, reopenRun } from '../store/reopen.ts'
import { wakeRuns } from '../store/wake.ts'

export type RetryParts = Pick<Engine, 'database' | 'queue' | 'clock' | 'actions' | 'flowVersion'>

export interface RetryAsked {
  readonly run: string
  /** A step at the top of the flow; null: from what failed. */
  readonly from: string | null
  readonly by: string
  /** `agreed`: what happens a second time by it is accepted. */
  readonly repeats: 'agreed' | 'not agreed'
}

export interface Retried {
  readonly run: string
  /** Steps that begin again, in the order of the flow. */
  readonly steps: readonly string[]
  /** What may happen a second time. */
  readonly again: readonly Repeated[]
  /** A run that called this one and does not hear of its new end; null: there is none, or it does hear. */
  readonly parent: string | null
}

export interface Repeated {
  readonly step: string
  readonly element: number | null
  readonly uses: string
  readonly outcome: PastEffect['outcome']
}

/** Throws `Stop` with what stands in the way; then nothing has changed. */
export async function retryRun(parts: RetryParts, asked: RetryAsked): Promise<Retried> {
  const flow = await flowOf(parts, endedRow(await readEnded(parts.database, asked.run), asked))
  if (asked.from !== null) checkStep(flow, asked.from)
  return parts.database.transaction(async (tx) => {
    const row = endedRow(await lockEnded(tx, asked.run), asked)
    const effects: PastEffects = new Map()
    let generation = 1
    const state = await loadState(tx, nextHolder(row), (fact) => {
      seeEffect(effects, fact)
      if (fact.is === 'retried') generation = fact.generation + 1
    })
    const steps = stepsToRepeat(flow, state, asked.from)
    const repeated = effectsOf(effects, steps)
    if (asked.repeats === 'not agreed') checkHarmless(parts, repeated)
    const fact = { v: 1, is: 'retried', steps, by: asked.by, generation } as const
    await reopen(tx, { row, fact, flow }, parts.clock.now())
    await wakeRuns(tx, parts.queue, [row.id])
    const again = repeated.map(({ step, element, uses, outcome }) => ({ step, element, uses, outcome }))
    return { run: row.id, steps, again, parent: await deafParent(tx, row) }
  })
}

interface Reopened {
  readonly row: EndedRow
  readonly flow: Flow
  readonly fact: Extract<Fact, { is: 'retried' }>
}

/** With limits it waits for its places like a new one. */
async function reopen(tx: Transaction, { row, flow, fact }: Reopened, atMs: number): Promise<void> {
  const { id, trigger, event, inputs, createdMs: nowMs } = row
  const found = flow.triggers.find((one) => one.id === trigger)
  const overlap = found?.kind === 'schedule' ? found.overlap : 'allow'
  const limits = limitsOf(flow, { trigger, overlap }, { id, trigger, event, inputs, nowMs })
  await reopenRun(tx, row, { fact, atMs, status: limits.length > 0 ? 'queued' : 'parked' })
  if (limits.length > 0) await attachLimits(tx, { id, orderMs: atMs, is: 'waiting' }, limits)
}

function endedRow(row: EndedRow | null, { run, from }: RetryAsked): EndedRow {
  if (row === null) throw new Stop(1, `there is no run ${run}`, 'see `watchbill runs`')
  if (row.status === 'succeeded' && from === null)
    throw new Stop(1, `run ${run} has succeeded`, 'say where it shall begin again: --from STEP')
  if (row.status !== 'succeeded' && row.status !== 'failed' && row.status !== 'cancelled')
    throw new Stop(1, `run ${run} has not ended, it is ${row.status}`, 'wait for its end, or cancel it first')
  return row
}

async function flowOf(parts: RetryParts, row: EndedRow): Promise<Flow> {
  try {
    return await parts.flowVersion(row.version)
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown
    throw new Stop(1, `the flow of run ${row.id} cannot be loaded: ${thrown.message}`, 'start the flow again')
  }
}

function checkStep(flow: Flow, from: string): void {
  if (flow.steps.some(({ path }) => path === from)) return
  const [group = ''] = from.split('.')
  if (stepAt(flow, from) !== null && flow.steps.some(({ path }) => path === group))
    throw new Stop(
      1,
      `${from} stands inside the group ${group}`,
      `a group begins as a whole: --from ${group}`,
    )
  const why = from.startsWith('on_failure.') ? ', and those of on_failure run by themselves' : ''
  const known = flow.steps.map(({ path }) => path)
  throw new Stop(1, `${flow.name} has no step ${from}${why}`, didYouMean(from, known))
}

/** A new round has new keys, so that a remote cannot tell a repetition: only what changes nothing twice is harmless. */
function checkHarmless(parts: RetryParts, effects: readonly PastEffect[]): void {
  const grave = effects.filter((effect) => effect.risk === 'high' || !isIdempotent(parts, effect))
  if (grave.length === 0) return
  const said = grave.slice(0, shownMax).map(inWords).join(', ')
  const more = grave.length > shownMax ? ` and ${grave.length - shownMax} more` : ''
  throw new Stop(4, `this may happen a second time: ${said}${more}`, 'look whether it may, then add --yes')
}

const shownMax = 10

function isIdempotent({ actions }: RetryParts, { uses, input }: PastEffect): boolean {
  const repetition = actions.get(uses)?.repetition(input)
  return repetition === 'idempotent' || repetition === 'read'
}

function inWords({ step, element, uses, outcome }: PastEffect): string {
  const at = element === null ? step : `${step}#${element}`
  return `${at} (${uses}${outcome === 'unknown' ? ', whose outcome is not known' : ''})`
}

/** Who has the run next finds all of its journal. */
function nextHolder(row: EndedRow): EndedRow {
  return { ...row, epoch: row.epoch + 1 }
}

/** A caller that has gone on does not hear of the new end. */
async function deafParent(statements: Statements, { id, parent }: EndedRow): Promise<string | null> {
  const caller = parent === null ? null : await readEnded(statements, parent)
  if (caller === null) return parent
  const { invocations } = await loadState(statements, nextHolder(caller))
  const waits = [...invocations.values()].some(({ phase }) => phase.is === 'called' && phase.run === id)
  const ended = ['succeeded', 'failed', 'cancelled'].includes(caller.status)
  return waits && !ended ? null : caller.id
}
