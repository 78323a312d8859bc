// What of an outcome is counted; after it is durable, so that the figures are those of the journal.

import type { Engine } from './engine.ts'
import type { Held } from './held.ts'
import type { Route } from '../model/decision.ts'
import type { Fact } from '../model/journal.ts'
import type { Fate } from '../store/journal.ts'

export function observe(
  engine: Engine,
  held: Held,
  outcome: { facts: readonly Fact[]; fate: Fate; workingMs: number },
): void {
  const { metrics } = engine
  for (const fact of outcome.facts) observeFact(engine, held, fact)
  if (outcome.fate.is !== 'end') return
  metrics.runEnded({ flow: held.flow.name, status: outcome.fate.status, workingMs: outcome.workingMs })
}

function observeFact({ metrics }: Engine, held: Held, fact: Fact): void {
  switch (fact.is) {
    case 'succeeded':
    case 'failed':
      return metrics.stepEnded({
        uses: fact.uses ?? kindOf(held, fact.at.step),
        outcome: fact.is,
        tookMs: fact.tookMs,
      })
    case 'denied':
    case 'skipped':
      return metrics.stepEnded({ uses: kindOf(held, fact.at.step), outcome: fact.is, tookMs: 0 })
    case 'decided':
      return metrics.decided({
        flow: held.flow.name,
        route: fact.route as Route,
        costPicoUsd: BigInt(fact.costPicoUsd),
      })
    default:
  }
}

function kindOf(held: Held, path: string): string {
  const step = held.flow.steps.concat(held.flow.onFailure.steps).find((one) => one.path === path)
  return step?.work.is ?? 'other'
}
