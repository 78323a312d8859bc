// A `decide` step: the question rendered, settled by `decision/`, its answer recorded; then the chosen action.

import { startAction } from './gate.ts'
import { ticketId } from './proposal.ts'
import { conclude, invocationOf, scopeOfTask, type Task, tell, tellFailed } from './task.ts'
import { renderValue, trustOfValue } from '../flow/value.ts'
import type { QuestionBinding } from '../model/approval.ts'
import type { AskedParameter, Cap, Decided, Question } from '../model/decision.ts'
import { Failure } from '../model/error.ts'
import type { Ask, DecideWork, DecisionRule, Scope } from '../model/flow.ts'
import { impossible } from '../model/impossible.ts'
import type { Json, JsonObject } from '../model/json.ts'
import { picoUsd } from '../model/money.ts'

export async function decide(task: Task, work: DecideWork): Promise<void> {
  const startedMs = task.engine.clock.monotonic()
  const scope = scopeOfTask(task)
  const question = questionOf(task, work, scope)
  const decided = await task.engine.decider.decide(question, task.signal)
  switch (decided.is) {
    case 'answered':
      await tell(task, decidedFact(task, decided))
      return startAction(task)
    case 'people':
      return askWhich(task, work, decided)
    case 'parked':
      return conclude(task, { v: 1, is: 'waiting', at: task.at, untilMs: decided.untilMs, why: 'claude' })
    case 'failed': {
      const { kind, message, remedy } = decided.error
      return tellFailed(task, {
        thrown: new Failure(kind, message, remedy === undefined ? {} : { remedy }),
        uses: null,
        startedMs,
        again: 'as the flow says',
      })
    }
    default:
      return impossible(decided)
  }
}

function decidedFact(task: Task, decided: Extract<Decided, { is: 'answered' }>): Parameters<typeof tell>[1] {
  const { choice, parameters, provenance, reason, priority, risk } = decided.answer
  const told = {
    choice,
    parameters,
    provenance,
    reason,
    priority,
    risk,
    costPicoUsd: decided.costPicoUsd.toString(),
  }
  return { v: 1, is: 'decided', at: task.at, decision: decided.decision, route: decided.route, ...told }
}

function questionOf(task: Task, work: DecideWork, scope: Scope): Question {
  const { held, engine, at } = task
  const choices = work.choices.map((choice) => ({
    name: choice.name,
    means: choice.means,
    ask: askedOf(choice.ask, scope),
  }))
  return {
    flow: held.flow.name,
    version: held.flow.version,
    run: held.row.id,
    step: at.step,
    element: at.element,
    round: invocationOf(task).round,
    prompt: work.prompt,
    given: Object.entries(work.given).map(([name, value]) => ({
      name,
      value: renderValue(value, scope),
      trust: trustOfValue(value),
    })),
    choices,
    ask: askedOf(work.ask, scope),
    ruled: firstRule(work.rules, 'always', scope),
    ruledInOutage: firstRule(work.rules, 'outage', scope),
    onOutage: work.onOutage,
    models: engine.head().policy.models,
    caps: capsOf(task),
  }
}

function firstRule(
  rules: readonly DecisionRule[],
  only: DecisionRule['only'],
  scope: Scope,
): Question['ruled'] {
  const rule = rules.findIndex((one) => one.only === only && one.when.evaluate(scope) === true)
  const found = rules[rule]
  return found === undefined ? null : { choice: found.choose, rule }
}

function askedOf(ask: Readonly<Record<string, Ask>>, scope: Scope): Readonly<Record<string, AskedParameter>> {
  return Object.fromEntries(
    Object.entries(ask).map(([name, one]) => [name, askedParameter(name, one, scope)]),
  )
}

function askedParameter(name: string, ask: Ask, scope: Scope): AskedParameter {
  if ('schema' in ask) return { schema: ask.schema as JsonObject }
  const options = ask.from.evaluate(scope)
  if (!Array.isArray(options) || options.length === 0)
    throw new Failure('invalid', `the list for ${name} is empty or not a list: ${ask.from.source}`)
  return { options: options as Json[] }
}

/** Everything this question counts against; windows are UTC. */
function capsOf(task: Task): Cap[] {
  const { held, engine } = task
  const day = new Date(engine.clock.now()).toISOString().slice(0, 10)
  const { monthUsd, dayCalls } = engine.head().policy.budget
  const { perRunUsd, perDayUsd } = held.flow.limits.budget
  const caps: Cap[] = []
  if (monthUsd !== null)
    caps.push({ window: `usd:month:${day.slice(0, 7)}`, unit: 'pico_usd', max: monthUsd })
  if (dayCalls !== null) caps.push({ window: `calls:day:${day}`, unit: 'calls', max: BigInt(dayCalls) })
  if (perRunUsd !== null)
    caps.push({ window: `usd:run:${held.row.id}`, unit: 'pico_usd', max: picoUsd(perRunUsd) })
  if (perDayUsd !== null)
    caps.push({ window: `usd:flow:${held.flow.name}:${day}`, unit: 'pico_usd', max: picoUsd(perDayUsd) })
  return caps
}

/** Claude was unsure, or cannot be asked: people choose from the same closed set, or do it by hand. */
async function askWhich(
  task: Task,
  work: DecideWork,
  decided: Extract<Decided, { is: 'people' }>,
): Promise<void> {
  const { held, engine, at, step } = task
  const approvals = engine.head().policy.approvals
  const about = { flow: held.flow.name, run: held.row.id, step: at.step, element: at.element }
  // A choice whose parameters Claude would have written has no complete draft, so it is not offered.
  const choices = work.choices.filter((choice) => Object.keys(choice.ask).length === 0)
  const scope = scopeOfTask(task)
  const shown = Object.entries(work.given).map(([name, value]) => ({
    name,
    value: renderValue(value, scope),
    trust: trustOfValue(value),
    from: 'given to the decision',
  }))
  const offered = choices.map(({ name, means }) => ({ name, means }))
  const binding: QuestionBinding = {
    ...about,
    flow_version: held.flow.version,
    round: invocationOf(task).attempts,
    kind: 'unsure',
    shown: { given: shown.map(({ name, value }) => ({ name, value })), choices: offered },
    need: 1,
  }
  const ticket = ticketId(task, `unsure ${binding.round}`)
  const proposal = {
    ...about,
    kind: 'unsure' as const,
    binding,
    title: `choose what ${step.name} shall do`,
    shown,
    why: [decided.why],
    undo: 'none: a chosen action passes the gate like any other',
    need: 1,
    approvers: approvals.approvers,
    self: approvals.self,
    expiresMs: approvals.expiresMs,
    choices: offered,
    reasoning: null,
    startedBy: held.row.startedBy,
  }
  await engine.tickets.propose(proposal, ticket)
  await conclude(task, { v: 1, is: 'asked', at, ticket, action: null, notBeforeMs: null })
}
