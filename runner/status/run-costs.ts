// What a run of a flow costs and takes, from its newest ended runs.

import type { Context } from './context.ts'
import { duration } from './format.ts'
import { type Html } from './html.ts'
import { pairs, section } from './pieces.ts'
import { showUsd } from '../model/money.ts'
import type { RunRow } from '../store/view-runs.ts'

export function runCosts(context: Context, ended: readonly RunRow[]): Html | false {
  if (ended.length === 0) return false
  const { text } = context
  const costs = ended.map((run) => run.costPicoUsd).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const times = ended.map((run) => run.workingMs).sort((a, b) => a - b)
  const money = { half: showUsd(quantile(costs, 0.5) ?? 0n), most: showUsd(quantile(costs, 0.95) ?? 0n) }
  const time = {
    half: duration(context, quantile(times, 0.5) ?? 0),
    most: duration(context, quantile(times, 0.95) ?? 0),
  }
  const body = pairs([
    [text.run.cost, costs.at(-1) === 0n ? text.flow.free : text.flow.usually(money.half, money.most)],
    [text.flow.took, text.flow.usually(time.half, time.most)],
  ])
  return section({ id: 'costs', title: text.flow.costs, note: text.flow.newest(ended.length), body })
}

/** The value below or at which this share of the sorted values lies (nearest rank). */
export function quantile<Value>(sorted: readonly Value[], share: number): Value | undefined {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
}
