// The two reference flows, and what must have happened outside when a run of one has succeeded.

import { expression, flowOf, inOrder, step, uses } from '../run/flow-of.ts'
import type { Choice, DecideWork, Flow, Scope, Step, Work } from '../../runner/model/flow.ts'
import { flowName, stepPath } from '../../runner/model/id.ts'
import type { Json, JsonObject } from '../../runner/model/json.ts'

export interface Reference {
  readonly name: 'asked' | 'spread'
  readonly flow: Flow
  /** Every flow that takes part. */
  readonly flows: readonly Flow[]
  /** Effects by their name outside, all of which must have happened. */
  readonly effects: readonly string[]
  /** Runs that come to be for one trigger. */
  readonly runs: number
}

const choice = (name: string, means: string, action: string | null): Choice => ({
  name,
  means,
  uses: action,
  with: {},
  ask: {},
})

const decide: DecideWork = {
  is: 'decide',
  prompt: { path: 'prompts/pay.md', text: 'Pay what is due.' },
  given: {},
  choices: [choice('pay', 'It is due.', 'order.pay'), choice('leave', 'It is not due.', null)],
  ask: {},
  rules: [],
  risk: [],
  onOutage: ['park'],
}

/** Trigger, decision, approval, an action that may happen once, and one more after it. */
const askedFlow = flowOf(inOrder([step('pay', decide), step('file', uses('file.put'))]), {
  name: flowName('asked'),
  version: 'asked-1',
})

export const asked: Reference = {
  name: 'asked',
  flow: askedFlow,
  flows: [askedFlow],
  effects: ['order.pay 0', 'file.put 0'],
  runs: 1,
}

/** What a step of the called flow is about. */
const about = {
  n: { is: 'expression' as const, expression: expression((scope) => scope.inputs['n'] ?? 0) },
}

const childFlow = flowOf(
  inOrder([step('send', uses('mail.send', about)), step('place', uses('order.place', about))]),
  {
    name: flowName('child'),
    version: 'child-1',
    inputs: { n: { type: 'integer' } },
    outputs: { n: about.n },
  },
)

const group: Work = {
  is: 'group',
  steps: inOrder([step('tell', uses('mail.send')), step('open', uses('issue.open'))]).map((one): Step => ({
    ...one,
    path: stepPath(`wrap.${one.id}`),
  })),
}

const element = {
  n: { is: 'expression' as const, expression: expression((scope: Scope): Json => scope['item'] ?? 0) },
}

/** Three called flows side by side, a wait, and a group of effects. */
const spreadFlow = flowOf(
  inOrder([
    step('list', uses('list.read')),
    step(
      'spread',
      { is: 'call', flow: flowName('child'), with: element },
      {
        each: {
          list: expression((scope) => (scope.steps['list'] as JsonObject)['output'] as Json[]),
          as: 'item',
          maxParallel: 2,
        },
      },
    ),
    step('rest', { is: 'wait', wait: { forMs: 60_000 } }),
    step('wrap', group),
  ]),
  { name: flowName('spread'), version: 'spread-1' },
)

export const spread: Reference = {
  name: 'spread',
  flow: spreadFlow,
  flows: [spreadFlow, childFlow],
  effects: [
    'mail.send 0',
    'issue.open 0',
    ...[1, 2, 3].flatMap((n) => [`mail.send ${n}`, `order.place ${n}`]),
  ],
  runs: 4,
}

export const references: readonly Reference[] = [asked, spread]
