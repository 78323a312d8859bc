// Whether choices can be put to Claude at all: for flow validation, before anything is asked.

import { type Asked, answerSchema } from './schema.ts'

/**
 * What is wrong with a decide step's choices, in sentences without a full stop; empty: they can be asked.
 * For a parameter picked `from` an expression, pass a list with one element.
 */
export function checkChoices(asked: Asked): readonly string[] {
  return answerSchema(asked).problems
}
