// Words of a step that mean nothing beside, or without, another.

import { reportKey, slot, type Bench } from './bench.ts'
import type { StepDocument } from './document.ts'

export interface Standing {
  readonly stage: 'steps' | 'on_failure'
  /** The step around it that has `each`; null: none. */
  readonly listed: string | null
}

type Word = keyof StepDocument

export function checkWords(bench: Bench, step: StepDocument, { stage, listed }: Standing): void {
  const idle = (key: Word, message: string, hint: string): void => {
    if (step[key] !== undefined) reportKey(bench, slot(step, key), { code: 'schema', message, hint })
  }
  for (const [key, others] of without)
    if (others.every((other) => step[other] === undefined)) {
      const inside = key === 'risk' && step.decide !== undefined ? ' (inside decide: it is decide.risk)' : ''
      const name = `${others.join(' or ')}${inside}`
      idle(key, `${key} means nothing without ${name}`, `remove it, or add ${others[0] ?? ''}:`)
    }
  if (step.end !== undefined) {
    for (const key of besideEnd) idle(key, `${key} means nothing beside end`, 'remove it')
    if (stage === 'on_failure')
      idle('end', 'on_failure ends by itself, and the run has failed', 'remove the step')
  }
  if (step.wait !== undefined)
    idle('repeat', 'a wait gives the same every time', 'use match: in the wait, or repeat a group')
  if (step.each !== undefined && listed !== null)
    reportKey(bench, slot(step, 'each'), {
      code: 'each-nested',
      message: `${listed} runs for each element already, and this step stands in it`,
      hint: `put the steps of ${listed} into a flow of their own and call it`,
    })
}

const without: readonly (readonly [Word, readonly Word[]])[] = [
  ['with', ['uses', 'call']],
  ['risk', ['uses']],
  ['as', ['each']],
  ['max_parallel', ['each']],
  ['reason', ['end']],
]

const besideEnd: readonly Word[] = ['each', 'repeat', 'retry', 'timeout', 'on_error']
