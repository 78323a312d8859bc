// What becomes of a run when nothing is in progress: known at once, it is written together with the outcome that
// brought it about, instead of in a statement of its own.

import type { Engine } from './engine.ts'
import { type Held, note, nowOf, scopeOfHeld } from './held.ts'
import { renderValue } from '../flow/value.ts'
import { recordedError } from '../model/error.ts'
import type { JsonObject } from '../model/json.ts'
import { type Move, next } from '../model/next.ts'
import type { Fate } from '../store/journal.ts'

const none: ReadonlySet<string> = new Set()

/** Notes what follows from the state alone; `go` with the move that is left to follow. */
export function fateOf(engine: Engine, held: Held): Fate {
  for (;;) {
    const move = next(held.flow, held.state, nowOf(engine, held, none))
    switch (move.is) {
      case 'record':
        note(held, move.facts, engine.clock.now())
        break
      case 'park':
        return parking(held, move)
      case 'end':
        return ending(held, move)
      default:
        held.move = move
        return { is: 'go' }
    }
  }
}

export function parking(held: Held, { wakeMs, waiting }: Extract<Move, { is: 'park' }>): Fate {
  return { is: 'park', wakeSeq: held.wakeSeq, wakeMs, waiting }
}

/** The outputs are rendered now; an output that cannot be rendered fails the run. */
export function ending(held: Held, { status, error }: Extract<Move, { is: 'end' }>): Fate {
  if (status !== 'succeeded') return { is: 'end', status, error, outputs: {} }
  try {
    const scope = scopeOfHeld(held, null)
    const entries = Object.entries(held.flow.outputs)
    const outputs: JsonObject = Object.fromEntries(
      entries.map(([name, value]) => [name, renderValue(value, scope)]),
    )
    return { is: 'end', status, error, outputs }
  } catch (thrown) {
    return { is: 'end', status: 'failed', error: recordedError(thrown), outputs: {} }
  }
}
