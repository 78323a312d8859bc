// Names that expressions could not say, names that stand twice, and more steps than a flow may have.

import type { FlowDocument, StepDocument } from './document.ts'
import { reportKey, reportValue, slot, type Bench } from './bench.ts'
import { stepsOfFlow } from './walk-steps.ts'

/** Words of CEL that cannot follow a dot, and names that expressions already have. */
export const reservedWords: ReadonlySet<string> = new Set(
  (
    'in null true false as break const continue else for function if import ' +
    'let loop package namespace return var void while prototype constructor'
  ).split(' '),
)

/** With those inside groups and of `on_failure`. */
export const stepsMax = 500
export const groupsDeepMax = 8

export function checkNames(bench: Bench, flow: FlowDocument): void {
  const seen = new Set<string>()
  const walked = stepsOfFlow(flow)
  for (const { step, groups } of walked) {
    checkWord(bench, step, 'id')
    checkWord(bench, step, 'as')
    checkOwnName(bench, { flow, grouped: groups.length > 0 }, step)
    if (seen.has(step.id))
      reportValue(bench, slot(step, 'id'), {
        code: 'schema',
        message: `two steps have the id ${step.id}`,
        hint: 'ids are unique in a flow, its groups and its on_failure included',
      })
    seen.add(step.id)
    for (const choice of Object.values(step.decide?.choose ?? {})) checkKeys(bench, choice.ask)
    checkKeys(bench, step.decide?.ask)
    if (step.steps !== undefined && groups.length === groupsDeepMax)
      reportKey(bench, slot(step, 'steps'), {
        code: 'schema',
        message: `groups stand inside each other at most ${groupsDeepMax} deep`,
        hint: 'put the inner steps into a flow of their own and call it',
      })
  }
  const over = walked[stepsMax]
  if (over !== undefined)
    reportValue(bench, slot(over.step, 'id'), {
      code: 'schema',
      message: `a flow has at most ${stepsMax} steps, and this one has ${walked.length}`,
      hint: 'put some of them into a flow of their own and call it',
    })
  checkKeys(bench, flow.inputs)
}

/** Names that the runner itself gives to other things. */
function checkOwnName(
  bench: Bench,
  { flow, grouped }: { readonly flow: FlowDocument; readonly grouped: boolean },
  step: StepDocument,
): void {
  if (step.id === 'on_failure')
    reportValue(bench, slot(step, 'id'), {
      code: 'schema',
      message: 'on_failure is the name of the steps that run after a failure',
      hint: 'choose another id',
    })
  if (!grouped && step.wait?.event !== undefined && Object.hasOwn(flow.on ?? {}, step.id))
    reportValue(bench, slot(step, 'id'), {
      code: 'schema',
      message: `a trigger and a step that waits for an event are both called ${step.id}`,
      hint: 'choose another id: what comes for the one would be taken for the other',
    })
}

function checkWord(bench: Bench, container: Pick<StepDocument, 'id' | 'as'>, key: 'id' | 'as'): void {
  const word = container[key]
  if (word !== undefined && reservedWords.has(word)) reportValue(bench, slot(container, key), reserved(word))
}

function checkKeys(bench: Bench, map: object | undefined): void {
  for (const key of Object.keys(map ?? {}))
    if (reservedWords.has(key)) reportKey(bench, slot(map ?? {}, key), reserved(key))
}

function reserved(word: string) {
  return {
    code: 'schema',
    message: `${word} is a word of the expression language`,
    hint: `choose another name, like ${word}_`,
  } as const
}
