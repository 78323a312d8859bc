// The gate: every action passes here, frozen, before it may leave. Low and medium go on, high waits for people.

import { act } from './act.ts'
import { freeze } from './freeze.ts'
import { actionNamed, proposalOf, ticketId } from './proposal.ts'
import { conclude, invocationOf, scopeOfTask, type Task } from './task.ts'
import type { Assessment } from '../approval/risk.ts'
import type { Action } from '../model/action.ts'
import type { Choice, RiskRule, Scope } from '../model/flow.ts'
import type { Frozen } from '../model/journal.ts'

/** Renders the action of a step or of a chosen choice, and starts it or asks people. */
export async function startAction(task: Task): Promise<void> {
  const known = invocationOf(task).intent
  // A retry hands over the very bytes that were allowed; nothing is rendered again.
  if (known !== null) return act(task, { frozen: known.action, risk: known.risk, ticket: known.ticket })
  const scope = scopeOfTask(task)
  const plan = planOf(task)
  if (plan === null) return endWithoutAction(task)
  const action = actionNamed(task, plan.uses)
  const frozen = freeze(action, plan, scope)
  const assessment = assessTask(task, { action, frozen, rules: plan.rules, scope })
  if (assessment.risk !== 'high') return act(task, { frozen, risk: assessment.risk, ticket: null })
  const ticket = ticketId(task, 'action')
  await task.engine.tickets.propose(proposalOf(task, { action, frozen, assessment }), ticket)
  await conclude(task, { v: 1, is: 'asked', at: task.at, ticket, action: frozen, notBeforeMs: null })
}

interface Plan {
  readonly uses: string
  readonly with: Choice['with']
  readonly parameters: Frozen['input']
  readonly provenance: NonNullable<ReturnType<typeof invocationOf>['decision']>['provenance']
  readonly from: string
  readonly rules: readonly RiskRule[]
}

/** What is to be done; null when the choice has no action, or people did it by hand. */
function planOf(task: Task): Plan | null {
  const work = task.step.work
  if (work.is === 'uses')
    return {
      uses: work.uses,
      with: work.with,
      parameters: {},
      provenance: {},
      from: 'the flow',
      rules: work.risk,
    }
  if (work.is !== 'decide') throw new Error(`a ${work.is} step has no action`)
  const decision = invocationOf(task).decision
  const choice = work.choices.find((one) => one.name === decision?.choice)
  if (decision === null || choice?.uses == null) return null
  const { parameters, provenance } = decision
  return {
    uses: choice.uses,
    with: choice.with,
    parameters,
    provenance,
    from: `decision ${task.step.id}`,
    rules: work.risk,
  }
}

async function endWithoutAction(task: Task): Promise<void> {
  const attempt = invocationOf(task).attempts + 1
  const output = invocationOf(task).decision?.parameters ?? null
  await conclude(task, {
    v: 1,
    is: 'succeeded',
    at: task.at,
    attempt,
    output,
    uses: null,
    risk: 'low',
    tookMs: 0,
  })
}

interface Assessed {
  readonly action: Action
  readonly frozen: Frozen
  readonly rules: readonly RiskRule[]
  readonly scope: Scope
}

function assessTask(task: Task, { action, frozen, rules, scope }: Assessed): Assessment {
  const { engine, held } = task
  const decision = invocationOf(task).decision
  const seen: Scope =
    decision === null ? scope : { ...scope, choice: decision.choice, parameters: decision.parameters }
  return engine.assess({
    flow: held.flow.name,
    action,
    input: frozen.input,
    sources: frozen.sources,
    stepRisk: rules.flatMap((rule, index) =>
      holds(rule, seen) ? [{ atLeast: rule.atLeast, id: `step risk[${index}]` }] : [],
    ),
    modelRisk: decision === null || decision.route === 'rule' ? null : decision.risk,
    fallback: decision?.route === 'fallback',
    policyAtStart: held.policy,
    policyAtHead: engine.head().policy,
  })
}

/** A rule that cannot be evaluated counts: it can only raise. */
function holds(rule: RiskRule, scope: Scope): boolean {
  if (rule.when === null) return true
  try {
    return rule.when.evaluate(scope) !== false
  } catch {
    return true
  }
}
