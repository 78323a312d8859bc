// From the raw `usage` of a reply to what it cost. One pure function: every token falls in exactly one class.
//
// How the API counts: `input_tokens` are those neither read from nor written to the cache;
// `cache_creation_input_tokens` is the sum of `cache_creation`'s parts; `output_tokens` includes thinking, which
// `output_tokens_details` only repeats. https://platform.claude.com/docs/en/build-with-claude/prompt-caching

import type { PicoUsd } from '../model/money.ts'
import {
  dearest,
  type Price,
  type Rates,
  ratesFor,
  residencyPercent,
  type TokenClass,
  tokenClasses,
} from './price.ts'

export type Settlement =
  | {
      readonly is: 'settled'
      readonly costPicoUsd: PicoUsd
      readonly tokens: Readonly<Record<TokenClass, number>>
      /** What a person should look at: counts that no class is known for, or that contradict each other. */
      readonly alarms: readonly string[]
    }
  /** It cannot be known: the reservation stays as it is. Never a refund. */
  | { readonly is: 'unusable'; readonly why: string }

/** No request can use more; a larger figure is a mistake that would close the month. */
export const usageTokensMax = 20_000_000

/** @param usage as it came; may be anything */
export function settle(usage: unknown, price: Price): Settlement {
  if (!isRecord(usage)) return unusable('there is no usage')
  const figures = figuresOf(usage)
  if (typeof figures === 'string') return unusable(figures)
  const plan = planOf(usage)
  if (plan.unusable !== null) return unusable(plan.unusable)
  const figure = (path: string): number => figures.get(path) ?? 0
  if (!figures.has('input_tokens') || !figures.has('output_tokens')) return unusable('usage lacks a total')
  const alarms = [...plan.alarms]
  const writes = cacheWrites(figure, alarms)
  const tokens = {
    input: figure('input_tokens'),
    cache_write_5m: writes.short,
    cache_write_1h: writes.long,
    cache_read: figure('cache_read_input_tokens'),
    output: outputOf(figure, alarms),
  }
  const prompt = tokens.input + tokens.cache_write_5m + tokens.cache_write_1h + tokens.cache_read
  if (prompt === 0) return unusable('usage counts no prompt at all')
  const unknown = unknownTokens(figures, alarms)
  if (prompt + tokens.output + unknown > usageTokensMax) return unusable('usage counts more than is possible')
  return { is: 'settled', costPicoUsd: cost(tokens, unknown, { price, prompt, plan }), tokens, alarms }
}

const knownPaths = new Set([
  'input_tokens',
  'output_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'cache_creation.ephemeral_5m_input_tokens',
  'cache_creation.ephemeral_1h_input_tokens',
  'output_tokens_details.thinking_tokens',
])

/** Every number in the usage by its path; a text when one of them cannot be a count. */
function figuresOf(usage: Readonly<Record<string, unknown>>): ReadonlyMap<string, number> | string {
  const figures = new Map<string, number>()
  const open: (readonly [string, unknown, number])[] = [['', usage, 0]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [path, value, depth] = next
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value) || value < 0) return `usage says ${value} for ${path}`
      figures.set(path, value)
    } else if (typeof value === 'object' && value !== null) {
      if (depth > 8 || figures.size > 1_000) return 'usage is too large'
      for (const [name, inner] of Object.entries(value))
        open.push([path === '' ? name : `${path}.${name}`, inner, depth + 1])
    } else if (knownPaths.has(path) && value !== null) {
      return `usage says no number for ${path}`
    }
  }
  return figures
}

interface Plan {
  readonly percent: bigint
  readonly alarms: readonly string[]
  readonly unusable: string | null
}

/** What multiplies the list price: where it ran, and how. */
function planOf(usage: Readonly<Record<string, unknown>>): Plan {
  const { inference_geo: geo = null, speed = null, service_tier: tier = null } = usage
  const plain = geo === null || geo === 'global' || geo === 'not_available'
  const known = plain || geo === 'us'
  const strange =
    speed !== null && speed !== 'standard'
      ? `the speed ${JSON.stringify(speed)} has no known price`
      : tier !== null && tier !== 'standard'
        ? `the service tier ${JSON.stringify(tier)} has no known price`
        : null
  return {
    percent: plain ? 100n : residencyPercent,
    alarms: known ? [] : ['the place of inference is not one whose price is known: counted as the dearest'],
    unusable: strange,
  }
}

type Figure = (path: string) => number

/** By time to live. What the parts do not explain of the total counts as the dearer one. */
function cacheWrites(figure: Figure, alarms: string[]): { readonly short: number; readonly long: number } {
  const short = figure('cache_creation.ephemeral_5m_input_tokens')
  const long = figure('cache_creation.ephemeral_1h_input_tokens')
  const unexplained = figure('cache_creation_input_tokens') - short - long
  if (unexplained !== 0) alarms.push('cache_creation_input_tokens is not the sum of its parts')
  return { short, long: long + Math.max(0, unexplained) }
}

/** Thinking is part of the output; a count above it is a contradiction, and then the larger one holds. */
function outputOf(figure: Figure, alarms: string[]): number {
  const output = figure('output_tokens')
  const thinking = figure('output_tokens_details.thinking_tokens')
  if (thinking > output) alarms.push('thinking_tokens is more than output_tokens')
  return Math.max(output, thinking)
}

function unknownTokens(figures: ReadonlyMap<string, number>, alarms: string[]): number {
  let unknown = 0
  for (const [path, count] of figures) {
    if (count === 0 || knownPaths.has(path)) continue
    unknown += count
    alarms.push(`usage has an unknown count, taken at the dearest price: ${path.slice(0, 100)}`)
  }
  return unknown
}

function cost(
  tokens: Readonly<Record<TokenClass, number>>,
  unknown: number,
  at: { readonly price: Price; readonly prompt: number; readonly plan: Plan },
): PicoUsd {
  const rates: Rates = ratesFor(at.price, at.prompt)
  const known = tokenClasses.reduce((sum, one) => sum + BigInt(tokens[one]) * rates[one], 0n)
  const whole = known + BigInt(unknown) * dearest(Object.values(rates))
  return (whole * at.plan.percent + 99n) / 100n
}

function unusable(why: string): Settlement {
  return { is: 'unusable', why }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
