// What of an outcome is counted; after it is durable, so that the figures are those of the journal.

import type { Engine } from './engine.ts'
import type { Route } from '../model/decision.ts'
import { type Flow, stepAt } from '../model/flow.ts'
import type { Entry, Fact } from '../model/journal.ts'
import type { Fate } from '../store/journal.ts'

export function observe(
  engine: Engine,
  flow: Flow,
  outcome: { readonly entries: readonly Entry[]; readonly fate: Fate; readonly workingMs: number },
): void {
  const { metrics } = engine
  for (const { fact } of outcome.entries) observeFact(engine, flow, fact)
  if (outcome.fate.is !== 'end') return
  metrics.runEnded({ flow: flow.name, status: outcome.fate.status, workingMs: outcome.workingMs })
}

function observeFact({ metrics }: Engine, flow: Flow, fact: Fact): void {
  switch (fact.is) {
    case 'succeeded':
    case 'failed':
      return metrics.stepEnded({
        uses: fact.uses ?? kindOf(flow, fact.at.step),
        outcome: fact.is,
        tookMs: fact.tookMs,
      })
    case 'denied':
    case 'skipped':
      return metrics.stepEnded({ uses: kindOf(flow, fact.at.step), outcome: fact.is, tookMs: 0 })
    case 'decided':
      return metrics.decided({
        flow: flow.name,
        route: fact.route as Route,
        costPicoUsd: BigInt(fact.costPicoUsd),
      })
    default:
  }
}

function kindOf(flow: Flow, path: string): string {
  return stepAt(flow, path)?.work.is ?? 'other'
}
