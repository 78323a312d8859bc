// Actions for tests: they record what reached them, which is what tests judge by.

import type { Action, ActionContext, Probed, Repetition } from '../../runner/model/action.ts'
import type { Json, JsonObject } from '../../runner/model/json.ts'
import type { Risk } from '../../runner/model/risk.ts'

export interface Call {
  readonly key: string
  readonly input: JsonObject
  readonly signal: AbortSignal
}

export interface SpyAction extends Action {
  readonly calls: Call[]
}

export interface Spy {
  readonly repetition?: Repetition
  readonly risk?: Risk
  readonly run?: (input: JsonObject, context: ActionContext, calls: readonly Call[]) => Promise<Json>
  readonly probe?: () => Promise<Probed>
}

export function spyAction(name: string, spy: Spy = {}): SpyAction {
  const calls: Call[] = []
  return {
    calls,
    name,
    version: 1,
    summary: 'Records that it was called.',
    input: {
      type: 'object',
      properties: { n: { type: 'integer', default: 7 }, text: { type: 'string' } },
      additionalProperties: false,
    },
    output: {},
    sinks: { n: 'quantity', text: 'text' },
    repetition: () => spy.repetition ?? 'read',
    floor: () => spy.risk ?? 'low',
    undo: { none: 'nothing is left behind' },
    describe: () => `call ${name}`,
    run: async (input, context) => {
      calls.push({ key: context.key, input, signal: context.signal })
      return spy.run === undefined ? { n: calls.length } : spy.run(input, context, calls)
    },
    ...(spy.probe === undefined ? {} : { probe: spy.probe }),
  }
}
