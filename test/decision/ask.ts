// A question as the engine puts it, for tests to change what they are about.

import type { AskedChoice, Question } from '../../runner/model/decision.ts'
import { picoUsd } from '../../runner/model/money.ts'

export const reply: AskedChoice = {
  name: 'reply',
  means: 'The FAQ answers it completely.',
  ask: { body: { schema: { type: 'string', maxLength: 200 } } },
}
export const assign: AskedChoice = {
  name: 'assign',
  means: 'A person must look.',
  ask: {
    title: { schema: { type: 'string', maxLength: 80 } },
    assignee: { options: ['@ana', '@ben'] },
    tone: { schema: { enum: ['Friendly', 'Formal'] } },
  },
}
export const skip: AskedChoice = { name: 'skip', means: 'Spam or an automatic reply.', ask: {} }
export const run: AskedChoice = { name: 'run', means: 'It should be run.', ask: {} }

export function question(changed: Partial<Question> = {}): Question {
  return {
    flow: 'support-mail',
    version: 'v1',
    run: 'run-1',
    step: 'triage',
    element: null,
    round: 0,
    prompt: { path: 'prompts/triage.md', text: 'Answer what the FAQ answers.' },
    given: [{ name: 'mail', value: { subject: 'When do you open?' }, trust: 'untrusted' }],
    choices: [skip, run, reply, assign],
    ask: {},
    ruled: null,
    ruledInOutage: null,
    onOutage: ['people'],
    models: { small: 'claude-haiku-5-5', large: 'claude-sonnet-5-5' },
    caps: [{ window: 'usd:month:2026-11', unit: 'pico_usd', max: picoUsd(30) }],
    ...changed,
  }
}

/** A whole answer of the model. */
export function says(choice: string, parameters: unknown = {}): Record<string, unknown> {
  return { reason: 'because', choice, parameters, priority: 'normal', risk: 'low' }
}
