// The request for a question at one rung of the ladder, the same bytes for the same question, and its bounds.

import type { Question } from '../model/decision.ts'
import { digestOf } from '../model/digest.ts'
import type { Json, JsonSchema } from '../model/json.ts'
import { answerTokens, scriptOf } from './bounds.ts'
import type { RequestBounds } from './price.ts'
import { renderPrompt } from './prompt.ts'
import type { AnswerSchema } from './schema.ts'

export interface ClaudeRequest {
  readonly model: string
  readonly max_tokens: number
  readonly system: string
  readonly messages: readonly { readonly role: 'user'; readonly content: string }[]
  readonly output_config: {
    readonly format: { readonly type: 'json_schema'; readonly schema: JsonSchema }
    readonly effort?: 'low'
  }
  readonly thinking: { readonly type: 'disabled' | 'between_tools' | 'adaptive' }
  /** Committed capacity has other prices than the list. */
  readonly service_tier: 'standard_only'
}

export interface PlannedRequest {
  readonly request: ClaudeRequest
  /** SHA-256 of the canonical request. */
  readonly hash: string
  readonly bounds: RequestBounds
}

/** How each model is asked; a model that is not here must not be called. */
interface Manner {
  readonly thinking: ClaudeRequest['thinking']['type']
  readonly effort: 'low' | null
  /** Thinking is output and counts against `max_tokens`; what it may take at this effort. */
  readonly thinkingTokensMax: number
}

const manners: Readonly<Record<string, Manner>> = {
  'claude-haiku-5-5': { thinking: 'disabled', effort: 'low', thinkingTokensMax: 0 },
  'claude-sonnet-5-5': { thinking: 'between_tools', effort: 'low', thinkingTokensMax: 2_048 },
  'claude-opus-5-5': { thinking: 'adaptive', effort: 'low', thinkingTokensMax: 5_000 },
  'claude-haiku-4-5': { thinking: 'disabled', effort: null, thinkingTokensMax: 0 },
}

export function isKnownModel(model: string): boolean {
  return Object.hasOwn(manners, model)
}

/** What the API adds around our text: its own instructions for structured output, roles, separators. */
const overheadTokens = 1_024

/** The large rung gets room for any script: an answer that was cut off at the small one may fit then. */
export type Room = 'tight' | 'wide'

/** @throws Failure `invalid` when the question is larger than its limits */
export function planRequest(
  question: Question,
  schema: AnswerSchema,
  on: { readonly model: string; readonly room: Room },
): PlannedRequest {
  const manner = manners[on.model]
  if (manner === undefined) throw new Error(`planning a request to an unknown model: ${on.model}`)
  const { system, user } = renderPrompt(question, schema)
  const script = on.room === 'wide' ? 'wide' : scriptOf(system, user)
  const format = { type: 'json_schema', schema: schema.output } as const
  const request: ClaudeRequest = {
    model: on.model,
    max_tokens: answerTokens(schema.characters, script) + manner.thinkingTokensMax,
    system,
    messages: [{ role: 'user', content: user }],
    output_config: manner.effort === null ? { format } : { format, effort: manner.effort },
    thinking: { type: manner.thinking },
    service_tier: 'standard_only',
  }
  return { request, hash: digestOf(request as unknown as Json), bounds: boundsOf(request) }
}

/** A token is at least one byte; the schema is part of the prompt too. */
function boundsOf(request: ClaudeRequest): RequestBounds {
  const bytes = Buffer.byteLength(JSON.stringify(request))
  return { promptTokensMax: bytes + overheadTokens, outputTokensMax: request.max_tokens, cacheTtl: null }
}
