// The schemas of an answer: one in the API's subset that constrains it, and per choice a full one that decides.

import type { AskedChoice, AskedParameter } from '../model/decision.ts'
import { priorities } from '../model/decision.ts'
import type { Json, JsonObject, JsonSchema } from '../model/json.ts'
import { risks } from '../model/risk.ts'
import { type AskedPart, askedPart, joinObject, propertyName } from './asked.ts'
import { answerTokens, answerTokensMax, reasonCharactersMax } from './bounds.ts'
import { canonicalJson } from '../model/digest.ts'

/** What is asked for: choices, or, without any, what Claude writes. */
export interface Asked {
  readonly choices: readonly AskedChoice[]
  readonly ask: Readonly<Record<string, AskedParameter>>
}

/** Always a choice: nothing runs, the next rung of the ladder or people decide. */
export const unsure = 'unsure'
/** The choice of a step without choices, where Claude only writes. */
export const written = 'written'

export interface Variant {
  readonly choice: string
  readonly means: string
  readonly parameters: readonly VariantParameter[]
  /** Of the whole answer, when this choice is taken. */
  readonly full: JsonSchema
}

export interface VariantParameter {
  readonly name: string
  /** Values picked by index; null: written by the model. */
  readonly options: readonly Json[] | null
  /** Only values that the author wrote are possible. */
  readonly closed: boolean
}

export interface AnswerSchema {
  readonly output: JsonSchema
  readonly variants: ReadonlyMap<string, Variant>
  /** Characters of the JSON of the longest parameters. */
  readonly characters: number
  /** Why it cannot be asked, in words for the author; empty: it can. */
  readonly problems: readonly string[]
}

export const choicesMax = 64
export const optionsMax = 200
/** Of parameter shapes; above, the API's grammar gets too large and the question wants two stages. */
export const shapesMax = 12
/** The API's own limit, for one request. */
export const unionsMax = 16

export function answerSchema(asked: Asked): AnswerSchema {
  const problems: string[] = []
  if (asked.choices.length > choicesMax) problems.push(`more than ${choicesMax} choices`)
  const offered = offer(asked, problems)
  const parts = offered.map((choice) => ({ choice, ...parameters(choice, problems) }))
  const shapes = distinctShapes(parts.map(({ part }) => part.output))
  if (shapes.length > shapesMax) problems.push(`more than ${shapesMax} different sets of \`ask\``)
  const unions = parts.reduce((sum, { part }) => sum + part.unions, shapes.length > 1 ? 1 : 0)
  if (unions > unionsMax) problems.push(`${unions} unions (\`anyOf\`, several types), at most ${unionsMax}`)
  const characters = Math.max(...parts.map(({ part }) => part.characters))
  const tokens = answerTokens(characters, 'wide')
  if (tokens > answerTokensMax)
    problems.push(`an answer could take ${tokens} tokens, at most ${answerTokensMax}: lower \`maxLength\``)
  return {
    output: outputOf(offered, shapes),
    variants: new Map(parts.map(({ choice, part, list }) => [choice.name, variant(choice, part, list)])),
    characters,
    problems,
  }
}

/** The choices as they are put to Claude, `unsure` last. */
function offer(asked: Asked, problems: string[]): readonly AskedChoice[] {
  const names = asked.choices.map((choice) => choice.name)
  if (names.some((name) => name.toLowerCase() === unsure)) problems.push(`\`${unsure}\` is always a choice`)
  const lower = names.map((name) => name.toLowerCase())
  const twice = names.find((_, index) => lower.indexOf(lower[index] ?? '') !== index)
  if (twice !== undefined) problems.push(`two choices are called \`${twice}\``)
  const strange = names.find((name) => !propertyName.test(name))
  if (strange !== undefined) problems.push(`\`${strange}\` is not a name for a choice`)
  if (names.length === 0 && Object.keys(asked.ask).length === 0)
    problems.push('there is nothing to choose or write')
  const own =
    names.length > 0 ? asked.choices : [{ name: written, means: 'You can write it.', ask: asked.ask }]
  return [
    ...own,
    { name: unsure, means: 'None of the others is clearly right. People will decide.', ask: {} },
  ]
}

interface Parameters {
  readonly part: AskedPart
  readonly list: readonly VariantParameter[]
}

function parameters(choice: AskedChoice, problems: string[]): Parameters {
  const parts: [string, AskedPart][] = []
  const list: VariantParameter[] = []
  for (const [name, asked] of Object.entries(choice.ask)) {
    const at = `${choice.name}.${name}`
    if (!propertyName.test(name)) problems.push(`${at}: is not a name`)
    const options = 'options' in asked ? asked.options : null
    const part =
      'options' in asked
        ? askedPart(indexes(asked.options, at, problems), { at, depth: 0, problems })
        : askedPart(asked.schema, { at, depth: 0, problems })
    parts.push([name, part])
    list.push({ name, options, closed: part.closed })
  }
  return { part: joinObject(parts), list }
}

/** Values of a trusted list are answered by their index, so that no text of the model stands for one. */
function indexes(options: readonly Json[], at: string, problems: string[]): JsonObject {
  if (options.length === 0) problems.push(`${at}: the list to pick from is empty`)
  if (options.length > optionsMax) problems.push(`${at}: the list has more than ${optionsMax} elements`)
  const most = Math.min(Math.max(options.length, 1), optionsMax)
  return { type: 'integer', enum: Array.from({ length: most }, (_, index) => index) }
}

function distinctShapes(shapes: readonly JsonSchema[]): readonly JsonSchema[] {
  return [...new Map(shapes.map((shape) => [canonicalJson(shape as Json), shape])).values()]
}

/** Properties come out in this order: first the reason, so that the choice follows from it. */
function outputOf(offered: readonly AskedChoice[], shapes: readonly JsonSchema[]): JsonSchema {
  const [only] = shapes
  return {
    type: 'object',
    properties: {
      reason: { type: 'string', description: `at most ${reasonCharactersMax} characters` },
      choice: { type: 'string', enum: offered.map((choice) => choice.name) },
      parameters: shapes.length === 1 ? only : { anyOf: shapes },
      priority: { type: 'string', enum: priorities },
      risk: { type: 'string', enum: risks },
    },
    required: ['reason', 'choice', 'parameters', 'priority', 'risk'],
    additionalProperties: false,
  }
}

function variant(choice: AskedChoice, part: AskedPart, list: readonly VariantParameter[]): Variant {
  const full: JsonSchema = {
    type: 'object',
    properties: {
      reason: { type: 'string' },
      choice: { const: choice.name },
      parameters: part.full,
      priority: { enum: priorities },
      risk: { enum: risks },
    },
    required: ['reason', 'choice', 'parameters', 'priority', 'risk'],
    additionalProperties: false,
  }
  return { choice: choice.name, means: choice.means, parameters: list, full }
}
