// Whether the choices of a decision can be asked as they stand.

import type { Action } from '../model/action.ts'
import type { JsonObject } from '../model/json.ts'
import { reportKey, reportValue, slot, type Bench } from './bench.ts'
import { checkAskedTrust } from './check-trust.ts'
import type { ChoiceDocument, DecideDocument } from './document.ts'
import { inputNames, inputSchema } from './shelf.ts'
import { didYouMean } from './suggest.ts'
import { showType, typeOfSchema } from './type.ts'
import { fits } from './signatures.ts'

const reservedChoices: Readonly<Record<string, string>> = {
  unsure: 'unsure is always a choice',
  done: 'done is what people answer when they handled it themselves',
}

export function checkChoiceNames(bench: Bench, decide: DecideDocument): void {
  const { choose } = decide
  for (const name of Object.keys(choose ?? {})) {
    const why = Object.hasOwn(reservedChoices, name) ? reservedChoices[name] : undefined
    if (why !== undefined)
      reportKey(bench, slot(choose ?? {}, name), {
        code: 'decide',
        message: `${why}, so no choice can have that name`,
        hint: 'choose another name, or leave it out',
      })
  }
}

type RuleDocument = NonNullable<DecideDocument['rules']>[number]

/** A rule decides without Claude, so it can only take a choice in which Claude has nothing to fill in. */
export function checkRule(bench: Bench, { choose }: DecideDocument, rule: RuleDocument): void {
  const at = slot(rule, 'choose')
  const names = Object.keys(choose ?? {})
  const choice = Object.hasOwn(choose ?? {}, rule.choose) ? choose?.[rule.choose] : undefined
  if (choice === undefined) {
    reportValue(bench, at, {
      code: 'decide',
      message: `there is no choice ${rule.choose}`,
      hint: didYouMean(rule.choose, names),
    })
    return
  }
  const asked = Object.keys(choice.ask ?? {})
  if (asked.length > 0)
    reportValue(bench, at, {
      code: 'decide',
      message: `a rule cannot choose ${rule.choose}: only Claude can fill in ${asked.join(', ')}`,
      hint: 'add a choice for the rule, with everything fixed below with:',
    })
}

export interface AskedInput {
  readonly flow: string
  readonly choice: ChoiceDocument
  readonly action: Action
}

/** What Claude fills in must be an input of the action that the author has not fixed, of a type it takes. */
export function checkAskedInput(bench: Bench, { flow, choice, action }: AskedInput): void {
  const ask = choice.ask ?? {}
  const free = inputNames(action).filter((name) => !Object.hasOwn(choice.with ?? {}, name))
  for (const [name, asked] of Object.entries(ask)) {
    const at = slot(ask, name)
    if (Object.hasOwn(choice.with ?? {}, name)) {
      reportKey(bench, at, {
        code: 'decide',
        message: `${name} is already fixed below with:`,
        hint: 'remove one of the two',
      })
      continue
    }
    const schema = inputSchema(action, name)
    if (schema === null) {
      reportKey(bench, at, {
        code: 'action-input',
        message: `${action.name} has no input ${name}`,
        hint: didYouMean(name, free),
      })
      continue
    }
    if ('from' in asked) continue
    const type = typeOfSchema(asked)
    if (!fits(type, typeOfSchema(schema)))
      reportKey(bench, at, {
        code: 'action-input',
        message: `${name} of ${action.name} takes ${showType(typeOfSchema(schema))}, not ${showType(type)}`,
        hint: 'ask for that',
      })
    checkAskedTrust(bench, { flow, action, name, slot: at })
  }
}

/** An answer is limited to 16,000 tokens, and a character can take 2.5 of them: less is left for what Claude fills in. */
export const askedCharactersMax = 5_600
/** Of a text and of a list for which the author says nothing. */
const textCharactersDefault = 2_000
const listItemsDefault = 20
const smallCharacters = 30

export function checkAnswerSize(bench: Bench, decide: DecideDocument): void {
  const asks = [
    [decide, decide.ask] as const,
    ...Object.values(decide.choose ?? {}).map((choice) => [choice, choice.ask] as const),
  ]
  for (const [container, ask] of asks) {
    const characters = Object.entries(ask ?? {}).reduce(
      (sum, [name, asked]) => sum + name.length + 6 + charactersOf(asked),
      0,
    )
    if (characters <= askedCharactersMax) continue
    reportKey(bench, slot(container, 'ask'), {
      code: 'decide',
      message: `the answer could take ${characters} characters, and ${askedCharactersMax} is the most that fits`,
      hint: 'lower maxLength and maxItems; without them a text counts 2000 characters and a list 20 elements',
    })
  }
}

function charactersOf(shape: JsonObject): number {
  if (Array.isArray(shape['enum']))
    return Math.max(...shape['enum'].map((value) => JSON.stringify(value).length))
  switch (shape['type']) {
    case 'string':
      return 2 + numberOr(shape['maxLength'], textCharactersDefault)
    case 'array':
      return (
        2 +
        numberOr(shape['maxItems'], listItemsDefault) *
          (1 + charactersOf((shape['items'] ?? {}) as JsonObject))
      )
    case 'object': {
      const properties = Object.entries((shape['properties'] ?? {}) as Readonly<Record<string, JsonObject>>)
      return properties.reduce((sum, [name, property]) => sum + name.length + 4 + charactersOf(property), 2)
    }
    default:
      return smallCharacters
  }
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}
