// What a token costs, from the dated table in prices.json; a model or a day that is not in it has no price.

import { digestOf } from '../model/digest.ts'
import type { PicoUsd } from '../model/money.ts'
import table from './prices.json' with { type: 'json' }

/** Every token of a request falls in exactly one of these. */
export const tokenClasses = ['input', 'cache_write_5m', 'cache_write_1h', 'cache_read', 'output'] as const
export type TokenClass = (typeof tokenClasses)[number]

/** Pico-USD per token of each class. */
export type Rates = Readonly<Record<TokenClass, PicoUsd>>

interface Band {
  /** Of the whole prompt, cached or not; null: any. */
  readonly promptTokensMax: number | null
  readonly rates: Rates
}

export interface Price {
  readonly model: string
  readonly effectiveFromMs: number
  readonly bands: readonly Band[]
}

/** Names the table in records. */
export const priceTableHash = digestOf(table)

const prices: readonly Price[] = Object.entries(table.models).flatMap(([model, dated]) =>
  dated.map(({ effective_from, bands }) => ({
    model,
    effectiveFromMs: Date.parse(`${effective_from}T00:00:00Z`),
    bands: bands.map((band) => ({ promptTokensMax: band.prompt_tokens_max, rates: ratesOf(band) })),
  })),
)

/** The price of a model on a day; null: unknown, and then the model must not be called. */
export function priceOf(model: string, atMs: number): Price | null {
  const dated = prices.filter((price) => price.model === model && price.effectiveFromMs <= atMs)
  return dated.reduce<Price | null>(
    (latest, price) => (latest === null || price.effectiveFromMs > latest.effectiveFromMs ? price : latest),
    null,
  )
}

/** Data residency in the US costs a tenth more; a workspace may have it as its default. */
export const residencyPercent = 110n

export interface RequestBounds {
  readonly promptTokensMax: number
  readonly outputTokensMax: number
  /** How long prompt-cache entries live that the request may write; null: it has no breakpoint. */
  readonly cacheTtl: '5m' | '1h' | null
}

/** The most that a request can cost: every prompt token at the dearest class it can fall in, all output used. */
export function worstCase(price: Price, bounds: RequestBounds): PicoUsd {
  const possible = price.bands.filter((_, index) => {
    const from = price.bands[index - 1]?.promptTokensMax ?? 0
    return from === null || bounds.promptTokensMax >= from
  })
  const costs = possible.map(({ rates, promptTokensMax }) => {
    const tokens = Math.min(bounds.promptTokensMax, promptTokensMax ?? bounds.promptTokensMax)
    return BigInt(tokens) * inputRate(rates, bounds) + BigInt(bounds.outputTokensMax) * rates.output
  })
  return (dearest(costs) * residencyPercent + 99n) / 100n
}

/** The band of a prompt of so many tokens. */
export function ratesFor(price: Price, promptTokens: number): Rates {
  const band = price.bands.find((one) => one.promptTokensMax === null || promptTokens <= one.promptTokensMax)
  if (band === undefined) throw new Error(`the prices of ${price.model} end at a prompt length`)
  return band.rates
}

export function dearest(rates: readonly PicoUsd[]): PicoUsd {
  return rates.reduce((most, rate) => (rate > most ? rate : most), 0n)
}

function inputRate(rates: Rates, bounds: RequestBounds): PicoUsd {
  const { input, cache_write_5m, cache_write_1h } = rates
  if (bounds.cacheTtl === null) return input
  return dearest([input, cache_write_5m, ...(bounds.cacheTtl === '1h' ? [cache_write_1h] : [])])
}

function ratesOf(band: Readonly<Record<TokenClass, number>>): Rates {
  return {
    input: perToken(band.input),
    cache_write_5m: perToken(band.cache_write_5m),
    cache_write_1h: perToken(band.cache_write_1h),
    cache_read: perToken(band.cache_read),
    output: perToken(band.output),
  }
}

/** USD per million tokens is a count of 10^6 pico-USD per token; prices with more than six decimals do not exist. */
function perToken(usdPerMillion: number): PicoUsd {
  const pico = Math.round(usdPerMillion * 1e6)
  if (Math.abs(pico - usdPerMillion * 1e6) > 1e-3) throw new Error(`a price of ${usdPerMillion} is not exact`)
  return BigInt(pico)
}
