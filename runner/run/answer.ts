// What people answered, turned into what happens.

import { act, carryOut, intentOf } from './act.ts'
import { startAction } from './gate.ts'
import { permitted } from './permit.ts'
import { actionNamed, bindingOf } from './proposal.ts'
import { conclude, invocationOf, LostRun, type Task, tell, tellFailed } from './task.ts'
import type { Verdict } from '../model/approval.ts'
import { Failure } from '../model/error.ts'
import { impossible } from '../model/impossible.ts'
import type { Fact, Frozen } from '../model/journal.ts'
import { keyOf, type Phase } from '../model/run.ts'
import { writeOutcomes } from '../store/journal.ts'

type Answered = Extract<Phase, { is: 'answered' }>

export function answerOf(task: Task, answered: Answered): Promise<void> {
  const verdict = answered.verdict
  switch (verdict.is) {
    case 'yes':
      return answered.action === null
        ? saidYes(task, verdict.by)
        : whenPermitted(task, answered.ticket, answered.action)
    case 'no':
      return denied(task, 'no', verdict.reason)
    case 'silence':
      return denied(task, 'silence', '')
    case 'choice':
      return answered.action === null
        ? chosen(task, verdict)
        : resolved(task, answered.action, verdict.choice)
    case 'done':
      return doneByHand(task, verdict.by)
    case 'cancelled':
      return denied(task, 'no', 'the question was withdrawn')
    default:
      return impossible(verdict)
  }
}

/** An `approve` step stands for itself. */
function saidYes(task: Task, by: readonly string[]): Promise<void> {
  const output = { answer: 'yes', by }
  return conclude(task, {
    v: 1,
    is: 'succeeded',
    at: task.at,
    attempt: 1,
    output,
    uses: null,
    risk: 'low',
    tookMs: 0,
  })
}

function denied(task: Task, answer: 'no' | 'silence', reason: string): Promise<void> {
  if (invocationOf(task).intent !== null) return leftUnknown(task)
  return conclude(task, { v: 1, is: 'denied', at: task.at, answer, reason })
}

function leftUnknown(task: Task): Promise<void> {
  const uses = invocationOf(task).intent?.action.uses ?? null
  const thrown = new Failure('unknown_outcome', 'nobody said whether it happened')
  return tellFailed(task, { thrown, uses, startedMs: task.engine.clock.monotonic(), again: 'no' })
}

/** A yes is not consumed before a connection that its action uses has room. */
function whenPermitted(task: Task, ticket: string, frozen: Frozen): Promise<void> {
  const action = actionNamed(task, frozen.uses)
  return permitted(task, { action, frozen }, () => claimed(task, ticket, frozen))
}

/**
 * Consumes the yes: everything about it is verified again, and claim and intent are one transaction, so that
 * one yes is one execution.
 */
async function claimed(task: Task, ticket: string, frozen: Frozen): Promise<void> {
  const { engine, held } = task
  const action = actionNamed(task, frozen.uses)
  const asked = await engine.tickets.asked(ticket)
  const binding = bindingOf(task, {
    action,
    frozen,
    assessment: { rule: asked.rule, need: asked.need, approvers: [], why: [] },
  })
  const cleared = { frozen, risk: 'high', ticket } as const
  const intent = intentOf(task, cleared)
  const noted = [...held.unwritten]
  held.state.seq += 1
  const entry = { seq: held.state.seq, epoch: held.row.epoch, atMs: engine.clock.now(), fact: intent }
  const outcome = {
    run: held.row.id,
    epoch: held.row.epoch,
    parent: held.row.parent,
    entries: [...noted, entry],
    fate: { is: 'go' } as const,
  }
  const rest = { workingMs: held.workedMs, priority: null, atMs: entry.atMs }
  const claim = await engine.tickets.claim(ticket, binding, async (tx) => {
    const [written] = await writeOutcomes(tx, [{ ...outcome, ...rest }])
    if (written !== 'written') throw new LostRun()
  })
  if (claim.is === 'refused')
    return conclude(task, { v: 1, is: 'denied', at: task.at, answer: 'no', reason: claim.why })
  if (claim.is === 'later') {
    engine.log.info({ run: held.row.id, ticket, why: claim.why }, 'an approval cannot be used yet')
    const notBeforeMs = engine.clock.now() + claimAgainMs
    return conclude(task, { v: 1, is: 'asked', at: task.at, ticket, action: frozen, notBeforeMs })
  }
  held.unwritten.splice(0, noted.length)
  noteIntent(task, intent)
  return carryOut(task, action, cleared)
}

/** GitHub out of reach, or the policy invalid: stay approved and look again; the tickets say when it is too late. */
const claimAgainMs = 15_000

/** The claim's transaction made it durable; from here on the state knows it too. */
function noteIntent(task: Task, intent: Extract<Fact, { is: 'intended' }>): void {
  const invocation = task.held.state.invocations.get(keyOf(task.at))
  if (invocation === undefined) throw new Error('an answered invocation is known')
  invocation.intent = intent
  invocation.phase = { is: 'intended', intent }
}

/** People chose where Claude was unsure; the chosen action still passes the gate. */
async function chosen(task: Task, verdict: Extract<Verdict, { is: 'choice' }>): Promise<void> {
  await tell(task, decidedByPeople(task, verdict.choice, verdict.by))
  await startAction(task)
}

async function doneByHand(task: Task, by: string): Promise<void> {
  const attempt = invocationOf(task).attempts + 1
  await conclude(task, decidedByPeople(task, 'done', by), {
    v: 1,
    is: 'succeeded',
    at: task.at,
    attempt,
    output: null,
    uses: null,
    risk: 'low',
    tookMs: 0,
  })
}

function decidedByPeople(task: Task, choice: string, by: string): Extract<Fact, { is: 'decided' }> {
  return {
    v: 1,
    is: 'decided',
    at: task.at,
    decision: '',
    route: 'people',
    choice,
    parameters: {},
    provenance: {},
    reason: `chosen by ${by}`,
    priority: 'normal',
    risk: 'low',
    costPicoUsd: '0',
  }
}

/** Where the outcome of an effect was unknown, people said what happened. */
async function resolved(task: Task, frozen: Frozen, choice: string): Promise<void> {
  const attempt = invocationOf(task).attempts + 1
  const known = invocationOf(task).intent
  const risk = known?.risk ?? 'high'
  const ticket = known?.ticket ?? null
  if (choice === 'again') return act(task, { frozen, risk, ticket })
  if (choice === 'succeeded')
    return conclude(task, {
      v: 1,
      is: 'succeeded',
      at: task.at,
      attempt,
      output: null,
      uses: frozen.uses,
      risk,
      tookMs: 0,
    })
  const thrown = new Failure('refused', 'people looked and found that it did not happen')
  return tellFailed(task, {
    thrown,
    uses: frozen.uses,
    startedMs: task.engine.clock.monotonic(),
    again: 'no',
  })
}
