// How a decision came about, from its record: what was given, which rungs were tried, what each cost.

import type { Context } from './context.ts'
import { count, duration } from './format.ts'
import { type Html, html } from './html.ts'
import { pairs } from './pieces.ts'
import type { Json } from '../model/json.ts'
import { showUsd } from '../model/money.ts'

// The record is written by another part and read here with care: what is not there is not shown.
interface Record {
  readonly prompt?: { readonly path?: string }
  readonly given?: readonly { readonly name?: string; readonly trust?: string; readonly bytes?: number }[]
  readonly choices?: readonly string[]
  readonly passed?: readonly string[]
  readonly tries?: readonly Attempt[]
}

interface Attempt {
  readonly model?: string
  readonly took_ms?: number
  readonly outcome?: { readonly is?: string; readonly why?: string }
  readonly paid?: {
    readonly is?: string
    readonly pico?: string
    readonly tokens?: Readonly<{ [name: string]: Json }>
  }
}

export function decisionBody(context: Context, record: Json): Html | false {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return false
  const { text } = context
  const { prompt, given, choices, passed, tries } = record as Record
  return html`${pairs([
    [text.record.prompt, prompt?.path !== undefined && html`<span class="mono">${prompt.path}</span>`],
    [text.record.choices, choices?.join(' · ')],
  ])}
  ${
    given !== undefined &&
    given.length > 0 &&
    html`<p class="label">${text.record.given}</p>
      <ul class="plain">
        ${given.map((item) => html`<li><span class="mono">${item.name}</span> <span class="source ${item.trust === 'trusted' ? 'trusted' : 'untrusted'}">${item.trust === 'trusted' ? text.trusted : text.untrusted}</span>${item.bytes !== undefined && html` <span class="dim">${text.record.bytes(count(context, item.bytes))}</span>`}</li>`)}
      </ul>`
  }
  ${
    (isFilled(passed) || isFilled(tries)) &&
    html`<p class="label">${text.record.way}</p>
      <ol class="plain">
        ${passed?.map((words) => html`<li class="dim">${words}</li>`)}${tries?.map((one) => attempt(context, one))}
      </ol>`
  }`
}

function isFilled(list: readonly unknown[] | undefined): boolean {
  return list !== undefined && list.length > 0
}

function attempt(context: Context, { model, took_ms: tookMs, outcome, paid }: Attempt): Html {
  const { text } = context
  const tokens = Object.entries(paid?.tokens ?? {}).filter(
    ([, value]) => typeof value === 'number' && value > 0,
  )
  const parts = [
    tookMs === undefined ? '' : duration(context, tookMs),
    ...tokens.map(([name, value]) =>
      text.record.tokens(count(context, Number(value)), name.replaceAll('_', ' ')),
    ),
    costOf(paid?.pico),
    outcome?.is === 'replied' ? '' : (outcome?.why ?? ''),
  ]
  return html`<li>
    <b>${model}</b> <span class="dim">${parts.filter((part) => part !== '').join(' · ')}</span>
  </li>`
}

function costOf(pico: string | undefined): string {
  return pico !== undefined && /^\d{1,30}$/.test(pico) ? showUsd(BigInt(pico)) : ''
}
