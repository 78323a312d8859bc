// Builds the message that answers a request, with everything it used counted.

import { randomUUID } from 'node:crypto'

import type Anthropic from '@anthropic-ai/sdk'

import { type InputTokens, tokensOf } from './cache.ts'
import type { ReplyParts } from './reply.ts'
import type { ReadRequest } from './request.ts'
import { fitting } from './fitting.ts'

/** What up-front thinking costs when a reply does not say: the order of what was measured on 5.5 models. */
const thinkingTokensOfEffort = { low: 400, medium: 1_200, high: 2_400, xhigh: 5_000, max: 8_000 } as const

/** What the model answers when nobody says otherwise: fits the schema, the same every time. */
export function answerFor(body: unknown): unknown {
  const config = (body as Partial<Anthropic.MessageCreateParams>).output_config
  return config?.format == null ? 'ok' : fitting(config.format.schema)
}

export function message(request: ReadRequest, parts: ReplyParts, input: InputTokens): Anthropic.Message {
  const thinkingTokens = parts.thinkingTokens ?? thinkingTokensOf(request)
  const thinks = thinkingTokens > 0
  const room = Math.max(0, request.params.max_tokens - thinkingTokens)
  const whole = textOf(request, parts)
  const text = tokensOf(whole) > room ? whole.slice(0, room * 4) : whole
  const cutShort = text !== whole || thinkingTokens > request.params.max_tokens
  const blocks = [...(thinks ? [thinkingBlock()] : []), ...(text === '' ? [] : [textBlock(text)])]
  const outputTokens = Math.min(request.params.max_tokens, thinkingTokens + tokensOf(text))
  return {
    id: `msg_stub_${randomUUID()}`,
    type: 'message',
    role: 'assistant',
    model: request.model.info.id,
    container: null,
    content: parts.content === undefined ? blocks : [...parts.content],
    diagnostics: null,
    stop_reason: parts.stopReason ?? (cutShort ? 'max_tokens' : 'end_turn'),
    stop_details: parts.stopDetails ?? null,
    stop_sequence: null,
    usage: { ...usage(input, outputTokens, thinks ? thinkingTokens : null), ...parts.usage },
  }
}

function usage(input: InputTokens, outputTokens: number, thinkingTokens: number | null): Anthropic.Usage {
  return {
    input_tokens: input.plain,
    output_tokens: outputTokens,
    cache_read_input_tokens: input.read,
    cache_creation_input_tokens: input.written['5m'] + input.written['1h'],
    cache_creation: {
      ephemeral_5m_input_tokens: input.written['5m'],
      ephemeral_1h_input_tokens: input.written['1h'],
    },
    output_tokens_details:
      thinkingTokens === null ? null : { thinking_tokens: Math.min(thinkingTokens, outputTokens) },
    inference_geo: null,
    server_tool_use: null,
    service_tier: 'standard',
    speed: 'standard',
  }
}

function textOf(request: ReadRequest, parts: ReplyParts): string {
  if (request.params.max_tokens === 0) return ''
  if (parts.text !== undefined) return parts.text
  const answer = parts.answer ?? answerFor(request.params)
  return typeof answer === 'string' && request.schema === null ? answer : JSON.stringify(answer)
}

function thinkingTokensOf({ thinking, effort, params }: ReadRequest): number {
  if (thinking === 'disabled' || thinking === 'between_tools' || params.max_tokens === 0) return 0
  return thinkingTokensOfEffort[effort ?? 'high']
}

/** The 5.5 models leave the text of their thinking out unless asked for. */
const thinkingBlock = (): Anthropic.ThinkingBlock => ({
  type: 'thinking',
  thinking: '',
  signature: 'c3R1Yg==',
})
const textBlock = (text: string): Anthropic.TextBlock => ({ type: 'text', text, citations: null })
