// The first rung: a rule of the flow matched, so nobody needs to be asked. It costs no token.

import type { Rung, Step } from './ladder.ts'
import type { Question } from '../model/decision.ts'

export const ruleRung: Rung = {
  route: 'rule',
  take: async (_, { question }): Promise<Step> =>
    question.ruled === null ? { is: 'next', why: null } : ruled(question, question.ruled, 'matched'),
}

/** The answer of a rule. Its choice must ask for nothing: a rule has no words to fill in. */
export function ruled(
  question: Question,
  match: { readonly choice: string; readonly rule: number },
  why: string,
): Extract<Step, { is: 'answered' | 'failed' }> {
  const chosen = question.choices.find((choice) => choice.name === match.choice)
  const name = `rule ${match.rule + 1}`
  if (chosen === undefined) return wrong(`${name} chooses ${match.choice}, which is not a choice`)
  if (Object.keys(chosen.ask).length > 0)
    return wrong(`${name} chooses ${match.choice}, whose parameters only Claude could fill in`)
  const reason = `${name} ${why}`
  const rest = { priority: 'normal', risk: 'low', provenance: {} } as const
  return { is: 'answered', answer: { choice: chosen.name, parameters: {}, reason, ...rest } }
}

function wrong(message: string): Extract<Step, { is: 'failed' }> {
  const remedy = 'Let the rule choose one of the choices that has no `ask`.'
  return { is: 'failed', error: { kind: 'invalid', message, remedy } }
}
