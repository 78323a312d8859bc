// A stand-in for the Claude API on loopback: real HTTP, strict about requests, scripted where a test wants it.

import type { TestContext } from 'node:test'

import type Anthropic from '@anthropic-ai/sdk'

import { listen, received, type Received } from '../loopback.ts'
import { endpoints } from './endpoints.ts'
import type { Reply } from './reply.ts'
import { send } from './send.ts'

export interface Claude {
  readonly url: string
  /** Every request that arrived, refused ones too, oldest first. */
  readonly calls: readonly Received[]
  /** What the API would have refused (4xx not asked for by a test): a test of good requests asserts it empty. */
  readonly refused: readonly string[]
  /** What the next requests for a message get, one each; a plain object is what the model answers. */
  script(...replies: readonly (object | Reply)[]): void
  /** What they get once the script is used up, instead of an answer made to fit the schema. */
  answerWith(answer: MakeAnswer): void
  readonly close: () => Promise<void>
}

export type MakeAnswer = (request: Anthropic.MessageCreateParamsNonStreaming) => object | Reply

export interface ClaudeOptions {
  /** Keys that are let in; without it any key is. */
  readonly keys?: readonly string[]
  /** Epoch milliseconds, for the times to live of the prompt cache. */
  readonly now?: () => number
}

export async function startClaude(t?: TestContext, options: ClaudeOptions = {}): Promise<Claude> {
  const calls: Received[] = []
  const refused: string[] = []
  const scripted: (object | Reply)[] = []
  let makeAnswer: MakeAnswer | null = null
  const answer = endpoints({
    keys: options.keys ?? null,
    now: options.now ?? Date.now,
    next: (request) => scripted.shift() ?? makeAnswer?.(request) ?? null,
    refused: (what) => void refused.push(what),
  })
  const loopback = await listen(async (request, response) => {
    const call = await received(request)
    calls.push(call)
    await send(response, { ...answer(call), id: calls.length })
  })
  t?.after(loopback.close)
  return {
    ...loopback,
    calls,
    refused,
    script: (...replies) => void scripted.push(...replies),
    answerWith: (given) => void (makeAnswer = given),
  }
}
