// The outside, as the oracle: it remembers every effect that reached it, with its key. Never asks the product.

import type { Action, ActionContext, Probed, Repetition } from '../../runner/model/action.ts'
import type { Json, JsonObject } from '../../runner/model/json.ts'
import type { Risk } from '../../runner/model/risk.ts'
import type { Life } from './life.ts'

export interface Arrival {
  readonly key: string
  /** Which effect it is, whoever asks for it: name of the action and what it is about. */
  readonly effect: string
}

export interface Outside {
  readonly arrivals: readonly Arrival[]
  /** How often an effect happened; repetitions under one key are one for those that are `keyed`. */
  happened(effect: string): number
  keysOf(effect: string): number
  arrive(arrival: Arrival): void
}

export function createOutside(): Outside {
  const arrivals: Arrival[] = []
  const of = (effect: string): Arrival[] => arrivals.filter((one) => one.effect === effect)
  return {
    arrivals,
    happened: (effect) => of(effect).length,
    keysOf: (effect) => new Set(of(effect).map((one) => one.key)).size,
    arrive: (arrival) => void arrivals.push(arrival),
  }
}

export function effectOf(action: string, input: JsonObject): string {
  return `${action} ${JSON.stringify(input['n'] ?? 0)}`
}

interface Kind {
  readonly name: string
  readonly repetition: Repetition
  readonly risk?: Risk
  readonly output?: Json
  readonly probe?: 'looks'
}

/** What the reference flows can do. */
const kinds: readonly Kind[] = [
  { name: 'list.read', repetition: 'read', output: [1, 2, 3] },
  { name: 'mail.send', repetition: 'keyed' },
  { name: 'file.put', repetition: 'idempotent' },
  { name: 'order.place', repetition: 'once' },
  { name: 'order.pay', repetition: 'once', risk: 'high' },
  { name: 'issue.open', repetition: 'once', probe: 'looks' },
]

export const repetitions: ReadonlyMap<string, Repetition> = new Map(
  kinds.map((kind) => [kind.name, kind.repetition]),
)

/** The actions of one life: on their way out and back they pass its points. */
export function actionsOf(life: Life, outside: Outside): Action[] {
  return kinds.map((kind) => actionOf(kind, life, outside))
}

function actionOf(kind: Kind, life: Life, outside: Outside): Action {
  const { name, repetition, risk } = kind
  const run = (input: JsonObject, { key }: ActionContext): Promise<Json> =>
    life.does(name, async () => {
      outside.arrive({ key, effect: effectOf(name, input) })
      return kind.output ?? { n: input['n'] ?? 0 }
    })
  const probe = (input: JsonObject, { key }: ActionContext): Promise<Probed> =>
    life.does(`${name} probe`, async () => {
      const seen = outside.arrivals.some((one) => one.key === key && one.effect === effectOf(name, input))
      return seen ? { happened: true, output: { n: input['n'] ?? 0 } } : { happened: false }
    })
  return {
    name,
    version: 1,
    summary: 'Reaches the outside of a test.',
    input: {
      type: 'object',
      properties: { n: { type: 'integer', default: 0 } },
      additionalProperties: false,
    },
    output: {},
    sinks: { n: 'quantity' },
    repetition: () => repetition,
    floor: () => risk ?? 'low',
    undo: { none: 'a test' },
    describe: (input) => `do ${effectOf(name, input)}`,
    run,
    ...(kind.probe === undefined ? {} : { probe }),
  }
}
