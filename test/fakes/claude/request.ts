// Reads a request as strictly as the API does: what it would refuse with 400 is refused here.

import type Anthropic from '@anthropic-ai/sdk'

import { type Effort, type KnownModel, knownModels, type ThinkingKind } from './models.ts'
import { isSchema, type Schema } from './fitting.ts'
import { schemaRefusal } from './schema.ts'

/** A request that the API would take, with what it leaves unsaid filled in. */
export interface ReadRequest {
  readonly params: Anthropic.MessageCreateParamsNonStreaming
  readonly model: KnownModel
  readonly thinking: ThinkingKind
  readonly effort: Effort | null
  /** The schema of the structured output; null: free text. */
  readonly schema: Schema | null
}

export type Refused = {
  readonly status: 400 | 404
  readonly type: Anthropic.ErrorType
  readonly message: string
}

const keysOfCount = new Set([
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'cache_control',
])
const keysOfCreate = new Set([
  ...keysOfCount,
  'max_tokens',
  'metadata',
  'stop_sequences',
  'service_tier',
  'inference_geo',
  'diagnostics',
])
const sampling = ['temperature', 'top_p', 'top_k']
const efforts: readonly string[] = ['low', 'medium', 'high', 'xhigh', 'max'] satisfies Effort[]

export function readRequest(body: unknown, kind: 'create' | 'count'): ReadRequest | Refused {
  if (!isSchema(body)) return invalid('the body must be a JSON object')
  const model = knownModels.find(({ info }) => info.id === body['model'])
  const first =
    refusalOfKeys(body, kind === 'create' ? keysOfCreate : keysOfCount) ??
    (kind === 'create' ? refusalOfMaxTokens(body['max_tokens'], model) : null) ??
    refusalOfText(body['system'], 'system') ??
    refusalOfMessages(body['messages'])
  if (first !== null) return invalid(first)
  if (model === undefined)
    return { status: 404, type: 'not_found_error', message: `model: ${String(body['model'])}` }
  const settings = readSettings(body, model)
  if (typeof settings === 'string') return invalid(settings)
  return { ...settings, model, params: body as unknown as Anthropic.MessageCreateParamsNonStreaming }
}

export const isRefused = (read: ReadRequest | Refused): read is Refused => 'status' in read

const invalid = (message: string): Refused => ({ status: 400, type: 'invalid_request_error', message })

function refusalOfKeys(body: Schema, known: ReadonlySet<string>): string | null {
  const sampled = sampling.find((key) => key in body)
  if (sampled !== undefined) return `${sampled}: is not supported in this API version`
  const tier = body['service_tier'] ?? 'auto'
  if (tier !== 'auto' && tier !== 'standard_only') return "service_tier: must be 'auto' or 'standard_only'"
  if (body['stream'] === true) return 'stream: this stub does not stream'
  const unknown = Object.keys(body).find((key) => !known.has(key) && key !== 'stream')
  return unknown === undefined ? null : `${unknown}: Extra inputs are not permitted`
}

/** 0 warms the prompt cache and generates nothing. */
function refusalOfMaxTokens(value: unknown, model: KnownModel | undefined): string | null {
  if (typeof value !== 'number' || !Number.isInteger(value)) return 'max_tokens: must be an integer'
  if (value < 0) return 'max_tokens: must be at least 0'
  const most = model?.info.max_tokens ?? Number.POSITIVE_INFINITY
  return value > most ? `max_tokens: ${value} > ${most}, the maximum of this model` : null
}

function refusalOfMessages(messages: unknown): string | null {
  if (!Array.isArray(messages) || messages.length === 0) return 'messages: at least one message is required'
  for (const [index, message] of messages.entries()) {
    const at = `messages.${index}`
    if (!isSchema(message)) return `${at}: must be an object`
    if (message['role'] !== 'user' && message['role'] !== 'assistant')
      return `${at}.role: must be 'user' or 'assistant'`
    if (message['content'] === undefined) return `${at}.content: Field required`
    const refusal = refusalOfText(message['content'], `${at}.content`)
    if (refusal !== null) return refusal
  }
  const last = messages.at(-1) as Schema
  return last['role'] === 'assistant' ? 'messages: prefilling the assistant message is not supported' : null
}

/** A text, or blocks of text: the stub knows no other blocks. */
function refusalOfText(content: unknown, at: string): string | null {
  if (content === undefined) return null
  if (typeof content === 'string')
    return content === '' && at !== 'system' ? `${at}: must be non-empty` : null
  if (!Array.isArray(content) || content.length === 0) return `${at}: must be a string or a list of blocks`
  for (const [index, block] of content.entries()) {
    if (!isSchema(block) || block['type'] !== 'text' || typeof block['text'] !== 'string')
      return `${at}.${index}: this stub takes text blocks only`
    if (block['text'] === '') return `${at}.${index}.text: must be non-empty`
    const refusal = refusalOfCacheControl(block['cache_control'], `${at}.${index}`)
    if (refusal !== null) return refusal
  }
  return null
}

function refusalOfCacheControl(control: unknown, at: string): string | null {
  if (control === undefined || control === null) return null
  if (!isSchema(control) || control['type'] !== 'ephemeral')
    return `${at}.cache_control.type: must be 'ephemeral'`
  const ttl = control['ttl']
  return ttl === undefined || ttl === '5m' || ttl === '1h'
    ? null
    : `${at}.cache_control.ttl: must be '5m' or '1h'`
}

function readSettings(
  body: Schema,
  model: KnownModel,
): Pick<ReadRequest, 'thinking' | 'effort' | 'schema'> | string {
  const thinking = readThinking(body, model)
  if (!('kind' in thinking)) return thinking.refusal
  const config = body['output_config'] ?? {}
  if (!isSchema(config)) return 'output_config: must be an object'
  const effort = config['effort'] ?? null
  if (effort !== null && !efforts.some((known) => known === effort))
    return `output_config.effort: must be one of ${efforts.join(', ')}`
  if (effort !== null && model.effortUnsaid === null)
    return 'output_config.effort: is not supported for this model'
  if (thinking.kind === 'disabled' && (effort === 'xhigh' || effort === 'max'))
    return `output_config.effort: '${effort}' is not supported when thinking is disabled`
  const format = config['format'] ?? null
  const refusal = refusalOfFormat(format) ?? refusalOfToolChoice(body['tool_choice'], model)
  if (refusal !== null) return refusal
  return {
    thinking: thinking.kind,
    effort: (effort as Effort | null) ?? model.effortUnsaid,
    schema: isSchema(format) ? (format['schema'] as Schema) : null,
  }
}

function readThinking(body: Schema, model: KnownModel): { kind: ThinkingKind } | { refusal: string } {
  const said = body['thinking']
  if (said === undefined) return { kind: model.thinkingUnsaid }
  if (!isSchema(said)) return { refusal: 'thinking: must be an object' }
  const kind = model.thinking.find((kind) => kind === said['type'])
  if (kind === undefined)
    return { refusal: `"thinking.type.${String(said['type'])}" is not supported for this model.` }
  const budget = said['budget_tokens']
  const most = typeof body['max_tokens'] === 'number' ? body['max_tokens'] : Number.POSITIVE_INFINITY
  if (kind === 'enabled' && (typeof budget !== 'number' || budget < 1_024 || budget >= most))
    return { refusal: 'thinking.enabled.budget_tokens: must be at least 1024 and less than max_tokens' }
  return { kind }
}

function refusalOfFormat(format: unknown): string | null {
  if (format === null) return null
  if (!isSchema(format) || format['type'] !== 'json_schema')
    return "output_config.format.type: must be 'json_schema'"
  return schemaRefusal(format['schema'])
}

function refusalOfToolChoice(choice: unknown, model: KnownModel): string | null {
  const forced = isSchema(choice) && (choice['type'] === 'any' || choice['type'] === 'tool')
  return forced && model.info.id === 'claude-sonnet-5-5'
    ? 'tool_choice: forced tool use is not supported'
    : null
}
