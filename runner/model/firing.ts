// One firing of a trigger: what asks for a run, exactly once by its slot.

import type { Event, TriggerKind } from './event.ts'
import type { JsonObject } from './json.ts'

export interface Firing {
  readonly flow: string
  /** Id of the trigger in the flow; `manual` for a start by hand. */
  readonly trigger: string
  readonly kind: TriggerKind
  /** The same slot twice is one run, for ever. */
  readonly slot: string
  readonly event: Event
  readonly inputs: JsonObject
  /** Who started it, for manual starts: `local:<account>`; else `trigger:<id>`. */
  readonly startedBy: string
  readonly overlap: 'skip' | 'queue' | 'replace' | 'allow'
  /** Of a `call`: the run that calls, and how many calls stand above the new one. */
  readonly parent?: { readonly run: string; readonly depth: number }
}
