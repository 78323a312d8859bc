// What only the compiled flows can tell the page: their form and their future.

import { flowName } from '../model/id.ts'
import type { Engine } from '../run/engine.ts'
import type { StatusParts } from '../status/parts.ts'
import { slotsBetween } from '../trigger/align.ts'

export function flowLookup(engine: Engine): StatusParts['flows'] {
  return {
    compiled: (version) => engine.flowVersion(version).catch(() => null),
    nextTimes: (flow, trigger, { fromMs, untilMs, max }) => {
      const found = engine
        .head()
        .flows.get(flowName(flow))
        ?.triggers.find((one) => one.id === trigger)
      if (found?.kind !== 'schedule') return []
      return slotsBetween(found, { afterMs: fromMs, untilMs }, max)
    },
  }
}
