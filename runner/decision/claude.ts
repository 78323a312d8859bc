// The Claude API through its SDK: one request, one attempt, one outcome. Nothing is retried here.

import Anthropic from '@anthropic-ai/sdk'

import { type Ended, failureOf } from './claude-failure.ts'
import type { Outcome, Replied } from './outcome.ts'
import type { ClaudeRequest } from './request.ts'
import { claudeFetch } from '../world/claude-fetch.ts'
import type { Clock } from '../world/clock.ts'

export interface Claude {
  /** Never rejects: what went wrong is an outcome. `timeoutMs` is for the whole exchange, body included. */
  ask(request: ClaudeRequest, timeoutMs: number, signal: AbortSignal): Promise<Outcome>
}

/** A message of 20,000 tokens is far below. */
export const responseBytesMax = 1024 * 1024

const defaultBaseUrl = 'https://api.anthropic.com'

export function connectClaude(
  account: { readonly apiKey: string; readonly baseUrl: string | null },
  clock: Clock,
): Claude {
  const client = new Anthropic({
    apiKey: account.apiKey,
    // Said here so that the SDK does not look at the environment itself.
    baseURL: account.baseUrl ?? defaultBaseUrl,
    fetch: claudeFetch(responseBytesMax),
    // Each attempt is a reservation of its own, so the SDK must not repeat one.
    maxRetries: 0,
    logLevel: 'off',
    openTelemetry: false,
  })
  return { ask: (request, timeoutMs, signal) => ask({ client, clock }, request, { timeoutMs, signal }) }
}

async function ask(
  at: { readonly client: Anthropic; readonly clock: Clock },
  request: ClaudeRequest,
  until: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Outcome> {
  // The SDK's own time-out ends when the headers are there; ours covers the body too.
  const giveUp = new AbortController()
  let ended: Ended = null
  const end = (why: Ended): void => {
    ended ??= why
    giveUp.abort()
  }
  const cancel = (): void => end('cancelled')
  const stopTimer = at.clock.after(until.timeoutMs, () => end('timeout'))
  until.signal.addEventListener('abort', cancel, { once: true })
  if (until.signal.aborted) cancel()
  try {
    const { messages, ...rest } = request
    const params = { ...rest, messages: [...messages], stream: false as const }
    const options = { signal: giveUp.signal, maxRetries: 0, timeout: until.timeoutMs + 1_000 }
    return replyOf(
      await at.client.messages.create(params as Anthropic.MessageCreateParamsNonStreaming, options),
    )
  } catch (thrown) {
    return failureOf(thrown, ended, at.clock.now())
  } finally {
    stopTimer()
    until.signal.removeEventListener('abort', cancel)
  }
}

const stops: Readonly<Record<string, Replied['stop']>> = {
  end_turn: 'answered',
  stop_sequence: 'answered',
  refusal: 'refused',
  max_tokens: 'truncated',
  model_context_window_exceeded: 'truncated',
}

/** What came with HTTP 200 is not trusted to have the shape that the SDK's types promise. */
function replyOf(message: unknown): Outcome {
  if (!isRecord(message) || !Array.isArray(message['content']))
    return { is: 'unknown', cause: 'unreadable', why: 'the answer is not a message' }
  const { model, stop_reason: reason, usage, _request_id: requestId } = message
  const stopReason = typeof reason === 'string' ? reason.slice(0, 60) : 'none'
  return {
    is: 'replied',
    stop: Object.hasOwn(stops, stopReason) ? (stops[stopReason] ?? 'odd') : 'odd',
    stopReason,
    text: textOf(message['content']),
    usage,
    model: typeof model === 'string' ? model.slice(0, 100) : null,
    requestId: typeof requestId === 'string' ? requestId.slice(0, 100) : null,
  }
}

/** Thinking blocks stand before the text and are no part of it. */
function textOf(content: readonly unknown[]): string {
  const texts = content.map((block) => (isRecord(block) && block['type'] === 'text' ? block['text'] : ''))
  return texts.filter((text) => typeof text === 'string').join('')
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
