// Names that expressions could not say, and names that stand twice.

import type { FlowDocument } from './document.ts'
import { reportKey, reportValue, slot, type Bench } from './bench.ts'

/** Words of CEL that cannot follow a dot, and names that expressions already have. */
export const reservedWords: ReadonlySet<string> = new Set(
  (
    'in null true false as break const continue else for function if import ' +
    'let loop package namespace return var void while prototype constructor'
  ).split(' '),
)

export function checkNames(bench: Bench, flow: FlowDocument): void {
  const seen = new Set<string>()
  for (const step of [...flow.steps, ...(flow.on_failure?.steps ?? [])]) {
    checkWord(bench, step, 'id')
    checkWord(bench, step, 'as')
    if (seen.has(step.id))
      reportValue(bench, slot(step, 'id'), {
        code: 'schema',
        message: `two steps have the id ${step.id}`,
        hint: 'ids are unique in a flow, its on_failure included',
      })
    seen.add(step.id)
    for (const choice of Object.values(step.decide?.choose ?? {})) checkKeys(bench, choice.ask)
    checkKeys(bench, step.decide?.ask)
  }
  checkKeys(bench, flow.inputs)
}

function checkWord(
  bench: Bench,
  container: { readonly id: string; readonly as?: string },
  key: 'id' | 'as',
): void {
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
