// The replies of test/fixtures/faults/claude-replies.json as the stub gives them.

import { readFileSync } from 'node:fs'

import type Anthropic from '@anthropic-ai/sdk'

import { type Reply, reply, type ReplyParts } from './reply.ts'

export interface ClaudeCase {
  readonly id: string
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: { readonly type: string; readonly [key: string]: unknown }
  readonly raw?: string
  readonly text?: string
  readonly content?: readonly Anthropic.ContentBlock[]
  readonly stop_reason?: Anthropic.StopReason
  readonly usage?: Readonly<Record<string, unknown>>
  readonly cut_after_bytes?: number
  readonly expected: string
  readonly money: string
}

const file = new URL('../../fixtures/faults/claude-replies.json', import.meta.url)

export const claudeCases: readonly ClaudeCase[] = (
  JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly ClaudeCase[] }
).cases

/** What a product's answer has beside the choice; the cases know only the choice. */
export type RestOfAnswer = Readonly<Record<'parameters' | 'priority' | 'risk', unknown>>
const restOfAnswer: RestOfAnswer = { parameters: {}, priority: 'normal', risk: 'low' }

/** The cases call the choice `decision` and leave the rest out: both are put in the product's shape. */
export function replyFromCase(given: ClaudeCase, rest: RestOfAnswer = restOfAnswer): Reply {
  const parts: ReplyParts = {
    status: given.status,
    ...(given.headers === undefined ? {} : { headers: given.headers }),
    ...(given.raw === undefined ? {} : { raw: given.raw }),
    ...(given.text === undefined ? {} : { text: inOurShape(given.text, rest) }),
    ...(given.content === undefined ? {} : { content: given.content }),
    ...(given.stop_reason === undefined ? {} : { stopReason: given.stop_reason }),
    ...(given.usage === undefined ? {} : { usage: given.usage }),
    ...(given.cut_after_bytes === undefined ? {} : { cutAfterBytes: given.cut_after_bytes }),
    ...(given.stop_reason === 'refusal'
      ? { stopDetails: { type: 'refusal', category: null, explanation: null } as const }
      : {}),
  }
  return reply(given.body === undefined ? parts : { ...parts, ...fromBody(given.body, rest) })
}

function fromBody(body: NonNullable<ClaudeCase['body']>, rest: RestOfAnswer): ReplyParts {
  if (body.type !== 'message') return { body }
  const message = body as unknown as Anthropic.Message
  const [first] = message.content
  return {
    text: first?.type === 'text' ? inOurShape(first.text, rest) : '',
    stopReason: message.stop_reason ?? 'end_turn',
    usage: { ...message.usage },
  }
}

/** Works on the text, because some of these texts are not JSON, on purpose. */
function inOurShape(text: string, rest: RestOfAnswer): string {
  const renamed = text.replace(/,"reason":"[^"]*"/, '').replaceAll('"decision":', '"choice":')
  const more = JSON.stringify(rest).slice(1, -1)
  return renamed.replace('{"choice"', '{"reason":"x","choice"').replace(/("choice":"[^"]*")\}/, `$1,${more}}`)
}
